//! What a check is, and what it looks at.

use serde_json::Value;

use super::findings::Findings;
use crate::contract::{BodyKind, Content, Contract, Operation, ResponseSpec};
use crate::http::{Exchange, Response};
use crate::secret::Secrets;
use crate::suite::{Cover, Shape};
use crate::text::shorten;
use crate::verdict::CheckId;

/// One general check.
pub struct Check {
    /// Its name, as the contract's `x-checks` uses it.
    pub id: CheckId,
    /// What it looks at, for people.
    pub says: &'static str,
    /// Whether it binds also where the answer may come from a layer in front of the API.
    pub always: bool,
    /// Looks at the subject and reports what is broken.
    pub run: fn(&Subject<'_>, &mut Findings<'_>),
}

/// What a check looks at.
pub struct Subject<'a> {
    /// The contract.
    pub contract: &'a Contract,
    /// The operation that was asked.
    pub operation: &'a Operation,
    /// What was sent and what came back.
    pub exchange: &'a Exchange,
    /// Statuses that the case itself declares as possible here, documented or not.
    pub declared: &'a [u16],
    /// What the case wants to show with this exchange.
    pub covers: &'a [Cover],
    /// How hard the documented shape binds this answer.
    pub shape: Shape,
    /// What must not come back.
    pub secrets: &'a Secrets,
}

/// An answer and the documented body that it is judged by.
pub struct Documented<'a> {
    /// The answer.
    pub response: &'a Response,
    /// The body as documented.
    pub content: &'a Content,
    /// How it is read.
    pub kind: BodyKind,
}

impl<'a> Subject<'a> {
    /// The complete answer, if there is one.
    pub fn response(&self) -> Option<&'a Response> {
        self.exchange.answer.response()
    }

    /// The complete answer and what is documented for its status. None for a 5xx: that it came at all is the
    /// finding, and what it looks like adds nothing.
    pub fn documented(&self) -> Option<(&'a Response, &'a ResponseSpec)> {
        let response = self.response().filter(|response| response.status < 500)?;
        let spec = self.operation.response(response.status)?;
        Some((response, spec))
    }

    /// The answer's body where it is well-formed JSON, with the answer, which has a documented status.
    pub fn body(&self) -> Option<(&'a Value, &'a Response)> {
        let (response, _) = self.documented()?;
        response.json().ok().map(|body| (body, response))
    }

    /// Why nobody can say what is in the body of an answer: it is coded, as the request asks, and no coding is undone here.
    pub fn unreadable(&self, response: &Response) -> Option<String> {
        let coding = response.coding()?;
        let is_asked_for = self.exchange.request.header_values("accept-encoding").next().is_some();
        is_asked_for.then(|| {
            format!("its body is coded with {}, for which the request asks", self.secrets.shortened(coding, 120))
        })
    }

    /// The answer and what is documented for its status, where that is a body and one can be (RFC 9110, 15.3.5, 15.3.6 and
    /// 15.4.5).
    pub fn content_spec(&self) -> Option<(&'a Response, &'a ResponseSpec)> {
        let bare = |status: u16| matches!(status, 100..200 | 204 | 205 | 304);
        self.documented().filter(|(response, spec)| !spec.content.is_empty() && !bare(response.status))
    }

    /// The answer, what is documented for its status and for the body that it says it has, and how that is read. None where
    /// no body is documented or can be.
    pub fn content(&self) -> Option<Documented<'a>> {
        let (response, spec) = self.content_spec().filter(|_| self.exchange.request.method != "HEAD")?;
        let (content, kind) = spec.judge(response.header("content-type"))?;
        Some(Documented { response, content, kind })
    }
}

/// Two values that differ as they are shown in a finding: where they are alike as far as one is shown, from near the first
/// difference on.
pub fn shown_apart(expected: &Value, observed: &Value, secrets: &Secrets) -> (String, String) {
    let (expected, observed) = (secrets.shown(expected, COMPARED), secrets.shown(observed, COMPARED));
    let alike = expected.chars().zip(observed.chars()).take_while(|(one, other)| one == other).count();
    let shown = |text: String| match alike < SHOWN - 1 {
        true => shorten(&text, SHOWN).into_owned(),
        false => {
            let rest: String = text.chars().skip(alike - BEFORE).collect();
            format!("…{}", shorten(&rest, SHOWN))
        }
    };
    (shown(expected), shown(observed))
}

/// How many characters of two values are looked through for a difference.
const COMPARED: usize = 16 * 1024;
/// How many characters of a value are shown.
const SHOWN: usize = 120;
/// How many of them are what stands before a difference that comes late.
const BEFORE: usize = 40;

/// A value as it is shown in a finding: JSON, masked and shortened to 120 characters.
pub fn shown(value: &Value, secrets: &Secrets) -> String {
    secrets.shown(value, SHOWN)
}
