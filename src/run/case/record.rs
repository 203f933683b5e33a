//! From exchanges to their records: what a report may show of them. Whatever a target sends, the records of one case are
//! bounded.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::http::{Answer, Exchange, Request, Response, curl_line};
use crate::secret::Secrets;
use crate::verdict::{BodyRecord, ExchangeRecord, HeaderRecord, RequestRecord, ResponseRecord, UNREACHABLE};

/// How many bytes of a body a record keeps whole.
const WHOLE: usize = 64 * 1024;
/// How many bytes it keeps of a longer one.
const CUT: usize = 4 * 1024;
/// How many bytes of header fields it keeps, on either side.
const HEADERS: usize = 16 * 1024;
/// The most characters of a field's name where the fields are too long to be kept as they are.
const NAME: usize = 256;
/// How many bytes of a command line it keeps.
const CURL: usize = 64 * 1024;
/// How many bytes the records of one case keep before the rest gets [`LITTLE`] each.
const ROOM: usize = 256 * 1024;
/// How many bytes of a body, and of header fields, a record keeps when the room of its case is taken.
const LITTLE: usize = 256;

/// The records of the exchanges of one case, with the names of their steps; those that come first among `telling`, which are
/// indices, take their room first. What is shortened, or was cut off on its way, is masked here; the rest still holds
/// secrets, which [`crate::verdict::MaskedEvent`] takes out.
pub(super) fn exchange_records<'e>(
    exchanges: impl Iterator<Item = (&'e str, &'e Exchange)>,
    telling: impl Iterator<Item = usize>,
    secrets: &Secrets,
) -> Vec<ExchangeRecord> {
    let exchanges: Vec<_> = exchanges.collect();
    let mut records: Vec<Option<ExchangeRecord>> = exchanges.iter().map(|_| None).collect();
    let mut recorder = Recorder { secrets, room: ROOM };
    for index in telling.chain(0..exchanges.len()) {
        if let (Some(place @ None), Some((step, exchange))) = (records.get_mut(index), exchanges.get(index)) {
            *place = Some(recorder.exchange(step, exchange));
        }
    }
    records.into_iter().flatten().collect()
}

/// What a cause quotes of an answer may be long, and may have been cut off.
pub(in crate::run) fn cause_shown(cause: &str, secrets: &Secrets) -> String {
    secrets.mask_cut(cause).short(160).into_owned()
}

fn join(what: &str, cause: &str) -> String {
    if cause.is_empty() { what.to_owned() } else { format!("{what}: {cause}") }
}

/// Records the exchanges of one case.
struct Recorder<'s> {
    secrets: &'s Secrets,
    /// How many bytes there is room for.
    room: usize,
}

impl Recorder<'_> {
    fn exchange(&mut self, step: &str, exchange: &Exchange) -> ExchangeRecord {
        let (response, trouble) = match &exchange.answer {
            Answer::Complete(response) => (Some(self.response(response, false)), None),
            Answer::Unusable { defect, cause, partial } => {
                let partial = partial.as_deref().map(|response| self.response(response, true));
                (partial, Some(join(defect.says(), &cause_shown(cause, self.secrets))))
            }
            Answer::Unreachable { cause } => (None, Some(join(UNREACHABLE, cause))),
        };
        ExchangeRecord {
            step: step.to_owned(),
            request: self.request(&exchange.request),
            response,
            trouble,
            elapsed_ms: exchange.elapsed.as_secs_f64() * 1_000.0,
            resent: exchange.resent,
        }
    }

    fn request(&mut self, request: &Request) -> RequestRecord {
        let secrets = self.secrets;
        let mut curl = curl_line(request, &|text| secrets.pieces(text));
        if curl.len() > self.room.min(CURL) {
            // Half a command would send something else.
            curl = format!(
                "# a curl command of {} bytes, which is not kept; a run with this seed sends it again",
                curl.len()
            );
        }
        self.take(curl.len());
        RequestRecord {
            method: request.method.clone(),
            url: request.url.clone(),
            headers: self.headers(&request.headers, 1_024),
            body: request.body.as_deref().map(|body| self.body(body, body.len(), false)),
            curl,
        }
    }

    fn response(&mut self, response: &Response, is_cut: bool) -> ResponseRecord {
        ResponseRecord {
            status: response.status,
            version: response.version.clone(),
            headers: self.headers(&response.headers, 8 * 1024),
            body: self.body(&response.body, response.received(), is_cut),
        }
    }

    /// As many fields as there is room for, and how many there are besides.
    fn headers(&mut self, headers: &[(String, String)], max: usize) -> Vec<HeaderRecord> {
        let mut room = self.room.clamp(LITTLE, HEADERS);
        let mut records: Vec<HeaderRecord> = Vec::new();
        for (index, (name, value)) in headers.iter().enumerate() {
            if room == 0 {
                let value = format!("{} more header fields are not kept", headers.len() - index);
                records.push(HeaderRecord { name: "…".to_owned(), value });
                break;
            }
            let name = self.shortened(name, if name.len() > room { NAME } else { usize::MAX });
            let left = room.saturating_sub(name.len());
            let value = self.shortened(value, max.min(left.max(1)));
            let taken = name.len() + value.len();
            room = room.saturating_sub(taken);
            self.take(taken);
            records.push(HeaderRecord { name, value });
        }
        records
    }

    fn shortened(&self, text: &str, max: usize) -> String {
        match text.len() <= max {
            true => text.to_owned(),
            false => self.secrets.shortened(text, max),
        }
    }

    /// The record of a body that had so many bytes; one that isn't text is masked before it is written in base64.
    fn body(&mut self, bytes: &[u8], length: usize, is_cut: bool) -> BodyRecord {
        let record = if length > WHOLE || length > self.room.max(LITTLE) {
            let kept = self.room.clamp(LITTLE, CUT);
            let text = String::from_utf8_lossy(bytes.get(..kept).unwrap_or(bytes));
            BodyRecord::Cut { text: self.secrets.mask_cut(&text).into_owned(), bytes: length }
        } else {
            match std::str::from_utf8(bytes) {
                Ok(text) if is_cut => BodyRecord::Text(self.secrets.mask_cut(text).into_owned()),
                Ok(text) => BodyRecord::Text(text.to_owned()),
                Err(_) => BodyRecord::Base64(STANDARD.encode(&**self.secrets.mask_bytes(bytes, is_cut))),
            }
        };
        self.take(length.min(WHOLE));
        record
    }

    fn take(&mut self, bytes: usize) {
        self.room = self.room.saturating_sub(bytes);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use bytes::Bytes;

    use super::*;
    use crate::http::{ConnectionUse, HeaderCase};

    fn exchange(headers: Vec<(String, String)>, body: usize) -> Exchange {
        let request = Request {
            method: "POST".to_owned(),
            url: "http://127.0.0.1/".to_owned(),
            headers: Vec::new(),
            body: None,
            header_case: HeaderCase::default(),
            connection: ConnectionUse::Shared,
        };
        let response = Response::new(200, "HTTP/1.1".to_owned(), headers, Bytes::from(vec![b'x'; body]));
        Exchange::new(Arc::new(request), Answer::Complete(response), Duration::ZERO)
    }

    fn records(exchanges: &[Exchange], telling: &[usize]) -> Vec<ResponseRecord> {
        let named = exchanges.iter().map(|exchange| ("1", exchange));
        let records = exchange_records(named, telling.iter().copied(), &Secrets::new());
        records.into_iter().filter_map(|record| record.response).collect()
    }

    fn headers(count: usize, length: usize) -> Vec<(String, String)> {
        (0..count).map(|number| (format!("x-{number}"), "h".repeat(length))).collect()
    }

    #[test]
    fn headers_of_an_ordinary_answer_are_kept_as_they_are() {
        let kept = &records(&[exchange(headers(30, 300), 1)], &[])[0].headers;
        assert_eq!(kept.len(), 30);
        assert!(kept.iter().all(|header| header.value.len() == 300));
    }

    #[test]
    fn headers_beyond_16_kib_are_cut_and_counted() {
        let length = |kept: &[HeaderRecord]| kept.iter().map(|header| header.name.len() + header.value.len()).sum();
        for sent in [headers(95, 3_900), headers(1, 390_000), vec![("n".repeat(390_000), "v".to_owned()); 2]] {
            let kept = &records(&[exchange(sent, 1)], &[])[0].headers;
            let length: usize = length(kept);
            assert!(length < HEADERS + 100, "{length}");
        }
        let kept = &records(&[exchange(headers(95, 3_900), 1)], &[])[0].headers;
        assert_eq!(kept.last().unwrap().name, "…");
        assert_eq!(kept.last().unwrap().value, format!("{} more header fields are not kept", 95 - kept.len() + 1));
    }

    #[test]
    fn the_records_of_one_case_are_bounded_and_the_telling_ones_come_first() {
        let exchanges: Vec<Exchange> = (0..200).map(|_| exchange(headers(95, 3_900), WHOLE)).collect();
        let kept = records(&exchanges, &[150]);
        assert_eq!(kept.len(), 200);
        let size = |record: &ResponseRecord| serde_json::to_string(record).unwrap().len();
        assert!(matches!(kept[150].body, BodyRecord::Text(_)));
        assert!(matches!(kept[199].body, BodyRecord::Cut { bytes: WHOLE, .. }));
        let all: usize = kept.iter().map(size).sum();
        assert!(all < ROOM + 200 * 1_000, "{all}");
    }
}
