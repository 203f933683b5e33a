//! A request as a curl command line that a POSIX shell takes as it is, for people who want to repeat it.
//!
//! Secrets are named as environment variables. Knows no secrets itself: the caller cuts text into pieces.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::request::Request;
use crate::text::printable;

/// A part of a text: as it is, or a secret in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text to show.
    Text(Cow<'a, str>),
    /// The value of the secret of this name.
    Secret(&'a str),
}

/// Renders the command line. `cut` cuts a text at its secrets; each is written as the environment variable that
/// [`variable`] names.
///
/// A body that is text stands in the line; one with bytes that are no printable text goes through `printf`.
pub fn curl_line<'a>(request: &'a Request, cut: &dyn Fn(&'a str) -> Vec<Piece<'a>>) -> String {
    let mut line = String::new();
    let body = request.body.as_deref().unwrap_or_default();
    let text = std::str::from_utf8(body).ok().filter(|text| is_plain(text));
    if text.is_none() {
        write_printf(&mut line, body, cut);
        line.push_str(" | ");
    }
    line.push_str("curl --path-as-is");
    if request.url.contains(['[', ']', '{', '}']) {
        line.push_str(" --globoff");
    }
    match request.method.as_str() {
        // With -X curl would wait for a body that never comes.
        "HEAD" => line.push_str(" --head"),
        method => {
            line.push_str(" -X ");
            write_word(&mut line, &[Piece::Text(Cow::Borrowed(method))]);
        }
    }
    write_headers(&mut line, request, cut);
    match text {
        None => line.push_str(" --data-binary @-"),
        Some(_) if request.body.is_none() => {}
        Some(text) => {
            let pieces = cut(text);
            let literal = matches!(pieces.first(), None | Some(Piece::Text(_))) && !text.starts_with('@');
            // A leading @ would name a file.
            line.push_str(if literal { " --data-binary " } else { " --data-raw " });
            write_word(&mut line, &pieces);
        }
    }
    line.push(' ');
    write_word(&mut line, &without_credentials(&request.url, cut));
    line
}

/// The environment variable that stands for a secret: the one that the program itself reads it from, with `_` for what a
/// variable can't hold.
pub fn variable(secret: &str) -> String {
    let held = |character: char| if character.is_ascii_alphanumeric() { character } else { '_' };
    format!("CONFORMANT_SECRET_{}", secret.chars().map(held).collect::<String>())
}

fn write_headers<'a>(line: &mut String, request: &'a Request, cut: &dyn Fn(&'a str) -> Vec<Piece<'a>>) {
    for (name, value) in &request.headers {
        let mut name: String = request.header_case.spell(name).collect();
        // `Name:` would take the header away.
        name.push_str(if value.trim().is_empty() { ";" } else { ": " });
        let mut pieces = vec![Piece::Text(Cow::Owned(name))];
        if !value.trim().is_empty() {
            pieces.extend(cut(value));
        }
        line.push_str(" -H ");
        write_word(line, &pieces);
    }
    if request.body.is_some() && request.header_values("content-type").next().is_none() {
        line.push_str(" -H 'Content-Type:'");
    }
}

fn without_credentials<'a>(url: &'a str, cut: &dyn Fn(&'a str) -> Vec<Piece<'a>>) -> Vec<Piece<'a>> {
    let start = url.find("://").map_or(0, |position| position + 3);
    let (scheme, rest) = url.split_at(start);
    let host_end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    match rest.split_at(host_end).0.rfind('@') {
        None => cut(url),
        Some(at) => {
            let mut pieces = vec![Piece::Text(Cow::Borrowed(scheme)), Piece::Text(Cow::Borrowed("[masked]"))];
            pieces.extend(cut(rest.split_at(at).1));
            pieces
        }
    }
}

/// One word of the shell: text in single quotes, secrets as variables in double quotes.
fn write_word(line: &mut String, pieces: &[Piece<'_>]) {
    let mut quoted = false;
    let mut empty = true;
    for piece in pieces {
        match piece {
            Piece::Text(text) if text.is_empty() => {}
            Piece::Text(text) if !is_plain(text) => {
                if quoted {
                    line.push('\'');
                }
                line.push_str("\"$(printf '");
                text.bytes().for_each(|byte| write_escaped(line, byte));
                line.push_str("')\"");
                (quoted, empty) = (false, false);
            }
            Piece::Text(text) => {
                if !quoted {
                    line.push('\'');
                }
                line.push_str(&text.replace('\'', r"'\''"));
                (quoted, empty) = (true, false);
            }
            Piece::Secret(name) => {
                if quoted {
                    line.push('\'');
                }
                // Writing to a String cannot fail.
                let _ = write!(line, "\"${{{}}}\"", variable(name));
                (quoted, empty) = (false, false);
            }
        }
    }
    if quoted {
        line.push('\'');
    }
    if empty {
        line.push_str("''");
    }
}

/// `printf 'format' "$SECRET"…`: octal escapes, for POSIX has no others.
fn write_printf<'a>(line: &mut String, body: &'a [u8], cut: &dyn Fn(&'a str) -> Vec<Piece<'a>>) {
    let mut variables = String::new();
    line.push_str("printf '");
    for chunk in body.utf8_chunks() {
        for piece in cut(chunk.valid()) {
            match piece {
                Piece::Text(text) => text.bytes().for_each(|byte| write_escaped(line, byte)),
                Piece::Secret(name) => {
                    line.push_str("%s");
                    let _ = write!(variables, " \"${{{}}}\"", variable(name));
                }
            }
        }
        chunk.invalid().iter().for_each(|byte| write_escaped(line, *byte));
    }
    line.push('\'');
    line.push_str(&variables);
}

fn write_escaped(line: &mut String, byte: u8) {
    // A format that begins with - would be taken for an option.
    let special = matches!(byte, b'\'' | b'\\' | b'%' | b'#') || (byte == b'-' && line.ends_with("printf '"));
    if special || !matches!(byte, b' '..=b'~') {
        // Writing to a String cannot fail.
        let _ = write!(line, "\\{byte:03o}");
    } else {
        line.push(char::from(byte));
    }
}

/// Whether a text is shown everywhere as it is, line breaks and what a CI server takes for a command not among it.
fn is_plain(text: &str) -> bool {
    !text.contains("##") && printable(text) == text
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use proptest::prelude::*;
    use std::process::Command;

    fn request(headers: &[(&str, &str)], body: Option<&[u8]>) -> Request {
        Request {
            method: "POST".into(),
            url: "http://h/a?b=c&d='".into(),
            headers: headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            body: body.map(Bytes::copy_from_slice),
            header_case: Default::default(),
            connection: Default::default(),
        }
    }

    fn whole(text: &str) -> Vec<Piece<'_>> {
        vec![Piece::Text(Cow::Borrowed(text))]
    }

    fn at_secret(text: &str) -> Vec<Piece<'_>> {
        let mut pieces = Vec::new();
        for (index, part) in text.split("s3cret").enumerate() {
            if index > 0 {
                pieces.push(Piece::Secret("api-token"));
            }
            pieces.push(Piece::Text(Cow::Borrowed(part)));
        }
        pieces
    }

    /// What curl would get: its arguments, NUL-ended, then its standard input.
    fn through_a_shell(line: &str) -> (Vec<Vec<u8>>, Vec<u8>) {
        let script = format!("curl() {{ printf '<%s\\0' \"$@\"; printf '\\0'; cat; }}\n{line}");
        let output =
            Command::new("sh").args(["-c", &script]).env("CONFORMANT_SECRET_api_token", "s3cret").output().unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
        let end = output.stdout.windows(2).position(|pair| pair == b"\0\0").unwrap();
        let arguments = output.stdout[..end].split(|byte| *byte == 0).map(|argument| argument[1..].to_vec()).collect();
        (arguments, output.stdout[end + 2..].to_vec())
    }

    #[test]
    fn a_plain_request_reads_as_people_write_it() {
        let request = request(&[("content-type", "application/json"), ("X-Auth-Token", "s3cret")], Some(b"{\"a\":1}"));
        assert_eq!(
            curl_line(&request, &at_secret),
            "curl --path-as-is -X 'POST' -H 'Content-Type: application/json' -H 'X-Auth-Token: '\"${CONFORMANT_SECRET_api_token}\" \
             --data-binary '{\"a\":1}' 'http://h/a?b=c&d='\\'''"
        );
    }

    #[test]
    fn an_empty_header_and_an_empty_body_stay_what_they_are() {
        let line = curl_line(&request(&[("X-Auth-Token", "")], Some(b"")), &whole);
        assert!(line.contains("-H 'X-Auth-Token;' -H 'Content-Type:' --data-binary ''"), "{line}");
        assert!(!curl_line(&request(&[], None), &whole).contains("data"));
    }

    #[test]
    fn a_body_that_begins_like_a_file_name_is_still_the_body() {
        assert!(curl_line(&request(&[], Some(b"@/etc/passwd")), &whole).contains("--data-raw '@/etc/passwd'"));
    }

    #[test]
    fn binary_bodies_and_controls_go_through_printf_in_octal() {
        let line = curl_line(&request(&[], Some(b"\xff\0%'\\a s3cret\x1b")), &at_secret);
        assert!(
            line.starts_with("printf '\\377\\000\\045\\047\\134a %s\\033' \"${CONFORMANT_SECRET_api_token}\" | curl "),
            "{line}"
        );
        assert!(line.contains("--data-binary @-"));
        let (_, input) = through_a_shell(&line);
        assert_eq!(input, b"\xff\0%'\\a s3cret\x1b");
    }

    #[test]
    fn a_binary_body_that_begins_like_an_option_is_still_the_body() {
        assert_eq!(through_a_shell(&curl_line(&request(&[], Some(b"-v\0")), &whole)).1, b"-v\0");
    }

    #[test]
    fn credentials_in_a_url_never_show() {
        let mut request = request(&[], None);
        request.url = "http://user:hunter2@h/a@b".into();
        let line = curl_line(&request, &whole);
        assert!(line.ends_with("'http://[masked]@h/a@b'") && !line.contains("hunter2"), "{line}");
    }

    #[test]
    fn variables_are_names_that_a_shell_takes() {
        assert_eq!(variable("token"), "CONFORMANT_SECRET_token");
        assert_eq!(variable("2nd-key.ä"), "CONFORMANT_SECRET_2nd_key__");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn a_shell_gives_back_header_body_and_url(
            value in r#"([ -~äß\t\u{202e}'"$`\\!*]|##\[){1,24}"#,
            body in proptest::collection::vec(prop_oneof![any::<u8>(), Just(b'\''), Just(b'\n'), Just(b'$'), Just(b'\\')], 0..40),
            text in r#"([ -~'"$`\\\nä]|s3cret){0,40}"#,
        ) {
            for body in [body.as_slice(), text.as_bytes()] {
                let value = format!("x{value}s3cret");
                let request = request(&[("X-One", &value)], Some(body));
                let line = curl_line(&request, &at_secret);
                prop_assert!(!line.contains("s3cret"));
                let (arguments, input) = through_a_shell(&line);
                prop_assert!(arguments.contains(&format!("X-One: {value}").into_bytes()), "{}", line);
                prop_assert_eq!(arguments.last().unwrap().as_slice(), request.url.as_bytes());
                let flag = arguments.iter().position(|argument| argument.starts_with(b"--data")).unwrap();
                if arguments[flag + 1] == b"@-" && arguments[flag] == b"--data-binary" {
                    prop_assert_eq!(input.as_slice(), body);
                } else {
                    prop_assert_eq!(arguments[flag + 1].as_slice(), body);
                }
            }
        }
    }
}
