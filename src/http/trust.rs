//! Whom to trust: the system's authorities, what is given besides, or anybody. And what TLS failed of, in words.

use std::io;
use std::sync::Arc;

use rustls_platform_verifier::Verifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::client::verify_server_name;
use tokio_rustls::rustls::crypto::CryptoProvider;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// Judges what targets show.
#[derive(Debug)]
pub(super) struct Trust {
    verifier: Verifier,
    /// Certificates that are trusted besides the system's.
    given: Vec<CertificateDer<'static>>,
    /// Whether everybody is trusted.
    insecure: bool,
}

impl Trust {
    /// # Errors
    /// A certificate is of no use, or the system's can't be read.
    pub(super) fn new(
        given: &[CertificateDer<'static>],
        insecure: bool,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, Error> {
        let verifier = Verifier::new_with_extra_roots(given.iter().cloned(), provider)?;
        Ok(Self { verifier, given: given.to_vec(), insecure })
    }

    /// Whether a certificate that is its own authority, as `openssl req -x509` makes them, may stand for a server: where it
    /// was given itself. That it is valid now was looked at before its being an authority was.
    fn is_given_for(&self, certificate: &CertificateDer<'_>, name: &ServerName<'_>) -> Result<bool, Error> {
        if !self.given.iter().any(|given| given.as_ref() == certificate.as_ref()) {
            return Ok(false);
        }
        let named = verify_server_name(&ParsedCertificate::try_from(certificate)?, name);
        match named {
            Err(_) if is_common_name(certificate, name) => Ok(true),
            named => named.map(|()| true),
        }
    }
}

/// Whether a certificate without alternative names has this as its common name.
fn is_common_name(certificate: &CertificateDer<'_>, name: &ServerName<'_>) -> bool {
    let Ok((_, certificate)) = X509Certificate::from_der(certificate) else { return false };
    let mut names = certificate.subject().iter_common_name().filter_map(|name| name.as_str().ok());
    let is_alone = matches!(certificate.subject_alternative_name(), Ok(None));
    is_alone && names.any(|common| common.eq_ignore_ascii_case(&name.to_str()))
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.insecure {
            return Ok(ServerCertVerified::assertion());
        }
        let refused = match self.verifier.verify_server_cert(certificate, intermediates, name, ocsp_response, now) {
            Ok(verified) => return Ok(verified),
            Err(refused) => refused,
        };
        match is_about_kind_or_name(&refused) && self.is_given_for(certificate, name)? {
            true => Ok(ServerCertVerified::assertion()),
            false => Err(refused),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if self.insecure {
            return Ok(HandshakeSignatureValid::assertion());
        }
        self.verifier.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if self.insecure {
            return Ok(HandshakeSignatureValid::assertion());
        }
        self.verifier.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

/// Whether a certificate was refused as an authority's, or for its names. Both are looked at after the time for which it is
/// valid, so one that has expired is refused for that.
fn is_about_kind_or_name(refused: &Error) -> bool {
    use CertificateError as Flaw;
    match refused {
        Error::InvalidCertificate(Flaw::NotValidForName | Flaw::NotValidForNameContext { .. }) => true,
        Error::InvalidCertificate(flaw) => is_about_kind(flaw),
        _ => false,
    }
}

/// Whether a certificate was refused as an authority's.
fn is_about_kind(flaw: &CertificateError) -> bool {
    matches!(flaw, CertificateError::Other(other) if other.to_string() == "CaUsedAsEndEntity")
}

/// What TLS failed of, where that is what an error of the connection holds.
pub(super) fn words_within(error: &io::Error) -> Option<String> {
    error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()).map(words)
}

/// What TLS failed of.
fn words(error: &Error) -> String {
    use CertificateError as Flaw;
    match error {
        Error::InvalidCertificate(flaw) => match flaw {
            Flaw::Expired | Flaw::ExpiredContext { .. } => "its certificate has expired".to_owned(),
            Flaw::NotValidYet | Flaw::NotValidYetContext { .. } => "its certificate is not valid yet".to_owned(),
            Flaw::NotValidForName | Flaw::NotValidForNameContext { .. } => {
                "its certificate is for another host name".to_owned()
            }
            Flaw::UnknownIssuer => "its certificate comes from an unknown authority".to_owned(),
            flaw if is_about_kind(flaw) => {
                "its certificate is that of an authority, and was not given itself".to_owned()
            }
            other => format!("its certificate can't be used: {other}"),
        },
        Error::InvalidMessage(_) => "https to a port that speaks http, or something else without TLS".to_owned(),
        other => other.to_string(),
    }
}

/// What stands in an answer to a request that went without TLS to a port that speaks it: an alert.
pub(super) fn is_tls(bytes: &[u8]) -> bool {
    matches!(bytes, [0x15, 0x03, 0x00..=0x04, ..])
}
