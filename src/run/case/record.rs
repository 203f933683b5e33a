//! From an exchange to its record: what a report may show of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::http::{Answer, Exchange, Request, Response, curl_line};
use crate::secret::Secrets;
use crate::text::shorten;
use crate::verdict::{BodyRecord, ExchangeRecord, HeaderRecord, RequestRecord, ResponseRecord};

/// How many bytes of a body a record keeps whole.
const WHOLE: usize = 64 * 1024;
/// How many bytes it keeps of a longer one.
const CUT: usize = 4 * 1024;

/// The record of an exchange. Secrets are still in it, but for the curl line; [`crate::verdict::Event::masked`]
/// takes them out.
pub(super) fn exchange_record(step: &str, exchange: &Exchange, secrets: &Secrets) -> ExchangeRecord {
    let (response, trouble) = match &exchange.answer {
        Answer::Complete(response) => (Some(response_record(response)), None),
        Answer::Unusable { defect, cause, partial } => {
            (partial.as_deref().map(response_record), Some(join(defect.says(), &cause_shown(cause, secrets))))
        }
        Answer::Unreachable { cause } => (None, Some(join("the target can't be reached", cause))),
    };
    ExchangeRecord {
        step: step.to_owned(),
        request: request_record(&exchange.request, secrets),
        response,
        trouble,
        elapsed_ms: exchange.elapsed.as_secs_f64() * 1_000.0,
        resent: exchange.resent,
    }
}

/// What a cause quotes of an answer may be long. What is cut off it leaves no part of a secret behind, since it is masked
/// before.
pub(in crate::run) fn cause_shown(cause: &str, secrets: &Secrets) -> String {
    shorten(&secrets.mask(cause), 160).into_owned()
}

fn join(what: &str, cause: &str) -> String {
    if cause.is_empty() { what.to_owned() } else { format!("{what}: {cause}") }
}

fn request_record(request: &Request, secrets: &Secrets) -> RequestRecord {
    RequestRecord {
        method: request.method.clone(),
        url: request.url.clone(),
        headers: headers(&request.headers, 1_024),
        body: request.body.as_deref().map(body_record),
        curl: curl_line(request, &|text| secrets.pieces(text)),
    }
}

fn headers(headers: &[(String, String)], max: usize) -> Vec<HeaderRecord> {
    let record =
        |(name, value): &(String, String)| HeaderRecord { name: name.clone(), value: shorten(value, max).into_owned() };
    headers.iter().map(record).collect()
}

fn response_record(response: &Response) -> ResponseRecord {
    ResponseRecord {
        status: response.status,
        version: response.version.clone(),
        headers: headers(&response.headers, 8 * 1024),
        body: body_record(&response.body),
    }
}

fn body_record(bytes: &[u8]) -> BodyRecord {
    if bytes.len() > WHOLE {
        let text = String::from_utf8_lossy(bytes.get(..CUT).unwrap_or(bytes)).into_owned();
        return BodyRecord::Cut { text, bytes: bytes.len() };
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => BodyRecord::Text(text.to_owned()),
        Err(_) => BodyRecord::Base64(STANDARD.encode(bytes)),
    }
}
