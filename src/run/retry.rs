//! Sending again what was answered "not now", where the user opted in, and what that says of what comes back then.
//!
//! A case is sent again as a whole and with fresh values: of a request that was answered 502, 503 or 504 nobody knows
//! whether it was carried out, so what follows may not depend on its name being free. Where a case can't have another
//! name, a refusal after such an answer is none that could be blamed on anything. What an attempt that is given up has
//! created is removed before the next one.
//!
//! A status that the contract documents for the operation, or that the step names, is an answer like any other and isn't
//! sent again. Nor is an attempt in which something is broken already.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::attempt::{Attempt, attempt};
use super::cleanup::clean_up;
use super::context::Context;
use super::permit::Permit;
use super::plan::TestCase;
use super::record::exchange_record;
use crate::http::{Exchange, Request, parse_strictly, retry_after};
use crate::suite::{Override, RenderError, Scope, render_request};
use crate::verdict::{ExchangeRecord, FindingKind, LeftBehind};

/// The answers that may pass by themselves. 504 is among them since a gateway gives it for the same reason as 502: the
/// service behind it isn't there, or isn't there in time.
const PASSING: [u16; 4] = [429, 502, 503, 504];
/// The answer of [`PASSING`] by which a request was surely not carried out.
const TOO_MANY: u16 = 429;
/// The longest time that an answer may ask for: one that asks for more is judged as it is, so that no target can hold a
/// run up.
const LONGEST: Duration = Duration::from_secs(60);
/// How long the first retry waits where the answer doesn't say; each further one twice as long.
const FIRST: Duration = Duration::from_millis(250);
/// How long such a retry waits at most.
const LONGEST_UNASKED: Duration = Duration::from_secs(8);
/// How much is added at most to a time that was asked for, so that not all who were told the same come back at once.
const SPREAD: Duration = Duration::from_millis(250);

/// The retries of one case, or of one control.
pub(super) struct Retries<'a> {
    context: &'a Context,
    id: &'a str,
    turn: &'a mut Permit,
    /// The answers for which it was sent again, one a retry.
    pub(super) met: Vec<Arc<Exchange>>,
    /// Every exchange of attempts that were given up, those of `met` among them.
    pub(super) given_up: Vec<Arc<Exchange>>,
    /// What these left behind.
    pub(super) left: Vec<LeftBehind>,
}

/// Gives the statuses that a step names itself.
type Declared<'d> = &'d (dyn Fn() -> Vec<u16> + Sync);

/// A wait, and the answer that it is for.
pub(super) struct Pause {
    wait: Duration,
    answer: Arc<Exchange>,
}

impl<'a> Retries<'a> {
    /// As many as the run allows, for what has this id.
    pub(super) fn new(context: &'a Context, id: &'a str, turn: &'a mut Permit) -> Self {
        Self { context, id, turn, met: Vec::new(), given_up: Vec::new(), left: Vec::new() }
    }

    /// The statuses for which it was sent again, one a retry.
    pub(super) fn statuses(&self) -> Vec<u16> {
        self.met.iter().filter_map(|exchange| exchange.answer.response()).map(|response| response.status).collect()
    }

    /// The records of the answers for which it was sent again.
    pub(super) fn records(&self) -> impl Iterator<Item = ExchangeRecord> {
        self.met.iter().map(|exchange| exchange_record("retried", exchange, &self.context.secrets))
    }

    /// The id from which the values of the next attempt follow: another one after every retry.
    pub(super) fn fresh(&self, id: &str) -> String {
        match self.met.len() {
            0 => id.to_owned(),
            made => format!("{id}#retry-{made}"),
        }
    }

    /// Whether this answer may be another one later. `declared` gives the statuses that the step names itself.
    pub(super) fn passes(&self, declared: Declared<'_>, exchange: &Exchange) -> bool {
        self.met.len() < self.context.retries
            && exchange.answer.response().is_some_and(|response| {
                let documented = self.context.operation.response(response.status).is_some();
                PASSING.contains(&response.status) && !documented && !declared().contains(&response.status)
            })
    }

    /// How long to wait until these are sent again: as long as the most patient of those that may pass asks for. None
    /// where none may, or where one asks for longer than anybody would wait.
    pub(super) fn pause(&self, declared: Declared<'_>, exchanges: &[Arc<Exchange>]) -> Option<Pause> {
        let mut longest: Option<Pause> = None;
        for exchange in exchanges.iter().filter(|exchange| self.passes(declared, exchange)) {
            let asked = exchange.answer.response().and_then(|response| retry_after(response, SystemTime::now()));
            if asked.is_some_and(|asked| asked > LONGEST) {
                return None;
            }
            let made = self.met.len();
            let wait = wait(asked, made, jitter(self.context.seed, self.id, made));
            if longest.as_ref().is_none_or(|longest| longest.wait < wait) {
                longest = Some(Pause { wait, answer: Arc::clone(exchange) });
            }
        }
        longest
    }

    /// Gives these exchanges up and waits.
    ///
    /// # Errors
    /// Why the run was stopped meanwhile; nothing was given up then.
    pub(super) async fn wait(&mut self, pause: Pause, exchanges: Vec<Arc<Exchange>>) -> Result<(), String> {
        if !self.turn.pause(pause.wait, &self.context.stop).await {
            let status = pause.answer.answer.response().map(|response| response.status).unwrap_or_default();
            let why = self.context.stop.reason().map(|reason| format!(": {reason}")).unwrap_or_default();
            return Err(format!("it waited for a retry after {status} when the run was stopped{why}"));
        }
        self.met.push(pause.answer);
        self.given_up.extend(exchanges);
        Ok(())
    }

    /// Attempts a case in this scope, which is that of the row under `id`; and again, each time in another, as long as an
    /// answer may pass by itself and nothing is broken.
    ///
    /// # Errors
    /// A template that fails.
    pub(super) async fn attempt(
        &mut self,
        test_case: &TestCase,
        id: &str,
        mut scope: Scope,
    ) -> Result<Attempt, RenderError> {
        let context = self.context;
        loop {
            let mut made = attempt(context, test_case.case(), &test_case.row, scope.clone(), self).await?;
            let Some(pause) = made.pause.take() else { return Ok(made) };
            if made.findings.iter().any(|finding| finding.kind == FindingKind::Violation) {
                made.blocked.get_or_insert_with(|| "it isn't sent again: what is broken already stands".to_owned());
                return Ok(made);
            }
            let exchanges: Vec<_> = made.exchanges.iter().map(|sent| Arc::clone(&sent.exchange)).collect();
            if let Err(why) = self.wait(pause, exchanges.clone()).await {
                made.blocked = Some(why);
                return Ok(made);
            }
            self.left.extend(clean_up(context, &test_case.id, &scope, exchanges.iter()).await);
            scope = Scope::for_row(&context.bindings, context.seed, &self.fresh(id), &test_case.row)?;
        }
    }

    /// Why a refusal says nothing of this request: an attempt that was given up may have created the same, or has.
    pub(super) fn taken(&self, exchange: &Exchange) -> Option<String> {
        let refused = exchange.answer.response().filter(|response| (400..500).contains(&response.status))?;
        let (earlier, status) = self.given_up.iter().find_map(|earlier| {
            let status = earlier.answer.response()?.status;
            let may_exist = earlier.answer.response()?.accepted() || (PASSING.contains(&status) && status != TOO_MANY);
            (may_exist && self.same(&earlier.request, &exchange.request)).then_some((earlier, status))
        })?;
        let method = &earlier.request.method;
        Some(format!(
            "refused with {}, but an earlier {method} of the same, answered {status}, may have taken its place",
            refused.status
        ))
    }

    /// Whether two requests would create the same: something that is fresh in every valid request isn't in them.
    fn same(&self, one: &Request, other: &Request) -> bool {
        if (&one.method, &one.url) != (&other.method, &other.url) {
            return false;
        }
        if one.body == other.body {
            return true;
        }
        let (Some(one), Some(other)) = (object(one), object(other)) else { return false };
        self.fresh_members().iter().any(|member| one.get(member).is_some_and(|value| other.get(member) == Some(value)))
    }

    /// The members of the valid request's body that are fresh in every one.
    fn fresh_members(&self) -> Vec<String> {
        let valid = |id: &str| {
            let scope = self.context.scope(&format!("{}#{id}", self.id));
            let base_url = &self.context.base_url;
            object(&render_request(&self.context.suite.request, &Override::default(), &scope, base_url).ok()?)
        };
        let (Some(Value::Object(one)), Some(other)) = (valid("fresh-1"), valid("fresh-2")) else { return Vec::new() };
        one.into_iter().filter(|(name, value)| other.get(name) != Some(value)).map(|(name, _)| name).collect()
    }
}

fn object(request: &Request) -> Option<Value> {
    parse_strictly(request.body.as_deref()?).ok().filter(Value::is_object)
}

/// A number below 1000 that is the same in every run with the same seed, and another one for another case or retry.
fn jitter(seed: u64, id: &str, made: usize) -> u32 {
    let mut hasher = DefaultHasher::new();
    (seed, id, made).hash(&mut hasher);
    fastrand::Rng::with_seed(hasher.finish()).u32(..1_000)
}

/// How long to wait before the next retry, after so many made; `luck` is below 1000.
fn wait(asked: Option<Duration>, made: usize, jitter: u32) -> Duration {
    match asked {
        Some(asked) => asked + SPREAD * jitter / 1_000,
        None => {
            let doubled = FIRST.saturating_mul(1 << made.min(16)).min(LONGEST_UNASKED);
            doubled / 2 + doubled / 2 * jitter / 1_000
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_was_asked_for_is_never_cut_short_and_little_is_added_to_it() {
        for asked in [Duration::ZERO, Duration::from_secs(3), LONGEST] {
            for jitter in [0, 500, 999] {
                let wait = wait(Some(asked), 0, jitter);
                assert!(wait >= asked && wait < asked + SPREAD, "{wait:?}");
            }
        }
    }

    #[test]
    fn the_same_seed_case_and_retry_have_the_same_luck_and_others_spread() {
        assert_eq!(jitter(1, "a/b/c", 0), jitter(1, "a/b/c", 0));
        let cases: Vec<u32> = (0..100).map(|number| jitter(1, &format!("a/b/c[{number}]"), 0)).collect();
        assert!(cases.iter().any(|jitter| *jitter < 250) && cases.iter().any(|jitter| (750..1_000).contains(jitter)));
        assert!((0..10).map(|made| jitter(1, "a/b/c", made)).any(|other| other != jitter(1, "a/b/c", 0)));
    }

    #[test]
    fn unasked_waits_double_up_to_a_limit_and_are_spread_over_their_second_half() {
        let range = |made| (wait(None, made, 0).as_millis(), wait(None, made, 999).as_millis());
        assert_eq!([range(0), range(1), range(2)], [(125, 249), (250, 499), (500, 999)]);
        assert_eq!([range(5), range(9), range(usize::MAX)], [(4_000, 7_996); 3]);
    }
}
