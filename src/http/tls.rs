//! How TLS is spoken, by every transport alike: whom to trust, which certificate to show, which protocols to offer.

use std::sync::{Arc, OnceLock};

use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::{PemObject as _, SectionKind, SliceIter};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::options::{ClientError, ClientOptions};
use super::trust::Trust;

/// The protocols that are offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offer {
    /// HTTP/2 before HTTP/1.1.
    Both,
    /// HTTP/1.1 alone.
    Http1,
}

/// Certificates and key, read; what is made of them is made at the first use, since loading the system's certificates
/// takes tens of milliseconds that plain HTTP need not pay.
pub(super) struct Tls {
    roots: Vec<CertificateDer<'static>>,
    insecure: bool,
    identity: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
    config: OnceLock<Result<Arc<ClientConfig>, String>>,
    http1: OnceLock<Result<Arc<ClientConfig>, String>>,
}

impl Tls {
    /// Reads what the options give.
    ///
    /// # Errors
    /// A certificate or a key isn't usable.
    pub(super) fn read(options: &ClientOptions) -> Result<Self, ClientError> {
        let mut roots = Vec::new();
        for (index, pem) in options.ca_certificates.iter().enumerate() {
            let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
            match found {
                Ok(found) if !found.is_empty() => roots.extend(found),
                _ => return Err(ClientError::CaCertificate(index + 1)),
            }
        }
        let identity = options.identity.as_deref().map(identity).transpose()?;
        Ok(Self { roots, insecure: options.insecure, identity, config: OnceLock::new(), http1: OnceLock::new() })
    }

    /// The configuration that makes this offer.
    ///
    /// # Errors
    /// TLS can't be set up, in words.
    pub(super) fn config(&self, offer: Offer) -> Result<Arc<ClientConfig>, String> {
        let both = self.config.get_or_init(|| self.build().map(Arc::new));
        match offer {
            Offer::Both => both.clone(),
            Offer::Http1 => self.http1.get_or_init(|| both.clone().map(with_http1_alone)).clone(),
        }
    }

    fn build(&self) -> Result<ClientConfig, String> {
        let provider = Arc::new(default_provider());
        let failed = |error: &dyn std::fmt::Display| format!("tls cannot be set up: {error}");
        let trust = Trust::new(&self.roots, self.insecure, Arc::clone(&provider)).map_err(|error| failed(&error))?;
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.map_err(|error| failed(&error))?.dangerous();
        let builder = builder.with_custom_certificate_verifier(Arc::new(trust));
        let mut config = match &self.identity {
            Some((chain, key)) => builder.with_client_auth_cert(chain.clone(), key.clone_key()),
            None => Ok(builder.with_no_client_auth()),
        }
        .map_err(|error| failed(&error))?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }
}

fn with_http1_alone(config: Arc<ClientConfig>) -> Arc<ClientConfig> {
    let mut config = Arc::unwrap_or_clone(config);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
}

/// A chain of certificates, the client's own first, with its key.
fn identity(pem: &[u8]) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), ClientError> {
    let (mut chain, mut last) = (Vec::new(), None);
    for section in SliceIter::<(SectionKind, Vec<u8>)>::new(pem) {
        let (kind, der) = section.map_err(|_| ClientError::Identity)?;
        match kind {
            SectionKind::Certificate => chain.push(der.into()),
            _ => last = Some(PrivateKeyDer::from_pem(kind, der).ok_or(ClientError::Identity)?),
        }
    }
    last.filter(|_| !chain.is_empty()).map(|key| (chain, key)).ok_or(ClientError::Identity)
}
