//! The transport for HTTP/2 and for proxies: reqwest, with deadline and cap, and with what it gives put into our words.

mod arrived;
mod dial;
mod pool;
mod settings;
mod translate;
mod trouble;

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use http::header::{CONNECTION, CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};
use tokio::time::timeout_at;

use super::exchange::{Answer, Defect};
use super::options::{ClientError, ClientOptions};
use super::request::{ConnectionUse, Request};
use super::tls::Tls;
use arrived::Arrived;
use dial::watched;
use pool::{Kind, Pool};
use settings::Settings;
use translate::translate;
use trouble::{NoResponse, port_of};

/// Sends requests through reqwest.
pub(super) struct Transport {
    settings: Settings,
    pools: [OnceLock<Result<Pool, String>>; Kind::COUNT],
}

impl Transport {
    /// Reads the options.
    ///
    /// # Errors
    /// The proxy isn't usable.
    pub(super) fn new(options: &ClientOptions, tls: Arc<Tls>) -> Result<Self, ClientError> {
        Settings::read(options, tls).map(Self::with)
    }

    /// One with the same options that keeps at most one connection, and none of this one's.
    pub(super) fn own(&self) -> Self {
        Self::with(Settings { one_connection: true, ..self.settings.clone() })
    }

    /// One with the same options and none of this one's connections.
    pub(super) fn apart(&self) -> Self {
        Self::with(self.settings.clone())
    }

    fn with(settings: Settings) -> Self {
        Self { settings, pools: std::array::from_fn(|_| OnceLock::new()) }
    }

    /// Whether every request goes through a proxy.
    pub(super) fn has_proxy(&self) -> bool {
        self.settings.proxy.is_some()
    }

    /// Sends a request and reads the answer.
    pub(super) async fn send(
        &self,
        request: &Request,
        connection: ConnectionUse,
        (deadline, limit): (Instant, Duration),
    ) -> Answer {
        let mut arrived = Arrived::default();
        let conversation = self.converse(request, connection, &mut arrived);
        let trouble = match timeout_at(deadline.into(), conversation).await {
            Ok(Ok(())) => None,
            Ok(Err(trouble)) => Some(trouble),
            Err(_) => Some(NoResponse::unusable(Defect::Deadline, arrived.by_the_deadline(limit))),
        };
        let response = arrived.into_response();
        match (response, trouble) {
            (_, Some(NoResponse::Unreachable { cause })) => Answer::Unreachable { cause },
            (partial, Some(NoResponse::Unusable { defect, cause })) => {
                Answer::Unusable { defect, cause, partial: partial.map(Box::new) }
            }
            (Some(response), None) => Answer::Complete(response),
            (None, None) => {
                let cause = "no head of an answer arrived".to_owned();
                Answer::Unusable { defect: Defect::ClosedEarly, cause, partial: None }
            }
        }
    }

    async fn converse(
        &self,
        request: &Request,
        connection: ConnectionUse,
        arrived: &mut Arrived,
    ) -> Result<(), NoResponse> {
        let translated = translate(request).map_err(|error| NoResponse::Unreachable { cause: error.to_string() })?;
        // reqwest spells all names of a client alike.
        let lower_case = !request.header_case.lower_names().is_empty();
        let kind = Kind { tls: translated.url().scheme() == "https", lower_case, connection };
        let pool = self.pool(kind)?;
        let mut response = match watched(pool.client.execute(translated)).await {
            (Ok(response), _) => response,
            (Err(error), dialled) => {
                // Another connection than the one it dialled, or no dialling at all: it was a kept-alive one.
                let dialled_it = dialled.is_some() && port_of(&error).is_none_or(|port| dialled == Some(port));
                let kept_alive = connection == ConnectionUse::Shared && !dialled_it;
                return Err(NoResponse::before_head(&error, kept_alive));
            }
        };
        let comes_back = keeps_alive(&response);
        *arrived = Arrived::head(&response);
        if let Some(cause) = contradiction(response.headers()) {
            return Err(NoResponse::unusable(Defect::Malformed, cause));
        }
        arrived.read(&mut response, &self.settings.options).await?;
        pool.dials.expect(comes_back);
        Ok(())
    }

    fn pool(&self, kind: Kind) -> Result<&Pool, NoResponse> {
        let unreachable = |cause: &str| NoResponse::Unreachable { cause: cause.to_owned() };
        let Some(slot) = self.pools.get(kind.index()) else { return Err(unreachable("there is no such pool")) };
        slot.get_or_init(|| Pool::build(&self.settings, kind)).as_ref().map_err(|cause| unreachable(cause))
    }
}

/// How the head of an answer contradicts itself about the body, where hyper lets it pass.
fn contradiction(headers: &HeaderMap) -> Option<&'static str> {
    (headers.contains_key(TRANSFER_ENCODING) && headers.contains_key(CONTENT_LENGTH))
        .then_some("both Transfer-Encoding and Content-Length")
}

/// Whether the connection ought to be usable again after this answer.
fn keeps_alive(response: &reqwest::Response) -> bool {
    response.version() == http::Version::HTTP_11
        && !response.headers().get_all(CONNECTION).iter().any(|value| {
            value.to_str().is_ok_and(|text| text.split(',').any(|part| part.trim().eq_ignore_ascii_case("close")))
        })
}
