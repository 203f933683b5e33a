//! The ways in which the server can be wrong: one row a fault, one file a stage.

mod body;
mod description;
mod ids;
mod name;
mod name_characters;
mod refusal;
mod route;
mod sequence;
mod success;
mod times;
mod token;
mod unique;
mod wire;

use std::fmt;

use serde_json::{Map, Value};

use super::arrival::Arrival;
use super::behaviour::Behaviour;
use super::cause::Cause;
use super::reply::{Moment, shown};
use super::stamp;
use super::store::Connection;

/// One named way to break one clause of the documentation.
#[derive(Clone, Copy)]
pub struct Fault {
    /// Its name, unique among all faults.
    pub id: &'static str,
    /// The clause that it breaks.
    pub clause: &'static str,
    /// What the server then does, in a few words.
    pub says: &'static str,
    /// Whether it breaks many clauses at once: every refusal, or every n-th answer whatever was asked.
    pub broad: bool,
    set: fn(&mut Behaviour),
}

impl Fault {
    const fn new(id: &'static str, clause: &'static str, says: &'static str, set: fn(&mut Behaviour)) -> Self {
        Self { id, clause, says, broad: false, set }
    }

    /// The same fault, known to break many clauses.
    const fn broad(self) -> Self {
        Self { broad: true, ..self }
    }

    pub(super) fn apply(&self, behaviour: &mut Behaviour) {
        (self.set)(behaviour);
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault").field("id", &self.id).field("clause", &self.clause).finish_non_exhaustive()
    }
}

/// The tables, by stage.
const TABLES: &[&[Fault]] = &[
    route::ROWS,
    token::ROWS,
    body::ROWS,
    name::ROWS,
    name_characters::ROWS,
    description::ROWS,
    ids::ROWS,
    unique::ROWS,
    success::ROWS,
    times::ROWS,
    refusal::ROWS,
    sequence::ROWS,
    wire::ROWS,
];

/// Every fault.
pub static FAULTS: &[Fault] = &gathered::<{ count(TABLES) }>(TABLES);

/// The fault of that id.
#[must_use]
pub fn fault(id: &str) -> Option<&'static Fault> {
    FAULTS.iter().find(|fault| fault.id == id)
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler only, which refuses what is out of range")]
const fn count(tables: &[&[Fault]]) -> usize {
    let (mut sum, mut table) = (0, 0);
    while table < tables.len() {
        sum += tables[table].len();
        table += 1;
    }
    sum
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler only, which refuses what is out of range")]
const fn gathered<const N: usize>(tables: &[&[Fault]]) -> [Fault; N] {
    let mut all = [Fault::new("", "", "", |_| {}); N];
    let (mut place, mut table) = (0, 0);
    while table < tables.len() {
        let mut row = 0;
        while row < tables[table].len() {
            all[place] = tables[table][row];
            place += 1;
            row += 1;
        }
        table += 1;
    }
    all
}

/// The connection that a refused request would have made.
fn imagined(moment: &Moment<'_>) -> Value {
    let text = |member| moment.arrival.text(member);
    shown(&Connection {
        id: stamp::uuid(),
        name: text("name").unwrap_or_default(),
        description: text("description"),
        vpc_id: text("vpc_id").unwrap_or_default(),
        subnet_id: text("subnet_id").unwrap_or_default(),
        created: stamp::now(),
    })
}

/// Puts a member that lacks in from the query.
fn from_query(members: &mut Map<String, Value>, arrival: &Arrival, member: &str) -> Result<(), Cause> {
    let mut pairs = arrival.query.split('&').filter_map(|pair| pair.split_once('='));
    if let Some((_, value)) = pairs.find(|(name, _)| *name == member) {
        members.entry(member).or_insert_with(|| value.into());
    }
    Ok(())
}

/// Lets a member be spelt with another key.
fn another_key(members: &mut Map<String, Value>, member: &str, key: &str) -> Result<(), Cause> {
    if let Some(value) = members.remove(key) {
        members.entry(member).or_insert(value);
    }
    Ok(())
}

/// The text of a JSON string, and of other values as far as `also` says so.
fn any_text(value: &Value, also: fn(&Value) -> bool) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        value if also(value) => Some(value.to_string()),
        _ => None,
    }
}

fn number_text(value: &Value) -> Option<String> {
    any_text(value, Value::is_number)
}

fn bool_text(value: &Value) -> Option<String> {
    any_text(value, Value::is_boolean)
}

/// The first text in an array; one that is made up where there is none.
fn array_text(value: &Value) -> Option<String> {
    match value.as_array() {
        Some(values) => Some(values.iter().find_map(Value::as_str).map_or_else(stamp::uuid, str::to_owned)),
        None => any_text(value, Value::is_string),
    }
}

/// A text that is made up for an object.
fn object_text(value: &Value) -> Option<String> {
    if value.is_object() { Some(stamp::uuid()) } else { any_text(value, Value::is_string) }
}
