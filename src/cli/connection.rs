//! How a target is connected to: time limits, proxy, certificates and extra headers, made ready for the client.

use std::path::Path;

use secrecy::ExposeSecret as _;

use super::failure::Failure;
use super::files;
use super::headers::is_credential;
use super::inputs::register;
use super::options::Options;
use super::options::value::password;
use super::origin::{Input, Origin};
use super::value_ref::ValueRef;
use crate::http::{Client, ClientError, ClientOptions, JsonLimits};
use crate::secret::Secrets;
use crate::suite::Suite;

/// The largest certificate file that is read, in bytes.
const LARGEST: u64 = 1024 * 1024;
/// So many extra headers a request may get. Servers take a hundred or so altogether.
const MOST_HEADERS: usize = 64;
/// So many bytes their names and values may have together. Servers take a head of some 8 KiB to 32 KiB.
const MOST_HEADER_BYTES: usize = 16 * 1024;

/// A client as the options want it. What is secret among them becomes known to `secrets`.
pub(super) fn client(
    options: &Options,
    extra_headers: &[Input],
    suite: &Suite,
    secrets: &mut Secrets,
) -> Result<Client, Failure> {
    let client = client_options(options, extra_headers, suite, secrets)?;
    Client::new(client).map_err(|error| refused(&error, options))
}

/// A number that its option has bounded.
fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn client_options(
    options: &Options,
    extra_headers: &[Input],
    suite: &Suite,
    secrets: &mut Secrets,
) -> Result<ClientOptions, Failure> {
    let proxy = options.proxy.as_ref().map(|proxy| proxy.0.clone());
    if let Some(password) = proxy.as_deref().and_then(password) {
        register(secrets, "proxy-password", password.into(), "the proxy's password")?;
    }
    let ca_certificates = options.ca_certificates.iter().map(|path| read("--ca-certificate", path));
    Ok(ClientOptions {
        deadline: options.deadline.0,
        connect_timeout: options.connect_timeout.0,
        cap: options.max_body.0,
        max_head: options.max_head.0,
        max_headers: options.max_headers.0,
        json: JsonLimits { values: narrow(options.max_json_values.0), depth: narrow(options.max_json_depth.0) },
        rate: options.rate.clone(),
        proxy,
        ca_certificates: ca_certificates.collect::<Result<_, _>>()?,
        insecure: options.insecure,
        identity: identity(options)?,
        headers: headers(extra_headers, suite, secrets)?,
        ..ClientOptions::default()
    })
}

/// The client certificate with its key.
fn identity(options: &Options) -> Result<Option<Vec<u8>>, Failure> {
    match (&options.client_certificate, &options.client_key) {
        (Some(certificate), key) => {
            let mut pem = read("--client-certificate", certificate)?;
            if let Some(key) = key {
                pem.push(b'\n');
                pem.extend(read("--client-key", key)?);
            }
            Ok(Some(pem))
        }
        (None, Some(_)) => Err(Failure::usage(
            "there is a client key, but no client certificate",
            "name the certificate that it belongs to with --client-certificate FILE",
        )),
        (None, None) => Ok(None),
    }
}

/// Why the client can't be made of what was given.
fn refused(error: &ClientError, options: &Options) -> Failure {
    let next = match error {
        ClientError::Proxy => "the proxy comes from --proxy, CONFORMANT_PROXY or the profile".to_owned(),
        ClientError::CaCertificate(number) => {
            let path = number.checked_sub(1).and_then(|index| options.ca_certificates.get(index));
            format!("look at {}", path.map(|path| path.display().to_string()).unwrap_or_default())
        }
        ClientError::Identity => {
            let paths = [&options.client_certificate, &options.client_key].into_iter().flatten();
            format!("look at {}", paths.map(|path| path.display().to_string()).collect::<Vec<_>>().join(" and "))
        }
        ClientError::Zero(_) => "give more".to_owned(),
    };
    Failure::usage(error, next)
}

fn read(flag: &str, path: &Path) -> Result<Vec<u8>, Failure> {
    files::read(path, LARGEST).map_err(|cause| {
        Failure::usage(
            format!("the file of {flag} can't be read: {}: {cause}", path.display()),
            format!("{flag} takes the path of a file in PEM"),
        )
    })
}

/// The extra headers, read.
fn headers(inputs: &[Input], suite: &Suite, secrets: &mut Secrets) -> Result<Vec<(String, String)>, Failure> {
    let mut headers = Vec::new();
    let mut bytes = 0_usize;
    for Input { name, value, origin } in extra_headers(inputs)? {
        let mut fields = suite.operations.iter().flat_map(|operation| &operation.request.headers);
        if fields.any(|field| field.name.eq_ignore_ascii_case(name)) {
            return Err(Failure::usage(
                format!("{origin}: the header {name} is one that the suite's valid request sets itself"),
                "give its value as a variable or secret of the suite; an extra header would undo the cases about it",
            ));
        }
        let what = format!("{origin}: the header {name}");
        let secret = value.read(&what)?;
        let text = secret.expose_secret().to_owned();
        if is_credential(name) || !matches!(value, ValueRef::Inline(_)) {
            register(secrets, name, secret, &what)?;
        }
        if http::HeaderValue::from_str(&text).is_err() {
            return Err(Failure::usage(
                format!("{origin}: the value of the header {name} holds what no header can carry"),
                "a header's value is one line of visible characters",
            ));
        }
        bytes = bytes.saturating_add(name.len()).saturating_add(text.len());
        if bytes > MOST_HEADER_BYTES {
            return Err(Failure::usage(
                format!("{origin}: with the header {name}, the extra headers have more than {MOST_HEADER_BYTES} bytes"),
                "give fewer or shorter ones: they go with every request",
            ));
        }
        headers.push((name.clone(), text));
    }
    Ok(headers)
}

/// The extra headers, unread: those of the command line, then those of the profile that it doesn't name.
pub(super) fn extra_headers(inputs: &[Input]) -> Result<Vec<&Input>, Failure> {
    let mut headers: Vec<&Input> = Vec::new();
    for input in inputs {
        let is_known = headers.iter().any(|known| known.name.eq_ignore_ascii_case(&input.name));
        match (is_known, &input.origin) {
            (true, Origin::Flag(_)) => {
                return Err(Failure::usage(format!("--header {} is given twice", input.name), "keep one of them"));
            }
            (true, _) => {}
            (false, origin) if headers.len() == MOST_HEADERS => {
                return Err(Failure::usage(
                    format!(
                        "{origin}: {} is one extra header too many: at most {MOST_HEADERS} go with a request",
                        input.name
                    ),
                    "leave some out: they go with every request",
                ));
            }
            (false, _) => headers.push(input),
        }
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::cli::options::Settings;
    use crate::cli::suites;

    #[test]
    fn the_client_has_the_limits_of_the_options() {
        let line = "conformant run --deadline 2.5 --connect-timeout 0.5 --max-body 7 --max-head 9 --max-headers 6 --max-json-values 8 --max-json-depth 5";
        let words: Vec<_> = line.split(' ').map(Into::into).collect();
        let options = Options::read(&Settings::parse(&words).unwrap(), &mut Vec::new()).unwrap();
        let suite = suites::load(None).unwrap().suite;
        let client = client_options(&options, &[], &suite, &mut Secrets::default()).unwrap();
        assert_eq!((client.deadline, client.cap), (Duration::from_millis(2500), 7));
        assert_eq!(client.json, JsonLimits { values: 8, depth: 5 });
        assert_eq!((client.max_head, client.max_headers), (9, 6));
        assert_eq!(client.connect_timeout, Duration::from_millis(500));
    }
}
