//! A request as it came in, read off the wire byte by byte.

use std::io::{self, BufRead, Read};

/// The longest head that is read, in bytes.
const HEAD: usize = 64 * 1024;
/// The longest body that is read, in bytes.
const BODY: usize = 64 * 1024 * 1024;

/// A request as it came in.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The method token.
    pub method: String,
    /// What stood behind it: path and query.
    pub target: String,
    /// Names as they were spelt, and values; bytes that are not UTF-8 are replaced.
    pub headers: Vec<(String, String)>,
    /// The body; empty where there was none.
    pub body: Vec<u8>,
    /// The number of the network connection that it came on.
    pub connection: usize,
}

impl Request {
    /// Reads the next request; none where the connection ended before one began.
    ///
    /// # Errors
    /// What is not a request, and what breaks off.
    pub fn read(reader: &mut impl BufRead, connection: usize) -> io::Result<Option<Self>> {
        let mut left = HEAD;
        let Some(first) = line(reader, &mut left)? else { return Ok(None) };
        let mut words = first.splitn(3, ' ').map(str::to_owned);
        let (Some(method), Some(target), Some(_version)) = (words.next(), words.next(), words.next()) else {
            return Err(bad("the first line is no request line"));
        };
        let mut headers = Vec::new();
        loop {
            let line = line(reader, &mut left)?.ok_or_else(|| bad("the head breaks off"))?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').ok_or_else(|| bad("a header has no colon"))?;
            headers.push((name.to_owned(), value.trim_matches([' ', '\t']).to_owned()));
        }
        let mut request = Self { method, target, headers, body: Vec::new(), connection };
        request.body = request.read_body(reader)?;
        Ok(Some(request))
    }

    fn read_body(&self, reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
        if self.value("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
            return chunks(reader);
        }
        let length = self.value("content-length").unwrap_or("0").parse().map_err(|_| bad("the length is no number"))?;
        exactly(reader, length)
    }

    /// The values of one header, in order, whatever the spelling of its name.
    pub fn values(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(candidate, _)| candidate.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// The first value of a header.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values(name).first().copied()
    }

    /// The path, as it was spelt.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// What stood behind the question mark, if there was one.
    pub fn query(&self) -> Option<&str> {
        self.target.split_once('?').map(|(_, query)| query)
    }
}

/// A line without its end; none at the end of the stream.
fn line(reader: &mut impl BufRead, left: &mut usize) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    reader.by_ref().take(*left as u64).read_until(b'\n', &mut bytes)?;
    *left -= bytes.len();
    if bytes.is_empty() && *left > 0 {
        return Ok(None);
    }
    let text = bytes.strip_suffix(b"\n").ok_or_else(|| bad("a line is too long or breaks off"))?;
    Ok(Some(String::from_utf8_lossy(text.strip_suffix(b"\r").unwrap_or(text)).into_owned()))
}

fn exactly(reader: &mut impl BufRead, length: usize) -> io::Result<Vec<u8>> {
    if length > BODY {
        return Err(bad("the body is too long"));
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(body)
}

fn chunks(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let size = chunk_line(reader)?;
        let size = size.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).map_err(|_| bad("the size of a chunk is no number"))?;
        if size == 0 {
            while !chunk_line(reader)?.is_empty() {}
            return Ok(body);
        }
        if body.len() + size > BODY {
            return Err(bad("the body is too long"));
        }
        body.extend(exactly(reader, size)?);
        chunk_line(reader)?;
    }
}

fn chunk_line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut left = HEAD;
    line(reader, &mut left)?.ok_or_else(|| bad("the chunks break off"))
}

fn bad(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Request {
        Request::read(&mut &*bytes, 0).unwrap().unwrap()
    }

    #[test]
    fn a_body_is_read_by_its_length_and_the_next_request_is_left() {
        let mut bytes: &[u8] = b"POST /a?b=c HTTP/1.1\r\nX-A:  1 \r\ncontent-length: 2\r\n\r\nhiGET / HTTP/1.1\r\n\r\n";
        let first = Request::read(&mut bytes, 7).unwrap().unwrap();
        assert_eq!((first.method.as_str(), first.path(), first.query()), ("POST", "/a", Some("b=c")));
        assert_eq!((first.value("x-a"), first.body.as_slice(), first.connection), (Some("1"), b"hi".as_slice(), 7));
        assert_eq!(Request::read(&mut bytes, 7).unwrap().unwrap().method, "GET");
        assert!(Request::read(&mut bytes, 7).unwrap().is_none());
    }

    #[test]
    fn a_body_in_chunks_is_put_together() {
        let body = read(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: 1\r\n\r\n").body;
        assert_eq!(body, b"abc0123456789");
    }

    #[test]
    fn a_head_of_a_token_of_20000_characters_is_read_and_one_of_70000_is_not() {
        let head = |length| format!("GET / HTTP/1.1\r\nX-Auth-Token: {}\r\n\r\n", "t".repeat(length));
        assert_eq!(read(head(20_000).as_bytes()).value("x-auth-token").map(str::len), Some(20_000));
        assert!(Request::read(&mut head(70_000).as_bytes(), 0).is_err());
    }

    #[test]
    fn what_breaks_off_is_an_error() {
        for bytes in
            ["GET /", "GET / HTTP/1.1\r\nA: b\r\n", "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc", "x\r\n\r\n"]
        {
            assert!(Request::read(&mut bytes.as_bytes(), 0).is_err(), "{bytes:?}");
        }
    }
}
