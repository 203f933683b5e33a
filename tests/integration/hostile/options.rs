//! What a client can be told.

use super::*;

#[test]
fn what_is_not_usable_is_refused_before_anything_is_sent() {
    let refusal = |options| Client::new(options).unwrap_err();
    let base = ClientOptions::default;
    assert_eq!(refusal(ClientOptions { proxy: Some("http://u:hunter2@[".into()), ..base() }), ClientError::Proxy);
    let certificates = vec![b"no pem".to_vec()];
    assert_eq!(refusal(ClientOptions { ca_certificates: certificates, ..base() }), ClientError::CaCertificate(1));
    assert_eq!(refusal(ClientOptions { identity: Some(b"no pem".to_vec()), ..base() }), ClientError::Identity);
    assert!(matches!(refusal(ClientOptions { deadline: Duration::ZERO, ..base() }), ClientError::Zero(_)));
}

#[test]
fn debug_shows_neither_proxy_nor_key() {
    let options = ClientOptions { proxy: Some("http://u:hunter2@h:1".into()), ..ClientOptions::default() };
    assert!(!format!("{options:?} {:?}", Client::new(options.clone()).unwrap()).contains("hunter2"));
}

#[tokio::test]
async fn a_proxy_gets_the_request_with_its_own_credentials_and_nobody_else_does() {
    let address = target(|mut stream| async move {
        let request = read_request(&mut stream).await.unwrap_or_default();
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{request}", request.len());
        let _ = stream.write_all(answer.as_bytes()).await;
    })
    .await;
    let proxy = Some(format!("http://u:p@{address}"));
    let client = Client::new(ClientOptions { proxy, ..ClientOptions::default() }).unwrap();
    let request = Request { url: "http://target.invalid/a".into(), ..post(address) };
    let exchange = send(&client, request).await;
    let seen = String::from_utf8_lossy(&exchange.answer.response().unwrap().body).into_owned();
    assert!(seen.starts_with("POST http://target.invalid/a HTTP/1.1\r\n"), "{seen}");
    assert!(seen.contains("Proxy-Authorization: Basic dTpw\r\n"), "{seen}");
}
