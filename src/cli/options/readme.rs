//! The README's table of options, made from the table.

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
    format!("| `{option}` | {commands} | {source} | {default} | {} |\n", row.summary().replace('<', "\\<"))
}

#[test]
fn the_readme_has_the_table_of_options() {
    let head = "| option | command | also from | default | |\n| --- | --- | --- | --- | --- |\n";
    let table: String = std::iter::once(head.to_owned()).chain(TABLE.iter().map(line)).collect();
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    assert!(readme.contains(&format!("{table}\n")), "the README lacks this table of options:\n\n{table}");
}

#[test]
fn every_option_can_be_read_from_its_default() {
    for row in TABLE.iter() {
        let read = row.default.map_or(Ok(()), |default| (row.check)(default.as_ref()));
        assert!(read.is_ok(), "{row:?}");
    }
}
