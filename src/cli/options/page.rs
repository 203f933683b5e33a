//! The table of options that people read, made from the table.

use super::command::COMMANDS;
use super::row::{Row, Source};
use super::table::TABLE;

fn line(row: &Row) -> String {
    let argument = row.argument();
    let short = argument.get_short().map(|short| format!("-{short}, ")).unwrap_or_default();
    let name = match row.name.as_str() {
        "" => String::new(),
        name => format!("{short}--{name}"),
    };
    let value = if row.is_switch() { "" } else { row.value_name };
    let own = COMMANDS.iter().filter(|(command, ..)| row.commands.contains(command)).map(|(_, words, _)| *words);
    // The commands that manage recorded answers have the same options.
    let commands: Vec<&str> = own.map(|words| if words == "snapshots list" { "snapshots" } else { words }).collect();
    let commands = if commands.is_empty() { "all".to_owned() } else { commands.join(", ") };
    let source = match row.source {
        Source::Flag => "",
        Source::Environment => "env",
        Source::Profile => "env, profile",
    };
    let default = row.default.filter(|_| !row.is_switch()).map(|text| format!("`{text}`")).unwrap_or_default();
    let option = format!("{name} {value}").trim().replace('|', "\\|");
    format!(
        "| `{option}` | {commands} | {source} | {default} | {} |\n",
        row.help.trim_end_matches('.').replace('<', "\\<")
    )
}

#[test]
fn the_page_of_options_has_each_of_them() {
    let head = "| option | command | also from | default | |\n| --- | --- | --- | --- | --- |\n";
    let table: String = std::iter::once(head.to_owned()).chain(TABLE.iter().map(line)).collect();
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/options.md")).unwrap();
    assert!(page.ends_with(&format!("\n\n{table}")), "docs/options.md has to end with this table:\n\n{table}");
}

#[test]
fn every_option_can_be_read_from_its_default() {
    for row in TABLE.iter() {
        let read = row.default.map_or(Ok(()), |default| (row.check)(default.as_ref()));
        assert!(read.is_ok(), "{row:?}");
    }
}
