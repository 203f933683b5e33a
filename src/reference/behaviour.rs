//! How the server behaves: its hooks. The default is what the documentation says; a fault or a variant changes one.

use std::time::Duration;

use serde_json::{Map, Value};

use super::arrival::{Arrival, ConnectionHistory};
use super::cause::Cause;
use super::field::Field;
use super::reply::{Moment, Reply};
use super::route::{self, Route};
use super::store::StoreRules;
use super::token::{self, TokenHolder};
use super::{body, stamp};

/// A change to an answer before it goes out.
pub(super) type Edit = fn(&mut Reply, &Moment<'_>);

/// Reads the members of a body.
pub(super) type ReadBody = fn(&[u8]) -> Result<Map<String, Value>, Cause>;

/// Looks at, and may change, the members of a body.
pub(super) type Inspect = fn(&mut Map<String, Value>, &Arrival, &ConnectionHistory) -> Result<(), Cause>;

/// What happens when requests are being answered at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Together {
    /// Each gets its own answer.
    Apart,
    /// Two that are answered at the same time get each other's answer.
    Swapped,
    /// Creations that overlap another one get the id of the one before.
    SameId,
    /// A creation that overlaps another one of the same name fails with 500.
    Crash,
    /// A creation that overlaps another one is refused as if its name were taken.
    Taken,
}

/// Which server speaks HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    /// axum and hyper.
    Axum,
    /// Our own bytes on a TCP stream, for what hyper rightly refuses to do.
    Raw,
}

/// How much clients may have and ask. The documentation knows of quotas and says nothing of their sizes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Limits {
    /// How many connections there may be.
    pub connections: Option<usize>,
    /// How many requests there may be in a second.
    pub requests: Option<usize>,
    /// How long a connection that is being deleted still counts.
    pub deletion: Duration,
}

/// The hooks, in the order in which a request meets them.
pub(super) struct Behaviour {
    /// Who speaks HTTP.
    pub transport: Transport,
    /// Which operation a request means.
    pub route: fn(&Arrival) -> Route,
    /// Refuses a creation before anything else is judged.
    pub gate: fn(&Arrival, &ConnectionHistory) -> Result<(), Cause>,
    /// Who the caller is.
    pub token: fn(&Arrival) -> Result<TokenHolder, Cause>,
    /// Whether that caller may create and delete.
    pub permits: fn(TokenHolder) -> bool,
    /// Whether the body is judged before the token.
    pub body_first: bool,
    /// The members of a body.
    pub body: ReadBody,
    /// Looks at, and may change, the members before they are judged one by one.
    pub members: Inspect,
    /// The rules of `name`.
    pub name: Field,
    /// The rules of `description`.
    pub description: Field,
    /// The rules of `vpc_id`.
    pub vpc_id: Field,
    /// The rules of `subnet_id`.
    pub subnet_id: Field,
    /// How names are kept unique.
    pub store: StoreRules,
    /// The id of a new connection, being the n-th (from 1).
    pub id: fn(usize) -> String,
    /// Whether connections can be read back and deleted.
    pub helpers: bool,
    /// Edits of the answer to a creation.
    pub created: Vec<Edit>,
    /// Edits of refusals.
    pub refused: Vec<Edit>,
    /// Edits of every answer, after those.
    pub every: Vec<Edit>,
    /// How much clients may have and ask.
    pub limits: Limits,
    /// How long every answer is held back.
    pub delay: Duration,
    /// What happens to requests at the same time.
    pub together: Together,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            transport: Transport::Axum,
            route: route::find,
            gate: |_, _| Ok(()),
            token: token::judge,
            permits: |holder| holder == TokenHolder::Full,
            body_first: false,
            body: body::read,
            members: |_, _, _| Ok(()),
            name: Field::name(),
            description: Field::description(),
            vpc_id: Field::id("vpc_id"),
            subnet_id: Field::id("subnet_id"),
            store: StoreRules::default(),
            id: |_| stamp::uuid(),
            helpers: true,
            created: Vec::new(),
            refused: Vec::new(),
            every: Vec::new(),
            limits: Limits::default(),
            delay: Duration::ZERO,
            together: Together::Apart,
        }
    }
}

impl Behaviour {
    /// Adds an edit of the answer to a creation.
    pub fn on_created(&mut self, edit: Edit) {
        self.created.push(edit);
    }

    /// Adds an edit of refusals.
    pub fn on_refused(&mut self, edit: Edit) {
        self.refused.push(edit);
    }

    /// Adds an edit of every answer.
    pub fn on_every(&mut self, edit: Edit) {
        self.every.push(edit);
    }

    /// Adds an edit of the answer to a creation that needs the raw transport.
    pub fn on_created_raw(&mut self, edit: Edit) {
        self.transport = Transport::Raw;
        self.created.push(edit);
    }

    /// Adds an edit of refusals that needs the raw transport.
    pub fn on_refused_raw(&mut self, edit: Edit) {
        self.transport = Transport::Raw;
        self.refused.push(edit);
    }
}
