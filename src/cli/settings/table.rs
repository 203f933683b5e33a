//! The table of everything that a profile may say. A new setting is one line here, and a flag of the same name.

use crate::source::shape::{Field, Kind, Object};

/// Where a hidden value is, instead of the value.
pub(super) static PLACE: Object = Object {
    name: "place of a value",
    doc: "Where a value is: in a variable of the environment, or in a file.",
    fields: &[
        Field::new("env", Kind::Text, "the name of an environment variable"),
        Field::new("file", Kind::Text, "the path of a file that holds the value alone"),
    ],
    others: None,
};

/// A key of a profile is the long name of the flag that it stands for; environment variable, default and what makes a
/// value valid are the flag's. The last three have no such flag, but hold names with values.
pub(super) static PROFILE: Object = Object {
    name: "profile",
    doc: "What a run is to use.",
    fields: &[
        Field::new("target", Kind::Text, "the target's base URL"),
        Field::new("suite", Kind::Text, "the suite's folder"),
        Field::new("jobs", Kind::Integer(1, 1024), "how many cases are in flight at once"),
        Field::new("strict", Kind::Bool, "whether deviations count as violations"),
        Field::new("retries", Kind::Integer(0, 10), "how often a case is sent again where the target says `not now`"),
        Field::new("allow-flaky", Kind::Bool, "whether what passed only when it was sent again passes the gate"),
        Field::new("rate", Kind::Text, "how often requests may leave, as 20/s"),
        Field::new("wait-for-target", Kind::Number, "seconds that the target may take until it answers at all"),
        Field::new("max-time", Kind::Number, "seconds after which no further case is begun"),
        Field::new("deadline", Kind::Number, "seconds that one request may take"),
        Field::new("max-body", Kind::Integer(1, 1 << 30), "bytes of an answer's body that are read at most"),
        Field::new("seed", Kind::Text, "the seed of every generated value, in hexadecimal"),
        Field::new("waivers", Kind::Text, "the file of known violations"),
        Field::new("snapshots", Kind::Text, "what to do with recorded answers, as check or check,all"),
        Field::new("snapshot-dir", Kind::Text, "the folder of recorded answers"),
        Field::new("snapshot-profile", Kind::Text, "whose recorded answers"),
        Field::new("ledger", Kind::Text, "the folder in which runs write down what they may create"),
        Field::new("read-only", Kind::Bool, "whether a run that may create something is refused"),
        Field::new("proxy", Kind::Either(&[Kind::Text, Kind::Object(&PLACE)]), "the proxy's URL"),
        Field::new("ca-certificate", Kind::Either(&[Kind::Text, Kind::List(&Kind::Text, 1)]), "what to trust besides"),
        Field::new("client-certificate", Kind::Text, "the certificate to show to the target"),
        Field::new("client-key", Kind::Text, "the private key of that certificate"),
        Field::new("variables", Kind::Map(&Kind::Scalar), "variables of the suite"),
        Field::new("secrets", Kind::Map(&Kind::Any), "secrets of the suite, each by where it is"),
        Field::new(
            "headers",
            Kind::Map(&Kind::Either(&[Kind::Text, Kind::Object(&PLACE)])),
            "headers of every request",
        ),
    ],
    others: None,
};

/// The keys that hold names with values, and aren't a flag's name.
pub(super) const NAMED: [&str; 3] = ["variables", "secrets", "headers"];

/// The keys that hold URLs, in which a password may stand.
pub(super) const URLS: [&str; 2] = ["target", "proxy"];

/// The whole file.
pub(super) static FILE: Object = Object {
    name: "file",
    doc: "Profiles, each with what a run against one target is to use.",
    fields: &[Field::required("profile", Kind::Map(&Kind::Object(&PROFILE)), "the profiles, as `[profile.NAME]`")],
    others: None,
};

/// The keys that are flags.
pub(super) fn flags() -> impl Iterator<Item = &'static str> {
    PROFILE.fields.iter().map(|field| field.name).filter(|name| !NAMED.contains(name))
}
