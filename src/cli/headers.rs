//! What is known of headers by their names.

/// Headers that the client makes, or that say how the message travels.
const OWN: [&str; 8] =
    ["connection", "content-length", "expect", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];
/// Headers whose value is always a credential.
const CREDENTIALS: [&str; 4] = ["authorization", "cookie", "proxy-authorization", "x-auth-token"];

/// Whether the value of a header is a credential whatever it says.
pub(super) fn is_credential(name: &str) -> bool {
    CREDENTIALS.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether only the client makes a header.
pub(super) fn is_own_header(name: &str) -> bool {
    OWN.iter().any(|own| own.eq_ignore_ascii_case(name))
}
