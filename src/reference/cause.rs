//! Why a request is refused, and the documented answer to it: status, code and message.

/// What is wrong with one member of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldError {
    Missing,
    Null,
    Type,
    Short,
    Long,
    Characters,
    First,
    Reserved,
    Unknown,
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    UnknownPath,
    NoConnection,
    OtherMethod {
        allow: &'static str,
    },
    NoToken,
    EmptyToken,
    LongToken,
    WrongToken,
    RepeatedToken,
    NoPermission,
    Quota,
    TooMany,
    LargeBody,
    NoBody,
    NotText,
    NotJson,
    NotObject,
    Field(&'static str, FieldError),
    Taken,
    /// Something in the server went wrong. The correct server has no use for it.
    Crash,
}

impl Cause {
    /// The status that answers it.
    pub fn status(self) -> u16 {
        match self {
            Self::UnknownPath | Self::NoConnection => 404,
            Self::OtherMethod { .. } => 405,
            Self::NoToken | Self::EmptyToken | Self::LongToken | Self::WrongToken | Self::RepeatedToken => 401,
            Self::NoPermission | Self::Quota => 403,
            Self::TooMany => 429,
            Self::Crash => 500,
            _ => 400,
        }
    }

    /// The error code that goes with it.
    pub fn code(self) -> &'static str {
        match (self, self.status()) {
            (Self::Taken, _) => "EG.00513001",
            (Self::Quota, _) => "EG.00514003",
            (_, 401) => "EG.00014010",
            (_, 403) => "EG.00014030",
            (_, 404) => "EG.00014040",
            // No list has a code for these statuses, which are undocumented themselves.
            (_, 405) => "EG.00014050",
            (_, 429) => "EG.00014290",
            (_, 500) => "EG.00015000",
            _ => "EG.00014000",
        }
    }

    /// What a person is told. Never holds anything that was sent.
    pub fn message(self) -> String {
        let text = match self {
            Self::UnknownPath => "nothing is found at this path",
            Self::NoConnection => "there is no such connection",
            Self::OtherMethod { .. } => "this path does not take this method",
            Self::NoToken => "the header X-Auth-Token is missing",
            Self::EmptyToken => "the token is empty",
            Self::LongToken => "the token is longer than 16384 characters",
            Self::WrongToken => "the token is not valid",
            Self::RepeatedToken => "more than one token was sent",
            Self::NoPermission => "this token does not permit this request",
            Self::Quota => "there can be no more connections",
            Self::TooMany => "too many requests",
            Self::LargeBody => "the body is too large",
            Self::NoBody => "the body is missing",
            Self::NotText => "the body is not UTF-8",
            Self::NotJson => "the body is not JSON",
            Self::NotObject => "the body is not a JSON object",
            Self::Taken => "a connection of this name exists",
            Self::Crash => "internal server error",
            Self::Field(field, wrong) => return format!("{field} {}", wrong.text()),
        };
        text.to_owned()
    }
}

impl FieldError {
    fn text(self) -> &'static str {
        match self {
            Self::Missing => "is missing",
            Self::Null => "is null",
            Self::Type => "is not a string",
            Self::Short => "is too short",
            Self::Long => "is too long",
            Self::Characters => "holds a character that is not allowed",
            Self::First => "starts with a character that is not allowed there",
            Self::Reserved => "is a reserved word",
            Self::Unknown => "is not known",
        }
    }
}
