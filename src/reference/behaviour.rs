//! How the server behaves: its hooks. The default is what the documentation says; a fault or a variant changes one.

use std::time::Duration;

use serde_json::{Map, Value};

use super::cause::Cause;
use super::field::Field;
use super::reply::{AnswerContext, Reply};
use super::request::{ConnectionHistory, Request};
use super::route::{self, Route};
use super::store::StoreRules;
use super::token::{self, TokenHolder};
use super::{body, stamp};

/// A change to an answer before it goes out.
pub(super) type Edit = Box<dyn Fn(&mut Reply, &AnswerContext<'_>) + Send + Sync>;

/// Reads the members of a body.
pub(super) type ReadBody = fn(&[u8]) -> Result<Map<String, Value>, Cause>;

/// Looks at, and may change, the members of a body before they are judged one by one.
pub(super) type Inspect =
    Box<dyn Fn(&mut Map<String, Value>, &Request, &ConnectionHistory) -> Result<(), Cause> + Send + Sync>;

/// What happens when requests are being answered at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Concurrency {
    /// Each gets its own answer.
    Isolated,
    /// Two that are answered at the same time get each other's answer.
    SwapsAnswers,
    /// Creations that overlap another one get the id of the one before.
    SharesId,
    /// A creation that overlaps another one of the same name fails with 500.
    Crashes,
    /// A creation that overlaps another one is refused as if its name were taken.
    Refuses,
}

/// Which server speaks HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    /// axum and hyper.
    Axum,
    /// Our own bytes on a TCP stream, for what hyper rightly refuses to do.
    Raw,
}

/// Whether a token that was refused for a cause is accepted all the same.
pub(super) type Excuse = Box<dyn Fn(Cause, &Request) -> bool + Send + Sync>;

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
    pub route: fn(&Request) -> Route,
    /// Refuses a creation before anything else is judged.
    pub gate: fn(&Request, &ConnectionHistory) -> Result<(), Cause>,
    /// Who the caller is.
    pub token: fn(&Request) -> Result<TokenHolder, Cause>,
    /// Whether a refused token is accepted all the same.
    pub excuses: Excuse,
    /// Whether that caller may create and delete.
    pub permits: fn(TokenHolder) -> bool,
    /// Whether the body is judged before the token.
    pub body_first: bool,
    /// The members of a body.
    pub body: ReadBody,
    /// Inspections of the members before they are judged one by one.
    pub members: Vec<Inspect>,
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
    pub concurrency: Concurrency,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            transport: Transport::Axum,
            route: route::find,
            gate: |_, _| Ok(()),
            token: token::judge,
            excuses: Box::new(|_, _| false),
            permits: |holder| holder == TokenHolder::Full,
            body_first: false,
            body: body::read,
            members: Vec::new(),
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
            concurrency: Concurrency::Isolated,
        }
    }
}

impl Behaviour {
    /// The rules of one member of the body.
    pub fn field(&mut self, member: &str) -> &mut Field {
        match member {
            "name" => &mut self.name,
            "description" => &mut self.description,
            "vpc_id" => &mut self.vpc_id,
            _ => &mut self.subnet_id,
        }
    }

    /// Adds an inspection of the members.
    pub fn on_members(
        &mut self,
        inspect: impl Fn(&mut Map<String, Value>, &Request, &ConnectionHistory) -> Result<(), Cause> + Send + Sync + 'static,
    ) {
        self.members.push(Box::new(inspect));
    }

    /// Adds an edit of the answer to a creation.
    pub fn on_created(&mut self, edit: impl Fn(&mut Reply, &AnswerContext<'_>) + Send + Sync + 'static) {
        self.created.push(Box::new(edit));
    }

    /// Adds an edit of refusals.
    pub fn on_refused(&mut self, edit: impl Fn(&mut Reply, &AnswerContext<'_>) + Send + Sync + 'static) {
        self.refused.push(Box::new(edit));
    }

    /// Adds an edit of every answer.
    pub fn on_every(&mut self, edit: impl Fn(&mut Reply, &AnswerContext<'_>) + Send + Sync + 'static) {
        self.every.push(Box::new(edit));
    }
}
