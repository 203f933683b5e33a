//! The files that a document refers to: where they come from, and which names lead out of the suite's folder.

use std::borrow::Cow;

use crate::source::{DOCUMENT, Diagnostics, Node, SourceFile, parse_json, parse_within};

/// Where the files come from that a contract names.
pub trait Documents {
    /// The file at a path within the suite's folder: parts joined by `/`, none of them `.` or `..`.
    ///
    /// # Errors
    /// Why there is none, as a lower-case fragment behind the file's name.
    fn document(&self, path: &str) -> Result<SourceFile, String>;
}

/// No files at all: a contract that stands for itself.
#[derive(Debug, Clone, Copy)]
pub struct NoDocuments;

impl Documents for NoDocuments {
    fn document(&self, _: &str) -> Result<SourceFile, String> {
        Err("isn't there".to_owned())
    }
}

/// Parses a file of a document: as JSON where its name says so, else as YAML.
///
/// # Errors
/// What keeps it from being either.
pub(crate) fn parse_document(file: &SourceFile) -> Result<Node, Diagnostics> {
    match file.name().rsplit_once('.') {
        Some((_, ending)) if ending.eq_ignore_ascii_case("json") => parse_json(file, &DOCUMENT),
        _ => parse_within(file, &DOCUMENT),
    }
}

/// The path within the folder that a reference names, as seen from another file of it.
///
/// # Errors
/// Why it leads out of the folder, as a fragment behind the reference.
pub(super) fn within_folder(from: &str, reference: &str) -> Result<String, &'static str> {
    let (scheme, _) = reference.split_once(':').unwrap_or(("", ""));
    if !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte)) {
        return Err("is not a file of this suite, and nothing is ever fetched");
    }
    if reference.starts_with('/') || reference.contains('\\') {
        return Err("leads out of the suite's folder");
    }
    let decoded = percent_encoding::percent_decode_str(reference).decode_utf8().unwrap_or(Cow::Borrowed(reference));
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in decoded.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or("leads out of the suite's folder")?;
            }
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_seen_from_the_file_that_it_stands_in() {
        assert_eq!(within_folder("openapi.yaml", "pets.yaml"), Ok("pets.yaml".to_owned()));
        assert_eq!(within_folder("openapi.yaml", "./a/pets.yaml"), Ok("a/pets.yaml".to_owned()));
        assert_eq!(within_folder("a/b/pets.yaml", "../toys%20all.yaml"), Ok("a/toys all.yaml".to_owned()));
    }

    #[test]
    fn what_leads_out_of_the_folder_is_refused() {
        for reference in
            ["../x.yaml", "/etc/x.yaml", "a/../../x.yaml", "http://example.org/x", "file:///x", "%2e%2e/x", "a\\b"]
        {
            assert!(within_folder("openapi.yaml", reference).is_err(), "{reference}");
        }
    }
}
