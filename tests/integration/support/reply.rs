//! What goes back, down to the byte.

use std::time::Duration;

use serde_json::Value;

/// What a server does with a request.
#[derive(Debug, Clone)]
pub enum Reply {
    /// Answers in HTTP; the connection stays open unless the message says otherwise.
    Message(Message),
    /// Sends these bytes and closes.
    Bytes(Vec<u8>),
    /// Sends these bytes and no more, and keeps the connection until the other side or the server goes.
    Beginning(Vec<u8>),
    /// Sends the head, then the same piece again and again until the other side or the server goes.
    Endless {
        /// What comes first.
        head: Vec<u8>,
        /// What comes again and again.
        piece: Vec<u8>,
        /// How long each waits for the next.
        pause: Duration,
    },
    /// Never answers, and keeps the connection until the other side or the server goes.
    Silence,
    /// The whole server goes, without another word on any connection.
    Death,
}

/// How the other side learns where a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// By its length.
    Length,
    /// By its length, stated so many bytes too long.
    TooLong(usize),
    /// In chunks of at most so many bytes.
    Chunks(usize),
}

/// An answer in HTTP.
#[derive(Debug, Clone)]
pub struct Message {
    /// The status code.
    pub status: u16,
    /// Name and value as they are sent.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// How its end is told.
    pub framing: Framing,
    /// Whether the connection is closed afterwards.
    pub close: bool,
}

impl Message {
    /// An answer without headers or body.
    pub fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), framing: Framing::Length, close: false }
    }

    /// An answer in JSON.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::new(status).with_header("Content-Type", "application/json").with_body(body.to_string())
    }

    /// The same with one more header.
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The same with this body.
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The body as JSON, changed.
    pub fn with_json(self, change: impl FnOnce(&mut Value)) -> Self {
        let mut value = serde_json::from_slice(&self.body).unwrap_or_default();
        change(&mut value);
        self.with_body(value.to_string())
    }

    /// The bytes that answer a request with this method.
    pub fn bytes(&self, method: &str) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} \r\n", self.status);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        if self.close {
            head += "connection: close\r\n";
        }
        let bodiless = self.status == 204 || self.status == 304;
        match self.framing {
            _ if bodiless => {}
            Framing::Length => head += &format!("content-length: {}\r\n", self.body.len()),
            Framing::TooLong(more) => head += &format!("content-length: {}\r\n", self.body.len() + more),
            Framing::Chunks(_) => head += "transfer-encoding: chunked\r\n",
        }
        let mut bytes = (head + "\r\n").into_bytes();
        match self.framing {
            _ if bodiless || method == "HEAD" => {}
            Framing::Length | Framing::TooLong(_) => bytes.extend(&self.body),
            Framing::Chunks(size) => {
                let line = |length: usize| format!("{length:X};part\r\n");
                let (whole, last) = (line(size), line(self.body.len() % size));
                for chunk in self.body.chunks(size) {
                    let line = if chunk.len() == size { &whole } else { &last };
                    bytes.extend_from_slice(line.as_bytes());
                    bytes.extend_from_slice(chunk);
                    bytes.extend_from_slice(b"\r\n");
                }
                bytes.extend(b"0\r\n\r\n");
            }
        }
        bytes
    }
}

impl From<Message> for Reply {
    fn from(message: Message) -> Self {
        Self::Message(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(message: &Message, method: &str) -> String {
        String::from_utf8(message.bytes(method)).unwrap()
    }

    #[test]
    fn a_message_is_framed_as_asked() {
        let mut message = Message::new(200).with_body("abc");
        assert_eq!(text(&message, "GET"), "HTTP/1.1 200 \r\ncontent-length: 3\r\n\r\nabc");
        message.framing = Framing::TooLong(5);
        assert_eq!(text(&message, "GET"), "HTTP/1.1 200 \r\ncontent-length: 8\r\n\r\nabc");
        message.framing = Framing::Chunks(2);
        let chunked = "HTTP/1.1 200 \r\ntransfer-encoding: chunked\r\n\r\n2;part\r\nab\r\n1;part\r\nc\r\n0\r\n\r\n";
        assert_eq!(text(&message, "GET"), chunked);
    }

    #[test]
    fn no_body_follows_on_head_or_204() {
        assert_eq!(text(&Message::new(200).with_body("abc"), "HEAD"), "HTTP/1.1 200 \r\ncontent-length: 3\r\n\r\n");
        assert_eq!(text(&Message::new(204).with_body("abc"), "DELETE"), "HTTP/1.1 204 \r\n\r\n");
    }
}
