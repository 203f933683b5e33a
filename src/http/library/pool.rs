//! The pools of connections behind one client: one for each way in which requests can differ on the wire.
//!
//! reqwest fixes TLS, the spelling of header names and the keeping of connections when a client is built, so each
//! combination is a client of its own, built at first use: a plain `http` run never loads trusted certificates.

use std::sync::Arc;

use reqwest::redirect;

use super::super::request::ConnectionUse;
use super::super::tls::Offer;
use super::dial::ConnectLayer;
use super::settings::Settings;
use super::trouble::words;

/// hyper's own limit, for which it needs no allocation.
const HYPER_MAX_HEADERS: usize = 100;

/// What decides which pool a request travels from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) tls: bool,
    pub(super) lower_case: bool,
    pub(super) connection: ConnectionUse,
}

impl Kind {
    /// How many kinds there are.
    pub(super) const COUNT: usize = 8;

    /// A number below [`Kind::COUNT`], another for each kind.
    pub(super) fn index(self) -> usize {
        usize::from(self.tls)
            | usize::from(self.lower_case) << 1
            | usize::from(self.connection == ConnectionUse::Fresh) << 2
    }
}

/// One reqwest client and what is known of its connections.
#[derive(Debug)]
pub(super) struct Pool {
    pub(super) client: reqwest::Client,
    pub(super) dials: ConnectLayer,
}

impl Pool {
    /// Builds the client for a kind of request.
    ///
    /// # Errors
    /// TLS cannot be set up, in words.
    pub(super) fn build(settings: &Settings, kind: Kind) -> Result<Self, String> {
        let options = &settings.options;
        let fresh = kind.connection == ConnectionUse::Fresh;
        let kept = match (fresh, settings.one_connection) {
            (true, _) => 0,
            (false, true) => 1,
            (false, false) => options.idle_connections,
        };
        // Left to itself, reqwest sends a request again only where HTTP/2 says that it was not carried out (RFC 9113, 8.7).
        let mut builder = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .tcp_nodelay(true)
            // Below the deadline, so that a target that cannot be connected to is told from one that does not answer.
            .connect_timeout(options.connect_timeout.min(options.deadline * 3 / 4))
            .pool_idle_timeout(options.idle_timeout)
            .pool_max_idle_per_host(kept);
        if options.max_headers != HYPER_MAX_HEADERS {
            builder = builder.http1_max_headers(options.max_headers);
        }
        // A field counts for its text and 32 bytes (RFC 9113, 6.5.2).
        let list = options.max_head.saturating_add(options.max_headers.saturating_mul(32));
        builder = builder.http2_max_header_list_size(u32::try_from(list).unwrap_or(u32::MAX));
        if !kind.lower_case {
            builder = builder.http1_title_case_headers();
        }
        if let Some(proxy) = &settings.proxy {
            builder = builder.proxy(proxy.clone());
        }
        builder = match kind.tls || settings.proxy_speaks_tls {
            true => builder.tls_backend_preconfigured(Arc::unwrap_or_clone(settings.tls.config(Offer::Both)?)),
            // Loading the system's certificates costs tens of milliseconds, which plain HTTP need not pay.
            false => builder.tls_certs_only([]),
        };
        let dials = if settings.one_connection { ConnectLayer::one_connection() } else { ConnectLayer::default() };
        if !fresh {
            builder = builder.connector_layer(dials.clone());
        }
        let client = builder.build().map_err(|error| words(&error))?;
        Ok(Self { client, dials })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_an_index_of_its_own() {
        let mut seen = [false; Kind::COUNT];
        for tls in [false, true] {
            for lower_case in [false, true] {
                for connection in [ConnectionUse::Shared, ConnectionUse::Fresh] {
                    let index = Kind { tls, lower_case, connection }.index();
                    assert!(!std::mem::replace(&mut seen[index], true));
                }
            }
        }
    }
}
