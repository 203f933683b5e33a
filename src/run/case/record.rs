//! From an exchange to its record: what a report may show of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::http::{Answer, Exchange, Request, Response, curl_line};
use crate::secret::Secrets;
use crate::verdict::{BodyRecord, ExchangeRecord, HeaderRecord, RequestRecord, ResponseRecord};

/// How many bytes of a body a record keeps whole.
const WHOLE: usize = 64 * 1024;
/// How many bytes it keeps of a longer one.
const CUT: usize = 4 * 1024;

/// The record of an exchange. What is shortened, or was cut off on its way, is masked here; the rest still holds secrets,
/// which [`crate::verdict::MaskedEvent`] takes out.
pub(super) fn exchange_record(step: &str, exchange: &Exchange, secrets: &Secrets) -> ExchangeRecord {
    let (response, trouble) = match &exchange.answer {
        Answer::Complete(response) => (Some(response_record(response, false, secrets)), None),
        Answer::Unusable { defect, cause, partial } => {
            let partial = partial.as_deref().map(|response| response_record(response, true, secrets));
            (partial, Some(join(defect.says(), &cause_shown(cause, secrets))))
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

/// What a cause quotes of an answer may be long, and may have been cut off.
pub(in crate::run) fn cause_shown(cause: &str, secrets: &Secrets) -> String {
    secrets.mask_cut(cause).short(160).into_owned()
}

fn join(what: &str, cause: &str) -> String {
    if cause.is_empty() { what.to_owned() } else { format!("{what}: {cause}") }
}

fn request_record(request: &Request, secrets: &Secrets) -> RequestRecord {
    RequestRecord {
        method: request.method.clone(),
        url: request.url.clone(),
        headers: headers(&request.headers, 1_024, secrets),
        body: request.body.as_deref().map(|body| body_record(body, false, secrets)),
        curl: curl_line(request, &|text| secrets.pieces(text)),
    }
}

fn headers(headers: &[(String, String)], max: usize, secrets: &Secrets) -> Vec<HeaderRecord> {
    let shown = |value: &String| match value.len() <= max {
        true => value.clone(),
        false => secrets.mask(value).short(max).into_owned(),
    };
    headers.iter().map(|(name, value)| HeaderRecord { name: name.clone(), value: shown(value) }).collect()
}

fn response_record(response: &Response, is_cut: bool, secrets: &Secrets) -> ResponseRecord {
    ResponseRecord {
        status: response.status,
        version: response.version.clone(),
        headers: headers(&response.headers, 8 * 1024, secrets),
        body: body_record(&response.body, is_cut, secrets),
    }
}

/// The record of a body; one that isn't text is masked before it is written in base64.
fn body_record(bytes: &[u8], is_cut: bool, secrets: &Secrets) -> BodyRecord {
    if bytes.len() > WHOLE {
        let text = String::from_utf8_lossy(bytes.get(..CUT).unwrap_or(bytes));
        return BodyRecord::Cut { text: secrets.mask_cut(&text).into_owned(), bytes: bytes.len() };
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if is_cut => BodyRecord::Text(secrets.mask_cut(text).into_owned()),
        Ok(text) => BodyRecord::Text(text.to_owned()),
        Err(_) => BodyRecord::Base64(STANDARD.encode(&**secrets.mask_bytes(bytes, is_cut))),
    }
}
