//! Sending again what was answered "not now", where the user opted in, and what that says of what comes back then.
//!
//! A case is sent again as a whole and with fresh values: of a request that was answered 502, 503 or 504 nobody knows
//! whether it was carried out, so what follows may not depend on its name being free. Where a case can't have another
//! name, a refusal after such an answer is none that could be blamed on anything. What an attempt that is given up has
//! created is removed before the next one.
//!
//! A request whose kept-alive connection was closed on it is such a one, too, whether the user opted in or not, as long as
//! that is excused.
//!
//! A status that the contract documents for the operation, or that the step names, is an answer like any other and isn't
//! sent again. Nor is an attempt in which something is broken already.

use std::sync::Arc;
use std::time::Duration;

use super::members::{fresh_members, object};
use super::record::cause_shown;
use crate::check::Findings;
use crate::contract::ErrorCode;
use crate::http::{Answer, ConnectionUse, Exchange, Request};
use crate::run::backoff::{FIRST, TRANSIENT, wait};
use crate::run::claim::Claim;
use crate::run::context::Context;
use crate::run::login::RefusedSecret;
use crate::run::permit::Permit;
use crate::suite::{Override, RenderError};
use crate::verdict::{CheckId, Finding, FindingKind, LeftBehind, Place};

/// The answer among these by which a request was surely not carried out.
const TOO_MANY: u16 = 429;
/// How often a case waits for a quota while nothing else is in flight: what was deleted may count for a while.
const WAITS_ALONE: u32 = 4;
/// The retries of one case, or of one control.
pub(in crate::run) struct Retries<'a> {
    context: &'a Context,
    id: &'a str,
    permit: &'a mut Permit,
    /// What its answers take of the run's room.
    pub(super) claim: Claim,
    /// The answers for which it was sent again, one a retry.
    pub(in crate::run) retried: Vec<Arc<Exchange>>,
    /// Every exchange of abandoned attempts, those of `retried` among them.
    pub(in crate::run) abandoned: Vec<Arc<Exchange>>,
    /// What these left behind.
    pub(in crate::run) left_behind: Vec<LeftBehind>,
    /// How often it was made anew since a secret was good no more.
    renewals: usize,
    /// Whether it has had a secret renewed: a fresh one that is refused, too, is no old one.
    has_renewed: bool,
    /// How often it waited for the target to have room again.
    waits_for_room: usize,
    /// How often nothing else was in flight then.
    waits_alone: u32,
}

/// Gives the statuses that a step names itself.
type Declared<'d> = &'d (dyn Fn() -> Vec<u16> + Sync);

/// A wait, and the answer that it is for.
pub(in crate::run) struct Pause {
    wait: Duration,
    answer: Arc<Exchange>,
    /// What has to be obtained anew before.
    refused: Vec<RefusedSecret>,
}

impl<'a> Retries<'a> {
    /// As many as the run allows, for what has this id.
    pub(in crate::run) fn new(context: &'a Context, id: &'a str, permit: &'a mut Permit) -> Self {
        Self {
            context,
            id,
            permit,
            claim: Claim::new(&context.room),
            retried: Vec::new(),
            abandoned: Vec::new(),
            left_behind: Vec::new(),
            renewals: 0,
            has_renewed: false,
            waits_for_room: 0,
            waits_alone: 0,
        }
    }

    /// The statuses for which it was sent again, one a retry.
    pub(in crate::run) fn statuses(&self) -> Vec<u16> {
        self.retried.iter().filter_map(|exchange| exchange.answer.response()).map(|response| response.status).collect()
    }

    /// The exchanges for which it was sent again, each with what its record is called.
    pub(in crate::run) fn named(&self) -> impl Iterator<Item = (&str, &Exchange)> {
        let step = |exchange: &Exchange| if exchange.is_unanswered() { "unanswered" } else { "retried" };
        self.retried.iter().map(move |exchange| (step(exchange), &**exchange))
    }

    /// Tells which of these exchanges, which follow on so many others in the record, got no answer at all.
    pub(super) fn report_unanswered(&self, before: usize, findings: &mut Vec<Finding>) {
        for (number, exchange) in self.retried.iter().enumerate() {
            if let (true, Answer::Unusable { defect, cause, .. }) = (exchange.is_unanswered(), &exchange.answer) {
                let asked = self.context.asked(&exchange.request).id();
                let mut found = Findings::new(self.context.contract(), before + number).of(asked);
                let cause = cause_shown(cause, &self.context.options.secrets);
                let observed = format!("{}: {cause}; the case was made anew with fresh values", defect.says());
                let expected = vec!["one complete, well-formed answer".to_owned()];
                found.report(CheckId::ANSWER, FindingKind::Deviation, Place::Answer, expected, observed);
                findings.append(&mut found.into_list());
            }
        }
    }

    /// The id from which the values of the next attempt are drawn: another one after every retry.
    pub(in crate::run) fn value_id(&self, id: &str) -> String {
        match self.retried.len() + self.renewals + self.waits_for_room {
            0 => id.to_owned(),
            made => format!("{id}#retry-{made}"),
        }
    }

    /// The secret for which this is to be made anew: one that the answer says is good no more, and for which there is another
    /// value by now, or none was asked for by this case yet. A refusal that the step expects is about something else, unless the
    /// secret was sent as in the valid request.
    fn refused_secret(&self, declared: Declared<'_>, exchange: &Exchange) -> Option<RefusedSecret> {
        let login = &self.context.login;
        let mut refused = login.refused(exchange)?;
        refused.is_expected = exchange.answer.response().is_some_and(|response| declared().contains(&response.status));
        if refused.is_current() && (self.has_renewed || refused.is_expected && !login.may_check()) {
            return None;
        }
        let valid = &self.context.asked(&exchange.request).request;
        (!refused.is_expected || refused.is_sent_as_in(valid, &exchange.request)).then_some(refused)
    }

    /// Whether this answer may be another one later. `declared` gives the statuses that the step names itself.
    pub(in crate::run) fn is_transient(&self, declared: Declared<'_>, exchange: &Exchange) -> bool {
        if exchange.is_unanswered() {
            return self.context.unanswered.is_excused(exchange);
        }
        if self.refused_secret(declared, exchange).is_some() {
            return true;
        }
        self.statuses().len() < self.context.options.retries
            && exchange.answer.response().is_some_and(|response| {
                let asked = &self.context.asked(&exchange.request).documented;
                let documented = asked.response(response.status).is_some();
                TRANSIENT.contains(&response.status) && !documented && !declared().contains(&response.status)
            })
    }

    /// How long to wait until these are sent again: as long as the most patient of those that may pass asks for. None
    /// where none may, or where one asks for longer than anybody would wait.
    pub(in crate::run) fn pause(&self, declared: Declared<'_>, exchanges: &[Arc<Exchange>]) -> Option<Pause> {
        let mut longest: Option<Pause> = None;
        let mut secrets = Vec::new();
        for exchange in exchanges.iter().filter(|exchange| self.is_transient(declared, exchange)) {
            let wait = match exchange.answer.response() {
                Some(response) => wait(response, (self.context.options.seed, self.id), self.retried.len())?,
                None => Duration::ZERO,
            };
            let refused = self.refused_secret(declared, exchange);
            secrets.extend(refused.clone());
            // What was renewed is sent at once.
            let wait = if refused.is_some() { Duration::ZERO } else { wait };
            if longest.as_ref().is_none_or(|longest| longest.wait < wait) {
                longest = Some(Pause { wait, answer: Arc::clone(exchange), refused: Vec::new() });
            }
        }
        longest.map(|pause| Pause { refused: secrets, ..pause })
    }

    /// Gives these exchanges up and waits.
    ///
    /// # Errors
    /// Why the run was stopped meanwhile; nothing was given up then.
    pub(in crate::run) async fn wait(&mut self, pause: Pause, exchanges: Vec<Arc<Exchange>>) -> Result<(), String> {
        self.claim.release().await;
        for refused in &pause.refused {
            self.context.renew(refused).await?;
            self.has_renewed |= refused.is_current();
        }
        // Nobody else may use up what was renewed for this one.
        let is_at_once = pause.wait.is_zero() && !self.context.stop.is_set();
        if !is_at_once && !self.permit.pause(pause.wait, &self.context.stop).await {
            let status = pause.answer.answer.response().map(|response| response.status.to_string());
            let after = status.unwrap_or_else(|| "no answer".to_owned());
            let why = self.context.stop.reason().map(|reason| format!(": {reason}")).unwrap_or_default();
            return Err(format!("it waited for a retry after {after} when the run was stopped{why}"));
        }
        match pause.refused.is_empty() {
            true => self.retried.push(pause.answer),
            // What a login makes necessary says nothing of how steady a target is.
            false => self.renewals += 1,
        }
        self.abandoned.extend(exchanges);
        Ok(())
    }

    /// Whether it is of use to wait for a quota that was met.
    pub(in crate::run) fn may_wait_for_room(&self) -> bool {
        let alone = self.waits_alone < WAITS_ALONE && self.context.patience.is_left();
        !self.context.stop.is_set() && (self.permit.is_one_of_several() || alone)
    }

    /// Waits until the target may have room again: until another case is over and cleaned up, in whose place none is begun;
    /// or, where nothing else is in flight, for a while.
    pub(in crate::run) async fn wait_for_room(&mut self) {
        self.waits_for_room += 1;
        self.claim.release().await;
        if !self.permit.give_up().await {
            let wait = FIRST.saturating_mul(1 << self.waits_alone.min(8));
            self.waits_alone += 1;
            self.context.patience.spend(wait);
            self.context.stop.sleep(wait).await;
        }
    }

    /// Sends a request again as it is, on a network connection of its own, so that nothing that was left on another one has
    /// a part in the answer; and again as long as its answer may pass by itself, or a quota is met.
    ///
    /// # Errors
    /// The ledger can't be written.
    pub(super) async fn send(&mut self, case: &str, request: &Request) -> Result<Arc<Exchange>, RenderError> {
        loop {
            let request = self.context.login.refreshed(request).into_owned();
            let request = Arc::new(Request { connection: ConnectionUse::Fresh, ..request });
            let exchange = self.context.send(&self.context.client, (case, &self.claim), request).await?;
            if let Some(pause) = self.pause(&Vec::new, std::slice::from_ref(&exchange)) {
                if self.wait(pause, vec![Arc::clone(&exchange)]).await.is_err() {
                    return Ok(exchange);
                }
            } else if meets_quota(self.context, &exchange) && self.may_wait_for_room() {
                self.abandoned.push(exchange.judged());
                self.wait_for_room().await;
            } else {
                return Ok(exchange);
            }
        }
    }

    /// Why a refusal says nothing of this request: an attempt that was abandoned may have created the same, or has.
    pub(in crate::run) fn taken(&self, exchange: &Exchange) -> Option<String> {
        let refused = exchange.answer.response().filter(|response| (400..500).contains(&response.status))?;
        let may_exist = |earlier: &Exchange| match earlier.answer.response() {
            Some(response) if response.accepted() => true,
            Some(response) => TRANSIENT.contains(&response.status) && response.status != TOO_MANY,
            None => earlier.is_unanswered(),
        };
        let earlier = self
            .abandoned
            .iter()
            .find(|earlier| may_exist(earlier) && self.same(&earlier.request, &exchange.request))?;
        let method = &earlier.request.method;
        let answered = match earlier.answer.response() {
            Some(response) => format!("answered {}", response.status),
            None => "never answered".to_owned(),
        };
        Some(format!(
            "refused with {}, but an earlier {method} of the same, {answered}, may have taken its place",
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
        let fresh = fresh_members(self.context, self.context.asked(one), &Override::default());
        let (Some(one), Some(other)) = (object(one), object(other)) else { return false };
        fresh.iter().any(|member| one.get(member).is_some_and(|value| other.get(member) == Some(value)))
    }
}

/// Whether the target says that a quota is used up.
pub(in crate::run) fn meets_quota(context: &Context, exchange: &Arc<Exchange>) -> bool {
    exhausted_code(context, exchange).is_some()
}

/// The error code of an answer that says nothing of its request, but that the target can take no more for now.
pub(super) fn exhausted_code<'c>(context: &'c Context, exchange: &Arc<Exchange>) -> Option<&'c ErrorCode> {
    let exchange = exchange.view();
    let response = exchange.answer.response()?;
    let catalogue = context.contract().catalogue();
    let code = response.json().ok().and_then(|body| catalogue.code_in(body))?;
    catalogue.get(&code).filter(|entry| entry.status == response.status && entry.exhausted)
}
