//! The groups in which `run --help` shows its options, and which of these are so common that `run -h` shows them.

use clap::Arg;

use super::command::Command;
use super::row::Row;

/// A heading, the fields of its common options, and those of its other ones.
struct Group(&'static str, &'static [&'static str], &'static [&'static str]);

const GROUPS: &[Group] = &[
    Group("What is run", &["filters", "suite", "failed", "dry_run"], &["shard", "run_id"]),
    Group(
        "Target",
        &["target", "profile", "variables", "secret_files"],
        &[
            "config",
            "secrets",
            "headers",
            "wait_for_target",
            "proxy",
            "ca_certificates",
            "insecure",
            "allow_host",
            "client_certificate",
            "client_key",
        ],
    ),
    Group(
        "How it is run",
        &["jobs", "rate", "retries", "fail_fast"],
        &[
            "max_violations",
            "max_time",
            "deadline",
            "connect_timeout",
            "max_body",
            "max_head",
            "max_headers",
            "max_json_values",
            "max_json_depth",
            "max_pattern_work",
            "seed",
            "ledger",
            "read_only",
            "allow_destructive",
        ],
    ),
    Group("Gate", &["strict", "waivers"], &["allow_flaky", "waive_current", "expires", "reason"]),
    Group(
        "Reports",
        &["quiet", "verbose", "readings", "report-html", "report-junit", "report-json"],
        &["open", "coverage", "max_evidence", "color"],
    ),
    Group("Snapshots", &["snapshots"], &["snapshot_dir", "snapshot_profile"]),
];

/// What clap is told of an option of a command, under its heading.
pub(super) fn argument(row: &Row, command: Command) -> Arg {
    let argument = row.argument();
    let Some(Group(heading, common, _)) = group(row).filter(|_| command.in_table() == Command::Run) else {
        return argument;
    };
    let argument = argument.help_heading(*heading).hide_short_help(!common.contains(&row.key.as_str()));
    match row.key.starts_with("report-") {
        // What the format holds is for `--help`.
        true => argument.help(row.summary().split([':', ',']).next().unwrap_or_default().to_owned()),
        false => argument,
    }
}

/// Where an option's group stands among the groups.
pub(super) fn position(row: &Row) -> usize {
    let heading = group(row).map(|Group(heading, ..)| heading);
    GROUPS.iter().position(|Group(known, ..)| Some(known) == heading).unwrap_or(GROUPS.len())
}

/// The group of an option; every format of a report that isn't named is among the reports.
fn group(row: &Row) -> Option<&'static Group> {
    let key = row.key.as_str();
    let is_in = |Group(_, common, more): &&Group| common.contains(&key) || more.contains(&key);
    let reports = || GROUPS.iter().find(|Group(heading, ..)| *heading == "Reports" && key.starts_with("report-"));
    GROUPS.iter().find(is_in).or_else(reports)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::options::TABLE;

    #[test]
    fn every_option_of_a_run_is_in_a_group_and_every_name_in_a_group_is_one() {
        for row in TABLE.iter().filter(|row| row.is_of(Command::Run)) {
            assert!(group(row).is_some(), "{} is in no group", row.key);
        }
        for Group(_, common, more) in GROUPS {
            for key in common.iter().chain(*more) {
                assert!(TABLE.iter().any(|row| row.key == *key), "{key} is no option");
            }
        }
    }
}
