//! The commands, one row each.

use Command::{
    Check, Cleanup, Compare, Completions, Config, Explain, Init, List, Man, Mutants, Report, Run, Schema, Serve,
    Snapshots, Suggest,
};

/// What the program is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Command {
    Init,
    Run,
    Report,
    Compare,
    Check,
    Cleanup,
    Config,
    List,
    Explain,
    Serve,
    Mutants,
    Snapshots(SnapshotAction),
    Suggest,
    Schema,
    Completions,
    Man,
}

impl Command {
    /// The one of those with the same options that stands for all in the table.
    pub(super) fn in_table(self) -> Self {
        match self {
            Config => Run,
            Snapshots(_) => Snapshots(SnapshotAction::List),
            command => command,
        }
    }
}

/// What to do with recorded answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum SnapshotAction {
    List,
    Review,
    Accept,
    Reject,
    Prune,
}

/// Every command with its words and its help; behind the first sentence stands what only `--help` shows.
pub(super) static COMMANDS: [(Command, &str, &str); 20] = [
    (
        Init,
        "init",
        "Begin a suite: contract, suite and cases that pass `check`. With `--document` it asks the operations of an API's \
         document, without it is an example. No file is written over.",
    ),
    (
        Run,
        "run",
        "Run a suite against a target and give a verdict. Without a target, the embedded reference implementation is started \
         on a free port and judged.",
    ),
    (Report, "report", "Make reports later, from the event stream of a run or of all its shards."),
    (
        Compare,
        "compare",
        "Compare two runs, by their event streams: clauses, cases, readings, snapshots and verdicts. Exit codes: 0, nothing got \
         worse; 1, something did; 2, wrong usage, a file that is no event stream, or streams of different suites; 4, the report \
         could not be written.",
    ),
    (Check, "check", "Check suites without any network: every mistake, and every clause that no case covers."),
    (
        Cleanup,
        "cleanup",
        "Remove what earlier runs left at a target, as their ledgers list it. Exit codes: 0, nothing is left; 1, something \
         could not be removed and stays in its ledger; 2, wrong usage, or a file that is no ledger; 3, the target can't be \
         reached; 4, a ledger could not be written.",
    ),
    (Config, "config", "Show the values that `run` would use with the same arguments, and where each comes from."),
    (List, "list", "List the cases that `run` would run."),
    (Explain, "explain", "Explain a clause: what it says, where it is documented, its cases and its mutants."),
    (Serve, "serve", "Serve the reference implementation of the shipped API."),
    (Mutants, "mutants", "Prove a suite: it has to catch every mutant of a correct server, and to pass every variant."),
    (
        Snapshots(SnapshotAction::List),
        "snapshots list",
        "List recorded answers: which are pending, orphaned or broken, and which cases lack theirs.",
    ),
    (
        Snapshots(SnapshotAction::Review),
        "snapshots review",
        "Show each pending answer beside the recorded one, and ask what to do.",
    ),
    (Snapshots(SnapshotAction::Accept), "snapshots accept", "Record every pending answer."),
    (Snapshots(SnapshotAction::Reject), "snapshots reject", "Drop every pending answer."),
    (Snapshots(SnapshotAction::Prune), "snapshots prune", "Remove recorded answers whose case no longer exists."),
    (
        Suggest,
        "snapshots suggest",
        "Send the valid request several times, and suggest what to redact of the answer. Without a target, the embedded \
         reference implementation is started on a free port and asked.",
    ),
    (Schema, "schema", "Print the JSON Schema of case files, profiles, waivers or event streams."),
    (Completions, "completions", "Print the completions of this command line for a shell."),
    (Man, "man", "Write the manual pages of this command line, one a command."),
];
