//! What a fault is, and the constructors that its row is made with.

use std::fmt;

use serde_json::{Map, Value};

use crate::reference::behaviour::{Behaviour, ReadBody, Transport};
use crate::reference::cause::Cause;
use crate::reference::field::Field;
use crate::reference::reply::{AnswerContext, Reply};
use crate::reference::request::{ConnectionHistory, Request};
use crate::reference::route::Route;
use crate::reference::store::ProjectStore;
use crate::reference::token::TokenHolder;

/// A condition on the request that is being answered.
type When = fn(&AnswerContext<'_>) -> bool;

type Change = Box<dyn Fn(&mut Behaviour) + Send + Sync>;

/// One named way to break one clause of the documentation.
pub struct Fault {
    /// Its name, unique among all faults.
    pub id: String,
    /// The clause that it breaks.
    pub clause: String,
    /// What the server then does, in a few words.
    pub says: String,
    /// Whether it breaks many clauses at once: every refusal, or every n-th answer whatever was asked.
    pub broad: bool,
    changes: Vec<Change>,
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault").field("id", &self.id).field("clause", &self.clause).finish_non_exhaustive()
    }
}

/// A row starts with `new`; the other constructors add what the server does wrong.
impl Fault {
    pub(super) fn new(id: impl Into<String>, clause: impl Into<String>, says: impl Into<String>) -> Self {
        Self { id: id.into(), clause: clause.into(), says: says.into(), broad: false, changes: Vec::new() }
    }

    /// Breaks many clauses, and is known to.
    pub(super) fn broad(self) -> Self {
        Self { broad: true, ..self }
    }

    /// Any change of behaviour.
    pub(super) fn set(mut self, change: impl Fn(&mut Behaviour) + Send + Sync + 'static) -> Self {
        self.changes.push(Box::new(change));
        self
    }

    /// Answers from the bare TCP stream, for what no HTTP library would send.
    pub(super) fn raw(self) -> Self {
        self.set(|b| b.transport = Transport::Raw)
    }

    /// Other rules for one member of the body.
    pub(super) fn field(self, member: &'static str, change: fn(&mut Field)) -> Self {
        self.set(move |b| change(b.field(member)))
    }

    /// A name may hold this character as well.
    pub(super) fn name_allows(self, c: char) -> Self {
        self.set(move |b| b.name.exception = Some((c, true)))
    }

    /// A name may not hold this character.
    pub(super) fn name_forbids(self, c: char) -> Self {
        self.set(move |b| b.name.exception = Some((c, false)))
    }

    /// Another way to read the members of a body.
    pub(super) fn body(self, read: ReadBody) -> Self {
        self.set(move |b| b.body = read)
    }

    /// Looks at the members before they are judged, and may change them.
    pub(super) fn members(
        self,
        inspect: impl Fn(&mut Map<String, Value>, &Request, &ConnectionHistory) -> Result<(), Cause>
        + Copy
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.set(move |b| b.on_members(inspect))
    }

    /// Refuses a creation before anything else is judged.
    pub(super) fn gate(self, gate: fn(&Request, &ConnectionHistory) -> Result<(), Cause>) -> Self {
        self.set(move |b| b.gate = gate)
    }

    /// Another way to tell who the caller is.
    pub(super) fn token(self, judge: fn(&Request) -> Result<TokenHolder, Cause>) -> Self {
        self.set(move |b| b.token = judge)
    }

    /// Accepts a refused token where this holds of the cause and the token.
    pub(super) fn excuses(self, may: fn(Cause, &[u8]) -> bool) -> Self {
        self.excuses_request(move |cause, request| may(cause, request.token()))
    }

    /// Accepts a refused token where this holds of the cause and the request.
    pub(super) fn excuses_request(self, may: impl Fn(Cause, &Request) -> bool + Copy + Send + Sync + 'static) -> Self {
        self.set(move |b| b.excuses = Box::new(may))
    }

    /// Another way to find the operation.
    pub(super) fn route(self, find: fn(&Request) -> Route) -> Self {
        self.set(move |b| b.route = find)
    }

    /// Another rule for which names are taken.
    pub(super) fn taken(self, taken: fn(&ProjectStore, &str) -> bool) -> Self {
        self.set(move |b| b.store.taken = taken)
    }

    /// A creation that is refused for this takes its name all the same.
    pub(super) fn refusal_takes_name(self, takes: fn(Cause) -> bool) -> Self {
        self.set(move |b| b.store.refused_takes = takes)
    }

    /// A creation whose name is refused takes a part of it.
    pub(super) fn refusal_takes_part(self, part: fn(&str) -> String) -> Self {
        self.refusal_takes_name(|cause| matches!(cause, Cause::Field("name", _)))
            .set(move |b| b.store.taken_part = part)
    }

    /// Edits the answer to a creation.
    pub(super) fn created(self, edit: impl Fn(&mut Reply, &AnswerContext<'_>) + Copy + Send + Sync + 'static) -> Self {
        self.set(move |b| b.on_created(edit))
    }

    /// Edits the answers to some creations.
    pub(super) fn created_if(
        self,
        when: When,
        edit: impl Fn(&mut Reply, &AnswerContext<'_>) + Copy + Send + Sync + 'static,
    ) -> Self {
        self.created(move |r, m| {
            if when(m) {
                edit(r, m);
            }
        })
    }

    /// Edits the answer to every n-th creation.
    pub(super) fn every_nth(self, n: usize, edit: fn(&mut Reply, &AnswerContext<'_>)) -> Self {
        self.created(move |r, m| {
            if m.accepted.is_multiple_of(n) {
                edit(r, m);
            }
        })
    }

    /// Edits refusals.
    pub(super) fn refused(self, edit: impl Fn(&mut Reply, &AnswerContext<'_>) + Copy + Send + Sync + 'static) -> Self {
        self.set(move |b| b.on_refused(edit))
    }

    /// Edits some refusals.
    pub(super) fn refused_if(self, when: When, edit: fn(&mut Reply, &AnswerContext<'_>)) -> Self {
        self.refused(move |r, m| {
            if when(m) {
                edit(r, m);
            }
        })
    }

    /// Edits what is refused for this cause.
    pub(super) fn refused_for(self, cause: Cause, edit: fn(&mut Reply, &AnswerContext<'_>)) -> Self {
        self.refused(move |r, m| {
            if m.is(cause) {
                edit(r, m);
            }
        })
    }

    /// Edits what is refused with this status.
    pub(super) fn refused_with(self, status: u16, edit: fn(&mut Reply, &AnswerContext<'_>)) -> Self {
        self.refused(move |r, m| {
            if m.is_status(status) {
                edit(r, m);
            }
        })
    }

    /// Answers what is refused for this cause with another status.
    pub(super) fn answers(self, cause: Cause, status: u16) -> Self {
        self.refused(move |r, m| {
            if m.is(cause) {
                r.refuse_as(status);
            }
        })
    }

    /// Answers every invalid body with another status, which breaks many clauses.
    pub(super) fn answers_invalid(self, status: u16) -> Self {
        self.refused(move |r, m| {
            if m.is_invalid() {
                r.refuse_as(status);
            }
        })
        .broad()
    }

    /// Edits every answer.
    pub(super) fn every(self, edit: impl Fn(&mut Reply, &AnswerContext<'_>) + Copy + Send + Sync + 'static) -> Self {
        self.set(move |b| b.on_every(edit))
    }

    pub(in crate::reference) fn apply(&self, behaviour: &mut Behaviour) {
        for change in &self.changes {
            change(behaviour);
        }
    }
}
