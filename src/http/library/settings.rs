//! The options that reqwest's clients are built from, read and understood.

use std::sync::Arc;

use reqwest::Proxy;

use super::super::options::{ClientError, ClientOptions};
use super::super::tls::Tls;

/// Options, read and understood.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) options: ClientOptions,
    pub(super) tls: Arc<Tls>,
    pub(super) proxy: Option<Proxy>,
    pub(super) proxy_speaks_tls: bool,
    /// Whether one connection at most is kept.
    pub(super) one_connection: bool,
}

impl Settings {
    pub(super) fn read(options: &ClientOptions, tls: Arc<Tls>) -> Result<Self, ClientError> {
        let text = options.proxy.as_deref();
        let proxy = text.map(Proxy::all).transpose().map_err(|_| ClientError::Proxy)?;
        let proxy_speaks_tls = text.is_some_and(|text| text.trim_start().to_ascii_lowercase().starts_with("https:"));
        Ok(Self { options: options.clone(), tls, proxy, proxy_speaks_tls, one_connection: false })
    }
}
