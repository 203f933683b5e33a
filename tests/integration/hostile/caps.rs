//! Targets that send too much.

use super::*;

#[tokio::test]
async fn an_endless_body_is_read_to_the_cap_and_no_further() {
    let address = target_flooding(b"HTTP/1.1 200 OK\r\n\r\n", vec![b'x'; 64 * 1024]).await;
    let exchange = send(&patient(), post(address)).await;
    let (status, body) = assert_unusable(&exchange.answer, Defect::TooLarge, "the limit of --max-body").unwrap();
    assert_eq!((status, body.len()), (200, CAP));
}

#[tokio::test]
async fn endless_chunks_are_read_to_the_cap_and_no_further() {
    let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let address = target_flooding(head, b"5\r\nhello\r\n".repeat(1000)).await;
    let exchange = send(&patient(), post(address)).await;
    let (_, body) = assert_unusable(&exchange.answer, Defect::TooLarge, "the limit of --max-body").unwrap();
    assert_eq!(body.len(), CAP);
}

#[tokio::test]
async fn a_body_that_is_announced_too_large_is_not_read_at_all() {
    for length in ["65537", "9223372036854775807", "99999999999999999999999"] {
        let answer = answer_to(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nxxxx")).await;
        let (status, body) = assert_unusable(&answer, Defect::TooLarge, "announced").unwrap();
        assert_eq!((status, body.len()), (200, 0));
    }
}

#[tokio::test]
async fn a_body_of_exactly_the_cap_is_complete() {
    let body = vec![b'x'; CAP];
    let mut bytes = format!("HTTP/1.1 200 OK\r\nContent-Length: {CAP}\r\n\r\n").into_bytes();
    bytes.extend_from_slice(&body);
    assert_complete(&answer_to(bytes).await, 200, &body);
    let mut unannounced = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    unannounced.extend_from_slice(&body);
    assert_complete(&answer_to(unannounced).await, 200, &body);
}

#[tokio::test]
async fn an_endless_head_ends_at_the_cap() {
    let address = target_flooding(b"HTTP/1.1 200 OK\r\nX-Long: ", vec![b'x'; 64 * 1024]).await;
    assert_unusable(
        &send(&patient(), post(address)).await.answer,
        Defect::TooLarge,
        "the head goes on after 409600 bytes, the limit of --max-head",
    );
}

#[tokio::test]
async fn thousands_of_headers_are_refused_and_a_hundred_are_not() {
    let with = |count: usize| format!("HTTP/1.1 200 OK\r\n{}Content-Length: 0\r\n\r\n", "X-A: b\r\n".repeat(count - 1));
    assert_complete(&answer_to(with(100)).await, 200, b"");
    for count in [101, 5000] {
        assert_unusable(
            &answer_to(with(count)).await,
            Defect::TooLarge,
            "the head has more than 100 fields, the limit of --max-headers",
        );
    }
    let options = ClientOptions { max_headers: 5, ..ClientOptions::default() };
    let client = Client::new(options).unwrap();
    let exchange = send(&client, post(target_sending(with(6)).await)).await;
    assert_unusable(&exchange.answer, Defect::TooLarge, "the head has more than 5 fields");
}

#[tokio::test]
async fn endless_trailers_and_chunk_extensions_end() {
    let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
    let trailers = target_flooding(head, b"X-A: b\r\n".repeat(1000)).await;
    assert_unusable(&send(&patient(), post(trailers)).await.answer, Defect::TooLarge, "the trailers have more than");
    let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;";
    let extension = target_flooding(head, vec![b'x'; 1000]).await;
    assert_unusable(&send(&patient(), post(extension)).await.answer, Defect::TooLarge, "a chunk's first line goes on");
}

#[tokio::test]
async fn a_flood_of_interim_answers_ends_at_the_cap() {
    let address = target_flooding(b"", b"HTTP/1.1 100 Continue\r\n\r\n".repeat(100)).await;
    let answer = send(&patient(), post(address)).await.answer;
    assert_unusable(&answer, Defect::TooLarge, "interim answers go on after 409600 bytes, the limit of --max-head");
}

#[tokio::test]
async fn a_flood_of_empty_lines_ends_at_the_cap() {
    let address = target_flooding(b"", b"\r\n".repeat(1000)).await;
    assert_unusable(&send(&patient(), post(address)).await.answer, Defect::Malformed, "bytes of empty lines");
}
