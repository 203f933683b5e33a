//! Functions and filters by which a template makes something of a text that an API asks for: encodings, digests, times and links.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use minijinja::{Environment, Error, ErrorKind, State};
use sha2::{Digest as _, Sha256};

use super::bytes::hex;
use super::random::Randomness;
use super::scope::{BASE_URL, RANDOMNESS};

/// Adds them to an environment.
pub(super) fn add_to(environment: &mut Environment<'static>) {
    environment.add_function("now", now);
    environment.add_filter("base64", |text: &str| STANDARD.encode(text));
    environment.add_filter("hex", |text: &str| hex(text.as_bytes()));
    environment.add_filter("sha256", |text: &str, encoding: Option<&str>| encoded(&Sha256::digest(text), encoding));
    environment.add_filter("hmac", hmac);
    environment.add_filter("link", link);
    environment.add_filter("local_path", local_path);
}

/// The time so many seconds from now, as RFC 3339 has it, in UTC.
fn now(state: &State, seconds: Option<i64>) -> Result<String, Error> {
    let seconds = SignedDuration::from_secs(seconds.unwrap_or_default());
    let moment = Timestamp::now().checked_add(seconds).map_err(|error| invalid(format!("`now`: {error}")))?;
    let text = moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    if let Some(random) = state.lookup(RANDOMNESS).as_ref().and_then(|value| value.downcast_object_ref::<Randomness>())
    {
        random.note(|| "now".to_owned(), &text);
    }
    Ok(text)
}

/// HMAC with SHA-256 (RFC 2104).
fn hmac(text: &str, key: &str, encoding: Option<&str>) -> Result<String, Error> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key.as_bytes()).map_err(|error| invalid(format!("`hmac`: {error}")))?;
    mac.update(text.as_bytes());
    encoded(&mac.finalize().into_bytes(), encoding)
}

/// A digest as text: in hexadecimal digits, unless said otherwise.
fn encoded(digest: &[u8], encoding: Option<&str>) -> Result<String, Error> {
    match encoding.unwrap_or("hex") {
        "hex" => Ok(hex(digest)),
        "base64" => Ok(STANDARD.encode(digest)),
        "base64url" => Ok(URL_SAFE_NO_PAD.encode(digest)),
        other => Err(invalid(format!("a digest is written as `hex`, `base64` or `base64url`, not as `{other}`"))),
    }
}

/// The target of a link with this relation, in the value of a `Link` field (RFC 8288, section 3).
fn link(field: &str, relation: &str) -> Result<String, Error> {
    let mut rest = field;
    while let Some((_, after)) = rest.split_once('<') {
        let Some((target, after)) = after.split_once('>') else { break };
        let parameters = after.split('<').next().unwrap_or_default();
        rest = after;
        let has_relation = parameters.split([';', ',']).any(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let mut relations = value.trim().trim_matches('"').split_ascii_whitespace();
            name.trim().eq_ignore_ascii_case("rel") && relations.any(|known| known.eq_ignore_ascii_case(relation))
        });
        if has_relation {
            return Ok(target.trim().to_owned());
        }
    }
    Err(invalid(format!("there is no link with the relation `{relation}`")))
}

/// The path and query, below the target's base URL, of a link that an answer gave. A relative one is read from the URL
/// that was asked (RFC 3986, section 5).
fn local_path(state: &State, link: &str, asked: Option<&str>) -> Result<String, Error> {
    let base = state.lookup(BASE_URL).unwrap_or_default();
    let base = base.as_str().unwrap_or_default().trim_end_matches('/');
    let origin_end = base.find("://").and_then(|at| base.get(at + 3..)?.find('/').map(|slash| at + 3 + slash));
    let (origin, below) = base.split_at_checked(origin_end.unwrap_or(base.len())).unwrap_or((base, ""));
    let is_relative = !link.starts_with('/') && !link.contains(':');
    let joined = match asked {
        Some(asked) if is_relative => reqwest::Url::parse(asked).and_then(|asked| asked.join(link)).ok(),
        None if is_relative => {
            let message =
                "the link is relative: it is read from the URL that was asked, as by `local_path(first.request.url)`";
            return Err(invalid(message.to_owned()));
        }
        _ => None,
    };
    let link = joined.as_ref().map_or(link, reqwest::Url::as_str);
    let of_origin = match link.strip_prefix(origin) {
        Some(path) if !origin.is_empty() => Some(path),
        _ => Some(link).filter(|link| link.starts_with('/') && !link.starts_with("//")),
    };
    let path = of_origin.and_then(|path| path.strip_prefix(below)).and_then(|path| path.split('#').next());
    let leads_away = || invalid("the link leads away from the target: it is not followed".to_owned());
    path.filter(|path| path.starts_with('/')).map(str::to_owned).ok_or_else(leads_away)
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}

#[cfg(test)]
mod tests {
    use super::super::{Bindings, Scope, Text};

    fn rendered(template: &str) -> Result<String, String> {
        let scope = Scope::new(&Bindings::default().at("https://api.example/v2/"), 1, "row");
        Text::parse(template).unwrap().text(&scope).map_err(|error| error.to_string())
    }

    #[test]
    fn texts_are_encoded_digested_and_signed() {
        for (template, text) in [
            ("{{ 'user:päss' | base64 }}", "dXNlcjpww6Rzcw=="),
            ("{{ 'ä' | hex }}", "c3a4"),
            ("{{ 'abc' | sha256 }}", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            ("{{ 'abc' | sha256('base64') }}", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="),
            (
                "{{ 'what do ya want for nothing?' | hmac('Jefe') }}",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
        ] {
            assert_eq!(rendered(template).as_deref(), Ok(text), "{template}");
        }
        assert!(rendered("{{ 'abc' | sha256('octal') }}").unwrap_err().contains("`hex`, `base64` or `base64url`"));
        let now = rendered("{{ now() }} {{ now(-86400) }}").unwrap();
        assert!(now.len() == 41 && now.ends_with('Z'), "{now}");
    }

    #[test]
    fn a_link_is_followed_where_it_leads_to_the_target_and_nowhere_else() {
        for (link, path) in [("https://api.example/v2/pets?page=2#x", "/pets?page=2"), ("/v2/pets", "/pets")] {
            assert_eq!(rendered(&format!("{{{{ '{link}' | local_path }}}}")).as_deref(), Ok(path));
        }
        for link in [
            "https://api.example.evil/v2",
            "https://api.example@evil/v2",
            "http://api.example/v2/pets",
            "//evil/x",
            "/pets",
            "/v2x",
            "https://api.example/other",
        ] {
            let refused = rendered(&format!("{{{{ '{link}' | local_path }}}}")).unwrap_err();
            assert!(refused.contains("leads away from the target"), "{link}: {refused}");
        }
        let asked = "https://api.example/v2/pets/7?page=1";
        for (link, path) in [
            ("?page=2", "/pets/7?page=2"),
            ("8#x", "/pets/8"),
            ("../owners", "/owners"),
            ("", "/pets/7?page=1"),
            ("/v2/a/b?c", "/a/b?c"),
        ] {
            assert_eq!(rendered(&format!("{{{{ '{link}' | local_path('{asked}') }}}}")).as_deref(), Ok(path), "{link}");
            let alone = rendered(&format!("{{{{ '{link}' | local_path }}}}"));
            assert!(link.starts_with('/') || alone.unwrap_err().contains("the link is relative"), "{link}");
        }
        for (link, asked) in [
            ("../../other", asked),
            (r"\\\\evil/v2/x", asked),
            ("https:evil", asked),
            ("x", "https://evil/v2/"),
            ("x", "/v2/pets"),
        ] {
            let refused = rendered(&format!("{{{{ '{link}' | local_path('{asked}') }}}}")).unwrap_err();
            assert!(refused.contains("leads away from the target"), "{link}: {refused}");
        }
        let field = r#"</v2/pets?page=1>; rel=\"prev first\", </v2/pets?page=3>; title=\"a, b\"; rel=next"#;
        assert_eq!(
            rendered(&format!("{{{{ '{field}' | link('next') | local_path }}}}")).as_deref(),
            Ok("/pets?page=3")
        );
        assert_eq!(rendered(&format!("{{{{ '{field}' | link('first') }}}}")).as_deref(), Ok("/v2/pets?page=1"));
        assert!(
            rendered(&format!("{{{{ '{field}' | link('last') }}}}"))
                .unwrap_err()
                .contains("no link with the relation `last`")
        );
    }
}
