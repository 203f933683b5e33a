//! Bodies that are read as the parsers of other languages read them.

use super::super::behaviour::Behaviour;
use super::super::cause::Cause;
use super::super::lenient::{self, Also};
use super::super::{body, lenient::read};
use super::variant::Variant;

pub(super) const ROWS: &[Variant] = &[
    Variant::new("lenient-json-python", "bodies are read as Python's json does", |b| {
        b.body = |bytes| read(lenient::decoded(bytes).ok_or(Cause::NotText)?.as_bytes(), lenient::PYTHON);
        spells_halves(b);
    }),
    Variant::new("lenient-json-ruby", "bodies are read as Ruby's json does", |b| {
        b.body = |bytes| read(bytes, lenient::RUBY);
    }),
    Variant::new("lenient-json-go", "bodies are read as a decoder of Go's does", |b| {
        b.body = |bytes| read(String::from_utf8_lossy(bytes).as_bytes(), lenient::GO);
    }),
    Variant::new("lenient-json-php", "bodies are read as PHP does", |b| b.body = |bytes| read(bytes, lenient::PHP)),
    Variant::new("lenient-json-gson", "bodies are read as Gson does", |b| {
        b.body = |bytes| read(String::from_utf8_lossy(bytes).as_bytes(), lenient::GSON);
    }),
    Variant::new("lenient-json-jackson", "bodies are read as Jackson does where all its leniency is on", |b| {
        b.body = |bytes| read(lenient::decoded(bytes).ok_or(Cause::NotText)?.as_bytes(), lenient::JACKSON);
    }),
    Variant::new("lenient-json-net", "bodies are read as Json.NET does", |b| {
        b.body = |bytes| read(lenient::decoded(bytes).ok_or(Cause::NotText)?.as_bytes(), lenient::JSON_NET);
    }),
    Variant::of(
        "lenient-json-strict-fields",
        "bodies are read as Json.NET does, and unknown members are refused",
        &["lenient-json-net", "no-unknown-fields"],
    ),
    Variant::new("half-surrogates", "half a surrogate pair is kept, and spelt so in answers", |b| {
        b.body = |bytes| read(bytes, &[Also::Halves]);
        spells_halves(b);
    }),
    Variant::new("first-of-repeated-keys", "of a key that comes twice the first counts", |b| {
        b.body = |bytes| read(bytes, &[Also::FirstOfRepeatedKeys]);
    }),
    Variant::new("no-repeated-keys", "a key that comes twice is refused", |b| {
        b.body = |bytes| read(bytes, &[Also::NoRepeatedKeys]);
    }),
    Variant::new("text-behind", "text behind the object is ignored", |b| {
        b.body = |bytes| read(bytes, &[Also::TextBehind]);
    }),
    Variant::new("body-replaced-utf-8", "bytes that are no UTF-8 are replaced", |b| {
        b.body = |bytes| body::read(String::from_utf8_lossy(bytes).as_bytes());
    }),
    Variant::new("body-utf-16-and-32", "UTF-16 and UTF-32 are recognised", |b| {
        b.body = |bytes| body::read(lenient::decoded(bytes).ok_or(Cause::NotText)?.as_bytes());
    }),
    Variant::new("body-latin-1", "a body that is not UTF-8 is taken for Latin-1", |b| {
        b.body = |bytes| match body::read(bytes) {
            Err(Cause::NotText) => {
                body::read(bytes.iter().map(|byte| char::from(*byte)).collect::<String>().as_bytes())
            }
            read => read,
        };
    }),
];

/// Lets answers spell half a surrogate pair as it came in.
fn spells_halves(behaviour: &mut Behaviour) {
    behaviour.on_every(|reply, _| {
        if let Ok(text) = String::from_utf8(reply.bytes()) {
            reply.raw = Some(lenient::spelt(&text).into_bytes());
        }
    });
}
