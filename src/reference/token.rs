//! Who may do what: the token is looked at here, and nowhere else.

use super::cause::Cause;
use super::request::Request;

/// The token that may do everything.
pub(super) const GOOD: &[u8] = b"good-token";
/// The token that is valid and may neither create nor delete.
pub(super) const LIMITED: &[u8] = b"limited-token";
/// The greatest documented length of a token, in characters.
const LONGEST: usize = 16_384;

/// What the holder of a valid token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenHolder {
    /// Everything.
    Full,
    /// Read only.
    Limited,
}

/// Judges the token of a request.
pub(super) fn judge(request: &Request) -> Result<TokenHolder, Cause> {
    let mut sent = request.headers.get_all("x-auth-token").iter();
    let token = sent.next().ok_or(Cause::NoToken)?.as_bytes();
    if sent.next().is_some() {
        return Err(Cause::RepeatedToken);
    }
    judge_value(token)
}

/// Judges a token by itself.
pub(super) fn judge_value(token: &[u8]) -> Result<TokenHolder, Cause> {
    match token {
        [] => Err(Cause::EmptyToken),
        GOOD => Ok(TokenHolder::Full),
        LIMITED => Ok(TokenHolder::Limited),
        _ if token.len() > LONGEST => Err(Cause::LongToken),
        _ => Err(Cause::WrongToken),
    }
}
