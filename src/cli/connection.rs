//! How the target is spoken to: proxy, certificates and extra headers, made ready for the client.

use std::io::Read as _;
use std::path::Path;

use secrecy::{ExposeSecret as _, SecretString};

use super::args::ConnectionArgs;
use super::failure::Failure;
use super::settings::{HeaderText, Profile, WithOrigin, is_credential, is_own_header};
use crate::http::{ClientError, ClientOptions};
use crate::secret::Secrets;
use crate::suite::Suite;

/// The largest certificate file that is read, in bytes.
const LARGEST: u64 = 1024 * 1024;
/// So many extra headers a request may get. Servers take a hundred or so altogether.
const MOST_HEADERS: usize = 64;
/// So many bytes their names and values may have together. Servers take a head of some 8 KiB to 32 KiB.
const MOST_HEADER_BYTES: usize = 16 * 1024;

/// The client's options, but for the limits of a request. What is hidden among them becomes known to `secrets`.
pub(super) fn options(
    args: &ConnectionArgs,
    profile: Option<&Profile>,
    suite: &Suite,
    secrets: &mut Secrets,
) -> Result<ClientOptions, Failure> {
    let ConnectionArgs { proxy, ca_certificates, client_certificate, client_key, .. } = args;
    if let Some(proxy) = proxy {
        register_password(proxy, secrets)?;
    }
    let identity = match (client_certificate, client_key) {
        (Some(certificate), key) => {
            let mut pem = read("--client-certificate", certificate)?;
            if let Some(key) = key {
                pem.push(b'\n');
                pem.extend(read("--client-key", key)?);
            }
            Some(pem)
        }
        (None, Some(_)) => {
            return Err(Failure::usage(
                "a key is given with client-key, but no client certificate",
                "name the certificate that it belongs to with --client-certificate FILE",
            ));
        }
        (None, None) => None,
    };
    Ok(ClientOptions {
        proxy: proxy.clone(),
        ca_certificates: ca_certificates.iter().map(|path| read("--ca-certificate", path)).collect::<Result<_, _>>()?,
        identity,
        headers: headers(args, profile, suite, secrets)?,
        ..ClientOptions::default()
    })
}

/// Why the client can't be made of what was given.
pub(super) fn refused(error: &ClientError, args: &ConnectionArgs) -> Failure {
    let next = match error {
        ClientError::Proxy => "the proxy comes from --proxy, CONFORMANT_PROXY or the profile".to_owned(),
        ClientError::CaCertificate(number) => {
            let path = number.checked_sub(1).and_then(|index| args.ca_certificates.get(index));
            format!("look at {}", path.map(|path| path.display().to_string()).unwrap_or_default())
        }
        ClientError::Identity => {
            let paths = [&args.client_certificate, &args.client_key].into_iter().flatten();
            format!("look at {}", paths.map(|path| path.display().to_string()).collect::<Vec<_>>().join(" and "))
        }
        ClientError::Zero(_) => "give more".to_owned(),
    };
    Failure::usage(error, next)
}

fn read(flag: &str, path: &Path) -> Result<Vec<u8>, Failure> {
    let fail = |cause: String| {
        Failure::usage(
            format!("the file of {} can't be read: {}: {cause}", flag.trim_start_matches('-'), path.display()),
            format!("{flag} takes the path of a file in PEM"),
        )
    };
    let file = std::fs::File::open(path).map_err(|error| fail(error.to_string()))?;
    let mut pem = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut pem).map_err(|error| fail(error.to_string()))?;
    if pem.len() as u64 > LARGEST {
        return Err(fail(format!("it has more than {LARGEST} bytes")));
    }
    Ok(pem)
}

/// Makes the password in a proxy's URL known, as it is written and as it is sent.
fn register_password(proxy: &str, secrets: &mut Secrets) -> Result<(), Failure> {
    match password(proxy) {
        Some(plain) => register("proxy-password", plain.into(), "the proxy's password", secrets),
        None => Ok(()),
    }
}

/// The password in a URL, as it is sent.
pub(super) fn password(url: &str) -> Option<String> {
    reqwest::Url::parse(url).ok()?.password().map(percent_decoded)
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let escape = rest.get(1..3).and_then(|digits| std::str::from_utf8(digits).ok());
        match escape.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = rest.get(3..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn register(name: &str, value: SecretString, what: &str, secrets: &mut Secrets) -> Result<(), Failure> {
    secrets
        .register(name, value)
        .map_err(|error| Failure::usage(format!("{what} can't be used: {error}"), "give another"))
}

/// The extra headers: those of the command line, then those of the profile that it doesn't name.
fn headers(
    args: &ConnectionArgs,
    profile: Option<&Profile>,
    suite: &Suite,
    secrets: &mut Secrets,
) -> Result<Vec<(String, String)>, Failure> {
    let mut headers = Vec::new();
    let mut bytes = 0_usize;
    for (name, WithOrigin { value, place }) in extra_headers(args, profile)? {
        if suite.request.headers.iter().any(|field| field.name.eq_ignore_ascii_case(&name)) {
            return Err(Failure::usage(
                format!("{place}: the header {name} is one that the suite's valid request sets itself"),
                "give its value as a variable or secret of the suite; an extra header would undo the cases about it",
            ));
        }
        let value = match value {
            HeaderText::Plain(text) if is_credential(&name) => {
                register(&name, text.clone().into(), &format!("{place}: the header {name}"), secrets)?;
                text
            }
            HeaderText::Plain(text) => text,
            HeaderText::SecretRef(hidden) => {
                let what = format!("{place}: the header {name}");
                let value = hidden.read(&what)?;
                register(&name, value.clone(), &what, secrets)?;
                value.expose_secret().to_owned()
            }
        };
        if http::HeaderValue::from_str(&value).is_err() {
            return Err(Failure::usage(
                format!("{place}: the value of the header {name} holds what no header can carry"),
                "a header's value is one line of visible characters",
            ));
        }
        bytes = bytes.saturating_add(name.len()).saturating_add(value.len());
        if bytes > MOST_HEADER_BYTES {
            return Err(Failure::usage(
                format!("{place}: with the header {name}, the extra headers have more than {MOST_HEADER_BYTES} bytes"),
                "give fewer or shorter ones: they go with every request",
            ));
        }
        headers.push((name, value));
    }
    Ok(headers)
}

/// The extra headers with where each came from, unread.
pub(super) fn extra_headers(
    args: &ConnectionArgs,
    profile: Option<&Profile>,
) -> Result<Vec<(String, WithOrigin<HeaderText>)>, Failure> {
    let mut headers: Vec<(String, WithOrigin<HeaderText>)> = Vec::new();
    let given = [args.headers.len(), profile.map_or(0, |profile| profile.headers.len())];
    if let Some(count) = given.into_iter().find(|count| *count > MOST_HEADERS) {
        let place =
            profile.filter(|profile| profile.headers.len() == count).map_or("--header", |profile| &profile.place);
        return Err(too_many(place, count));
    }
    for text in &args.headers {
        let named = text.split_once(':').map(|(name, value)| (name.trim(), value.trim()));
        let Some((name, value)) = named.filter(|(name, _)| http::HeaderName::from_bytes(name.as_bytes()).is_ok())
        else {
            return Err(Failure::usage("a value of --header has no name", "write --header 'NAME: VALUE'"));
        };
        if is_own_header(name) {
            return Err(Failure::usage(
                format!("--header: the header {name} is made by the client for each request"),
                "leave it out",
            ));
        }
        if headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
            return Err(Failure::usage(format!("--header {name} is given twice"), "keep one of them"));
        }
        let value = HeaderText::Plain(value.to_owned());
        headers.push((name.to_owned(), WithOrigin { value, place: "--header".to_owned() }));
    }
    for (name, placed) in profile.map(|profile| &profile.headers).into_iter().flatten() {
        if !headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
            headers.push((name.clone(), placed.clone()));
        }
    }
    match headers.get(MOST_HEADERS) {
        Some((_, first_beyond)) => Err(too_many(&first_beyond.place, headers.len())),
        None => Ok(headers),
    }
}

fn too_many(place: &str, count: usize) -> Failure {
    Failure::usage(
        format!("{place}: there are {count} extra headers, and at most {MOST_HEADERS} go with a request"),
        "leave some out: they go with every request",
    )
}
