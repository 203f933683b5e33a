//! What has arrived of an answer through reqwest.

use std::time::Duration;

use bytes::BytesMut;

use super::super::exchange::{Defect, Response};
use super::super::options::ClientOptions;
use super::trouble::NoResponse;

/// What has arrived of an answer so far.
#[derive(Default)]
pub(super) struct Arrived {
    head: Option<Head>,
    /// Copied out of the connection's buffer, which would else be kept alive, and could not be used again.
    body: BytesMut,
}

struct Head {
    status: u16,
    version: String,
    headers: Vec<(String, String)>,
}

impl Arrived {
    pub(super) fn head(response: &reqwest::Response) -> Self {
        let headers = response.headers().iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        });
        let head = Head {
            status: response.status().as_u16(),
            version: format!("{:?}", response.version()),
            headers: headers.collect(),
        };
        Self { head: Some(head), ..Self::default() }
    }

    /// Reads the body to its end, or to the limit.
    pub(super) async fn read(
        &mut self,
        response: &mut reqwest::Response,
        options: &ClientOptions,
    ) -> Result<(), NoResponse> {
        self.measure(options)?;
        let cap = options.cap;
        let cap_in_u64 = u64::try_from(cap).unwrap_or(u64::MAX);
        if let Some(length) = response.content_length().filter(|length| *length > cap_in_u64) {
            let cause = format!("the body is announced with {length} bytes, over {cap}, the limit of --max-body");
            return Err(NoResponse::unusable(Defect::TooLarge, cause));
        }
        self.body.reserve(response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0));
        while let Some(chunk) = response.chunk().await.map_err(|error| NoResponse::in_body(&error))? {
            let room = cap.saturating_sub(self.body.len());
            self.body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
            if chunk.len() > room {
                return Err(NoResponse::unusable(
                    Defect::TooLarge,
                    format!("the body goes on after {cap} bytes, the limit of --max-body"),
                ));
            }
        }
        Ok(())
    }

    /// Holds the head against our limits, which the library has for HTTP/1.1 alone, or counts otherwise.
    fn measure(&self, options: &ClientOptions) -> Result<(), NoResponse> {
        let Some(head) = &self.head else { return Ok(()) };
        let (most, longest) = (options.max_headers, options.max_head);
        let length: usize = head.headers.iter().map(|(name, value)| name.len() + ": \r\n".len() + value.len()).sum();
        let cause = if head.headers.len() > most {
            format!("the head has more than {most} fields, the limit of --max-headers")
        } else if length > longest {
            format!("the head has more than {longest} bytes, the limit of --max-head")
        } else {
            return Ok(());
        };
        Err(NoResponse::unusable(Defect::TooLarge, cause))
    }

    pub(super) fn by_the_deadline(&self, deadline: Duration) -> String {
        match &self.head {
            None => format!("no complete head of an answer arrived within {deadline:?}"),
            Some(_) => format!("the head and {} bytes of the body arrived within {deadline:?}", self.body.len()),
        }
    }

    pub(super) fn into_response(self) -> Option<Response> {
        let body = self.body.freeze();
        self.head.map(|head| Response::new(head.status, head.version, head.headers, body))
    }
}
