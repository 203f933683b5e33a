//! Options: one table of them, and what comes of it.

mod command;
mod group;
mod parse;
mod row;
mod settings;
mod table;
pub(super) mod value;

#[cfg(test)]
mod page;

pub(super) use command::{Command, SnapshotAction};
pub(super) use parse::command_line;
pub(super) use row::Row;
pub(super) use settings::{Setting, Settings};
pub(super) use table::{Options, TABLE};
