//! Faults in judging `description`.

use super::fault::Fault;
use super::leniency::{array_text, bool_text, number_text, object_text};
use crate::reference::cause::{Cause, FieldError};

pub(super) fn rows() -> Vec<Fault> {
    vec![
        Fault::new("description-mandatory", "description.optional", "a body without a description is refused")
            .field("description", |f| f.mandatory = true),
        Fault::new("description-missing-500", "status.no-server-error", "a body without a description is answered 500")
            .field("description", |f| f.mandatory = true)
            .answers(Cause::Field("description", FieldError::Missing), 500),
        Fault::new("description-number-accepted", "description.type", "a number is accepted as a description")
            .field("description", |f| f.text = number_text),
        Fault::new("description-boolean-accepted", "description.type", "a boolean is accepted as a description")
            .field("description", |f| f.text = bool_text),
        Fault::new("description-array-accepted", "description.type", "an array is accepted as a description")
            .field("description", |f| f.text = array_text),
        Fault::new("description-object-accepted", "description.type", "an object is accepted as a description")
            .field("description", |f| f.text = object_text),
        Fault::new("description-type-ignored", "description.type", "a description of another type counts as absent")
            .members(|members, _, _| {
                if members.get("description").is_some_and(|value| !value.is_string() && !value.is_null()) {
                    members.remove("description");
                }
                Ok(())
            }),
        Fault::new("description-type-500", "status.no-server-error", "a description of another type is answered 500")
            .answers(Cause::Field("description", FieldError::Type), 500),
        Fault::new("description-255-refused", "description.max-length", "a description of 255 characters is refused")
            .field("description", |f| f.longest = 254),
        Fault::new("description-128-longest", "description.max-length", "descriptions of more than 128 are refused")
            .field("description", |f| f.longest = 128),
        Fault::new("description-256-accepted", "description.max-length", "a description of 256 characters is accepted")
            .field("description", |f| f.longest = 256),
        Fault::new("description-any-length", "description.max-length", "descriptions of any length are accepted")
            .field("description", |f| f.longest = usize::MAX),
        Fault::new("description-cut-to-255", "description.max-length", "a description that is too long is cut")
            .field("description", |f| f.tidy = |text| text.chars().take(255).collect()),
        Fault::new("description-long-500", "status.no-server-error", "a description that is too long is answered 500")
            .answers(Cause::Field("description", FieldError::Long), 500),
        Fault::new("description-long-403", "description.max-length", "a description that is too long is answered 403")
            .answers(Cause::Field("description", FieldError::Long), 403),
        Fault::new("description-empty-refused", "description.text", "an empty description is refused")
            .field("description", |f| f.shortest = 1),
        Fault::new("description-markup-refused", "description.text", "a description with < is refused")
            .field("description", |f| f.inside = |c| c != '<'),
        Fault::new("description-quote-refused", "description.text", "a description with a quotation mark is refused")
            .field("description", |f| f.inside = |c| c != '"'),
        Fault::new("description-backslash-refused", "description.text", "a description with a backslash is refused")
            .field("description", |f| f.inside = |c| c != '\\'),
        Fault::new("description-non-ascii-refused", "description.text", "a description beyond ASCII is refused")
            .field("description", |f| f.inside = |c| c.is_ascii()),
        Fault::new("description-emoji-refused", "description.text", "a description with an emoji is refused")
            .field("description", |f| f.inside = |c| c < '\u{10000}'),
        Fault::new("description-emoji-500", "status.no-server-error", "a description with an emoji is answered 500")
            .field("description", |f| f.inside = |c| c < '\u{10000}')
            .answers(Cause::Field("description", FieldError::Characters), 500),
        Fault::new("description-name-rules", "description.text", "a description may hold letters and few signs only")
            .field("description", |f| f.inside = |c| c.is_ascii_alphanumeric() || " ._-,".contains(c)),
        Fault::new("description-apostrophe-500", "status.no-server-error", "an apostrophe in it is answered 500")
            .field("description", |f| f.inside = |c| c != '\'')
            .answers(Cause::Field("description", FieldError::Characters), 500),
        Fault::new("description-trimmed", "response.description-echo", "white space around a description is cut off")
            .field("description", |f| f.tidy = |text| text.trim().to_owned()),
        Fault::new("description-lower-cased", "response.description-echo", "a description comes back in lower case")
            .field("description", |f| f.tidy = |text| text.to_lowercase()),
        Fault::new("description-escaped", "response.description-echo", "a description comes back escaped as HTML")
            .field("description", |f| {
                f.tidy = |text| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            }),
        Fault::new("description-quotes-doubled", "response.description-echo", "apostrophes come back doubled")
            .field("description", |f| f.tidy = |text| text.replace('\'', "''")),
        Fault::new("description-in-ascii", "response.description-echo", "characters beyond ASCII come back as ?")
            .field("description", |f| {
                f.tidy = |text| text.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect();
            }),
        Fault::new("description-misread", "response.description-echo", "UTF-8 is read as Latin-1").created(|r, m| {
            let text = m.created.and_then(|connection| connection.description.as_deref()).unwrap_or_default();
            r.put("description", text.bytes().map(char::from).collect::<String>());
        }),
        Fault::new("description-cut-at-100", "response.description-echo", "100 characters of a description come back")
            .field("description", |f| {
                f.tidy = |text| if text.chars().count() > 255 { text } else { text.chars().take(100).collect() };
            }),
        Fault::new("description-255-loses-one", "response.description-echo", "of 255 characters 254 come back")
            .created(|r, m| {
                let text = m.created.and_then(|connection| connection.description.as_deref()).unwrap_or_default();
                if text.chars().count() == 255 {
                    r.put("description", text.chars().take(254).collect::<String>());
                }
            }),
        Fault::new("description-lost", "response.description-echo", "every description comes back empty")
            .created(|r, _| r.put("description", "")),
        Fault::new("description-made-up", "response.description-echo", "a description that was not sent is made up")
            .created_if(
                |m| m.created.is_some_and(|connection| connection.description.is_none()),
                |r, _| r.put("description", "no description"),
            ),
        Fault::new("description-of-the-one-before", "response.description-echo", "absent, it is the last body's")
            .members(|members, _, past| {
                if let (false, Some(text)) = (members.contains_key("description"), past.members.get("description")) {
                    members.insert("description".to_owned(), text.clone());
                }
                Ok(())
            }),
        Fault::new("description-is-the-name", "response.description-echo", "the name comes back as the description")
            .created(|r, m| r.put("description", m.created.map(|connection| connection.name.clone()))),
        Fault::new("description-number-in-answer", "response.description", "the description of an answer is a number")
            .created(|r, _| r.put("description", 0)),
        Fault::new("description-null-in-answer", "response.description", "an empty description is answered as null")
            .created_if(
                |m| {
                    m.created.is_some_and(|connection| connection.description.as_deref().unwrap_or_default().is_empty())
                },
                |r, _| r.put("description", ()),
            ),
        Fault::new("description-array-in-answer", "response.description", "the description of an answer is an array")
            .created(|r, m| r.put("description", vec![m.created.and_then(|held| held.description.clone())])),
        Fault::new("description-escapes-counted", "description.max-length", "quotation marks count twice")
            .field("description", |f| f.length = |text| text.chars().count() + text.matches('"').count()),
        Fault::new("description-spaces-uncounted", "description.max-length", "spaces in a description are not counted")
            .field("description", |f| f.length = |text| text.chars().filter(|c| *c != ' ').count()),
        Fault::new("description-line-ends-counted-twice", "description.max-length", "line feeds count as two")
            .field("description", |f| f.length = |text| text.chars().count() + text.matches('\n').count()),
        Fault::new(
            "description-apostrophes-doubled",
            "description.max-length",
            "apostrophes are doubled, then counted",
        )
        .field("description", |f| f.length = |text| text.replace('\'', "''").chars().count()),
        Fault::new("description-mark-dropped", "response.description-echo", "a byte order mark in front is dropped")
            .field("description", |f| f.tidy = |text| text.trim_start_matches('\u{feff}').to_owned()),
        Fault::new(
            "description-broad-trim",
            "response.description-echo",
            "no-break and wide spaces around it are cut off",
        )
        .field("description", |f| f.tidy = |text| text.trim_matches(['\u{a0}', '\u{3000}']).to_owned()),
        Fault::new("description-blank-refused", "description.text", "a description of white space alone is refused")
            .field("description", |f| f.disliked = |text| !text.is_empty() && text.trim().is_empty()),
        Fault::new("description-like-the-name-refused", "description.text", "the name again is no description")
            .members(|members, _, _| match (members.get("name"), members.get("description")) {
                (Some(name), Some(text)) if name == text => Err(Cause::Field("description", FieldError::Characters)),
                _ => Ok(()),
            }),
    ]
}
