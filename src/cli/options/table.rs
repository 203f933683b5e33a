//! The table of options: one row an option. The command line with its help, the environment, profiles, `conformant config`
//! and the table in `docs/options.md` come from it.
//!
//! A row says what the option does; its name, which is that of its field; what its values mean, by a type
//! ([`super::value`]), which also says how much of them may be shown; and in brackets what `--help` calls the value, how
//! far away the value may come from, the default, and the commands that have the option. A new option is a row here, and the
//! place that uses its field.

use std::path::PathBuf;
use std::sync::LazyLock;

use anstream::ColorChoice;
use clap::{Arg, Id};
use clap_complete::Shell;
use jiff::civil::Date;

use super::command::Command::{
    self, Check, Cleanup, Compare, Completions, Explain, Init, List, Man, Mutants, Report, Run, Schema, Serve, Suggest,
};
use super::command::SnapshotAction;
use super::row::Row;
use super::row::Source::{Environment, Flag, Profile};
use super::settings::{Mistakes, Settings};
use super::value::{BaseUrl, Header, Hex, Pair, ProxyUrl, SchemaOf, Seconds, Whole};
use crate::cli::failure::Failure;
use crate::cli::shard::ShardArg;
use crate::cli::snapshot_choice::SnapshotChoice;
use crate::http::{JsonLimits, Rate};
use crate::report::{FORMATS, Format, Output};

/// The option that every command has.
pub(super) const COLOR: &str = "color";

/// The format that comparisons have, too.
const MARKDOWN: &str = "markdown";
/// All that manage recorded answers.
const SNAPSHOTS: Command = Command::Snapshots(SnapshotAction::List);
/// Those that send something to a target.
const SENDING: &[Command] = &[Run, Cleanup, Suggest];
const WITH_SUITE: &[Command] = &[Run, Cleanup, List, Explain, Mutants, SNAPSHOTS, Suggest];
const WITH_INPUTS: &[Command] = &[Run, Cleanup, Mutants, Suggest];
const WITH_PROFILE: &[Command] = &[Run, Cleanup, SNAPSHOTS, Suggest];

/// Makes of the rows the table, and a struct with a field a row.
macro_rules! options {
    ($($(#[doc = $help:literal])+ $field:ident: $type:ty = $columns:tt $(.$more:ident($argument:expr))*;)+) => {
        /// What the command is to do, option by option, whoever said it.
        pub(in crate::cli) struct Options {
            $($(#[doc = $help])+ pub(in crate::cli) $field: $type,)+
            /// The reports that are asked for, each with its file; `-` is standard output.
            pub(in crate::cli) reports: Vec<(&'static Format, PathBuf)>,
        }

        impl Options {
            /// Reads the settings. Values that can't be used are left out, and are among the mistakes.
            pub(in crate::cli) fn read(settings: &Settings, mistakes: &mut Mistakes) -> Result<Self, Failure> {
                Ok(Self {
                    reports: reports(settings, mistakes)?,
                    $($field: settings.read(stringify!($field), mistakes)?,)+
                })
            }
        }

        /// Every option.
        pub(in crate::cli) static TABLE: LazyLock<Vec<Row>> = LazyLock::new(|| {
            let rows =
                [$(Row::new::<$type>((stringify!($field), concat!($($help),+)), $columns)$(.$more($argument))*),+];
            rows.into_iter().chain(FORMATS.iter().map(report_option)).collect()
        });
    };
}

options! {
    /// When to colour what goes to a terminal.
    color: ColorChoice = ("auto|always|never", Flag, "auto", &[]);
    /// Base URL of the target. For example http://127.0.0.1:8080.
    target: Option<BaseUrl> = ("URL", Profile, "", SENDING);
    /// Folder of a suite, or of folders of suites; can be repeated. Without it, the suite that ships with the program.
    suite: Vec<PathBuf> = ("DIR", Profile, "", WITH_SUITE);
    /// Profile of `conformant.toml`. That file is looked for in the working folder and in those above it. Flags and environment
    /// override it.
    profile: Option<String> = ("NAME", Environment, "", WITH_PROFILE).with(|arg| arg.short('P'));
    /// File with the profile.
    config: Option<PathBuf> = ("FILE", Flag, "", WITH_PROFILE);
    /// Variable of the suite. Also from the environment as CONFORMANT_VARIABLE_<name>, and from a profile.
    variables: Vec<Pair> = ("NAME=VALUE", Flag, "", WITH_INPUTS).named("variable");
    /// Secret of the suite. Other users of this machine can see it in the list of processes: prefer
    /// CONFORMANT_SECRET_<name> in the environment, `--secret-file`, or a profile.
    secrets: Vec<Pair> = ("NAME=VALUE", Flag, "", WITH_INPUTS).named("secret");
    /// Secret of the suite, read from a file. One line end at its end is dropped.
    secret_files: Vec<Pair> = ("NAME=PATH", Flag, "", WITH_INPUTS).named("secret-file");
    /// Header for every request that doesn't set it itself; also from a profile. Other users of this machine can see it in
    /// the list of processes: for a credential, prefer a profile.
    headers: Vec<Header> = ("NAME: VALUE", Flag, "", SENDING).named("header");
    /// Only the cases that failed in the last run. What failed is kept for each suite and target, beside the ledgers.
    failed: bool = ("", Flag, "", &[Run]);
    /// Only print what would be sent, as curl commands. What needs an answer is shown as the suite writes it. Nothing is sent,
    /// started or written, and no target is needed.
    dry_run: bool = ("", Flag, "", &[Run]).with(without_reports);
    /// How many cases run at once.
    jobs: Whole<1, 1024> = ("N", Profile, "16", &[Run]).with(|arg| arg.short('j'));
    /// Count broken should clauses as violations.
    strict: bool = ("BOOL", Profile, "", &[Run]);
    /// Retry what is answered 429, 502, 503 or 504. Up to N times: after the time that `Retry-After` asks for, up to a
    /// minute, or else after a short delay that grows.
    retries: Whole<0, 10> = ("N", Profile, "0", &[Run]);
    /// Pass the gate although a case passed only after a retry.
    allow_flaky: bool = ("BOOL", Profile, "", &[Run]);
    /// Highest rate of requests, as 20/s or 300/m. They are evenly spaced. Without it, as fast as the target answers.
    rate: Option<Rate> = ("N/s", Profile, "", SENDING);
    /// Wait up to this many seconds for the target to answer before anything else is sent.
    wait_for_target: Option<Seconds> = ("SECONDS", Profile, "", &[Run]);
    /// Start no further case after this many seconds; what was not run is inconclusive.
    max_time: Option<Seconds> = ("SECONDS", Profile, "", &[Run]);
    /// Start no further case after N that fail; what was not run is inconclusive.
    max_violations: Option<Whole<1, 1_000_000>> = ("N", Profile, "", &[Run]);
    /// Stop at the first case that fails. The same as `--max-violations 1`.
    fail_fast: bool = ("", Flag, "", &[Run]).with(|arg| arg.short('x').conflicts_with("max_violations"));
    /// Seconds that one request may take, from sending it to the end of the answer.
    deadline: Seconds = ("SECONDS", Profile, "10", SENDING);
    /// Seconds that connecting may take, TLS included. Never more than three quarters of `--deadline`.
    connect_timeout: Seconds = ("SECONDS", Profile, "5", SENDING);
    /// Largest body of an answer that is read, in bytes; a larger one leaves its case inconclusive.
    max_body: Whole<1, { 1 << 30 }> = ("BYTES", Profile, "1048576", SENDING);
    /// Longest head of an answer that is read, interim answers included, and longest trailers, in bytes; an answer with more
    /// leaves its case inconclusive.
    max_head: Whole<1, { 1 << 24 }> = ("BYTES", Profile, "409600", SENDING);
    /// Most header fields of an answer that is read; an answer with more leaves its case inconclusive.
    max_headers: Whole<1, { 1 << 16 }> = ("N", Profile, "100", SENDING);
    /// Most JSON values in a body that is read, a member of an object counted twice; an answer with more leaves its case
    /// inconclusive.
    max_json_values: Whole<1, { 1 << 30 }> = ("N", Profile, "50000", SENDING);
    /// Most arrays and objects within one another in a body that is read; an answer with more leaves its case inconclusive.
    max_json_depth: Whole<1, { JsonLimits::DEEPEST }> = ("N", Profile, "127", SENDING);
    /// Most work, in bytes looked at, that one pattern with look-around or back-references may take on one text; a text that
    /// takes more leaves its case inconclusive.
    max_pattern_work: Whole<1, { 1 << 40 }> = ("BYTES", Profile, "67108864", &[Run]);
    /// Bytes of requests and answers that a run's reports keep as evidence. What has no room is counted.
    max_evidence: Whole<0, { 1 << 40 }> = ("BYTES", Profile, "8388608", &[Run]);
    /// Seed of every generated name and id, in hexadecimal, to repeat the requests of an earlier run.
    seed: Option<Hex> = ("HEX", Profile, "", &[Run, Mutants]);
    /// File of known violations, each with a date.
    waivers: Option<PathBuf> = ("FILE", Profile, "", &[Run]);
    /// Write waivers for the violations of this run, to the file of `--waivers` or to `waivers.toml`. They count from the next
    /// run on.
    waive_current: bool = ("", Flag, "", &[Run]);
    /// Last day, in UTC, on which the written waivers count, such as 2026-12-31.
    expires: Option<Date> = ("DATE", Flag, "", &[Run]).with(|arg| arg.requires("waive_current"));
    /// Why the violations are tolerated.
    reason: Option<String> = ("TEXT", Flag, "", &[Run]).with(|arg| arg.requires("waive_current"));
    /// What to do with answers: check, new, update or off. Where one differs from the recorded one, `check` reports it, `new` also writes the answer beside the
    /// recorded one for a review, `update` records it, `off` compares nothing. Add `all` for every case; add `values` or
    /// `shapes` for one of the two kinds. Separate words with commas. Without one of the first four, INSTA_UPDATE decides,
    /// else it is `new`, and `check` under CI.
    snapshots: Option<SnapshotChoice> = ("WORDS", Profile, "", &[Run]);
    /// Folder of recorded answers, with a folder for each kind of target.
    snapshot_dir: PathBuf = ("DIR", Profile, "snapshots", &[Run, Check, SNAPSHOTS]);
    /// Kind of target whose recorded answers are meant. Without it, a run takes those of `reference` for the embedded reference
    /// implementation, else those of the profile's name.
    snapshot_profile: Option<String> = ("NAME", Profile, "", &[Run, SNAPSHOTS]);
    /// Folder in which each run keeps a ledger of what it may have created at the target, until that is removed. For `cleanup`,
    /// also one ledger.
    ledger: PathBuf = ("DIR", Profile, ".conformant/ledger", SENDING);
    /// Refuse to run if any request may create something, as all but GET, HEAD and OPTIONS may.
    read_only: bool = ("BOOL", Profile, "", &[Run, Suggest]);
    /// Override `--read-only` of the environment or a profile.
    allow_destructive: bool = ("", Flag, "", &[Run, Suggest]).with(|arg| arg.overrides_with("read_only"));
    /// URL of an HTTP proxy. Give one with a password in the environment, or in a profile as a place.
    proxy: Option<ProxyUrl> = ("URL", Profile, "", SENDING);
    /// Certificates in PEM to trust besides the system's. Can be repeated.
    ca_certificates: Vec<PathBuf> = ("FILE", Profile, "", SENDING).named("ca-certificate");
    /// Take any certificate of the target's, whoever shows it: nobody knows then who answers. Every report says so.
    insecure: bool = ("BOOL", Profile, "", SENDING);
    /// Let the suite set the header `Host`, by which a server may take requests, and what is secret in them, for another one.
    allow_host: bool = ("BOOL", Profile, "", SENDING);
    /// Client certificate in PEM, with its private key in the same file or in that of `--client-key`.
    client_certificate: Option<PathBuf> = ("FILE", Profile, "", SENDING);
    /// Private key of the client certificate, in PEM.
    client_key: Option<PathBuf> = ("FILE", Profile, "", SENDING);
    /// Run only one part of the cases, such as 2/5. `auto` takes it from GitLab, `auto/5` from Kubernetes, which doesn't say of
    /// how many.
    shard: Option<ShardArg> = ("INDEX/COUNT", Flag, "", &[Run]);
    /// Id that all shards of a run share. Without it, GitHub's or GitLab's, else a random one.
    run_id: Option<String> = ("ID", Environment, "", &[Run]);
    /// Event stream of a run (`--report-json`); `-` for standard input. One that breaks off, as that of a killed run does, is
    /// reported as interrupted.
    from: Option<PathBuf> = ("FILE", Flag, "", &[Report]);
    /// Event streams of all shards of a run, in any order, reported as one run.
    merge: Vec<PathBuf> = ("FILE", Flag, "", &[Report]).with(|arg| arg.num_args(1..));
    /// Event stream of the run to compare with, such as the one of the main branch; `-` for standard input.
    old: Option<PathBuf> = ("OLD", Flag, "", &[Compare]).named("").with(|arg| arg.required(true));
    /// Event stream of the run that is compared; `-` for standard input.
    new: Option<PathBuf> = ("NEW", Flag, "", &[Compare]).named("").with(|arg| arg.required(true));
    /// Print only what is wrong, and the verdict.
    quiet: bool = ("", Flag, "", &[Run, Report]).with(|arg| arg.short('q'));
    /// Print each request to standard error. With its status, its time and its case, in the order of the results; those of logging
    /// in and cleaning up are not among them.
    verbose: bool = ("", Flag, "", &[Run]).with(|arg| arg.short('v').conflicts_with_all(["quiet", "dry_run"]));
    /// Open the page of `--report-html` in the browser once it is written. Not in a CI job.
    open: bool = ("", Flag, "", &[Run]).with(|arg| arg.conflicts_with("dry_run"));
    /// List how the target reads what is left open.
    readings: bool = ("", Flag, "", &[Run, Report]);
    /// Show for every clause which cases cover it.
    coverage: bool = ("", Flag, "", &[Run, Report, Check]);
    /// Only list what there is; nothing is sent.
    list: bool = ("", Flag, "", &[Cleanup, Mutants]);
    /// Port on 127.0.0.1; 0 picks a free one.
    port: Whole<0, 65_535> = ("N", Flag, "0", &[Serve]);
    /// Break one clause on purpose: the id of a fault.
    fault: Option<String> = ("ID", Flag, "", &[Serve]);
    /// Vary what the documentation leaves open: the id of a variant. Can be repeated.
    variants: Vec<String> = ("ID", Flag, "", &[Serve]).named("variant");
    /// How many requests a token of the identity service is good for, as it expires in the middle of a run; 0 for any number.
    token_uses: Whole<0, 1_000_000> = ("N", Flag, "0", &[Serve]);
    /// Command that starts your own server, such as 'my-server --port {port} --fault {fault}', split into words as a shell does;
    /// {fault} is `none` for the correct server. Without it, the embedded reference implementation.
    command: Option<String> = ("COMMAND", Flag, "", &[Mutants]).with(|arg| arg.requires("faults"));
    /// Faults of your own server: a YAML list of { id, clause, says }; one without `clause` is a correct variant.
    faults: Option<PathBuf> = ("FILE", Flag, "", &[Mutants]).with(|arg| arg.requires("command"));
    /// How many servers are tried at once.
    servers: Whole<1, 256> = ("N", Flag, "4", &[Mutants]).named("jobs").with(|arg| arg.short('j'));
    /// Seconds that one request may take.
    server_deadline: Seconds = ("SECONDS", Flag, "2", &[Mutants]).named("deadline");
    /// Write score and trials to this file as one JSON document; `-` for standard output.
    score: Option<PathBuf> = ("FILE", Flag, "", &[Mutants]).named("report-json");
    /// Run the whole suite against every mutant, and tell how many clauses fail on average. Without it, the cases about the
    /// clause that a mutant breaks run first, and the others only if those don't catch it.
    full: bool = ("", Flag, "", &[Mutants]);
    /// Id of the clause.
    clause: Option<String> = ("CLAUSE", Flag, "", &[Explain]).named("").with(|arg| arg.required(true));
    /// Shell to complete for: bash, elvish, fish, powershell or zsh.
    shell: Option<Shell> = ("SHELL", Flag, "", &[Completions]).named("").with(|arg| arg.required(true));
    /// What the schema is of: cases, profiles, waivers or events.
    schema_of: SchemaOf = ("FILES", Flag, "cases", &[Schema]).named("");
    /// Folder of the new suite, whose name is the suite's.
    folder: Option<PathBuf> = ("DIR", Flag, "", &[Init]).named("").with(|arg| arg.required(true));
    /// The API's document: OpenAPI 3.1 or 3.0 or Swagger 2.0, YAML or JSON. It is copied into the folder with the files that it
    /// refers to, unless it is there already.
    document: Option<PathBuf> = ("FILE", Flag, "", &[Init]);
    /// Folder for the pages, which has to be there.
    pages: Option<PathBuf> = ("DIR", Flag, "", &[Man]).named("").with(|arg| arg.required(true));
    /// Folders of suites, or of folders of suites. Without any, the suite that ships with the program.
    suites: Vec<PathBuf> = ("DIR", Flag, "", &[Check]).named("").with(|arg| arg.num_args(1..));
    /// Only what has this in its id, or in that of a clause. That is cases and mutants, and snapshots by their paths. In front
    /// of a word, `!` leaves out what contains it, and `=` asks for a whole id.
    filters: Vec<String> = ("FILTER", Flag, "", &[Run, List, Mutants, SNAPSHOTS]).named("").with(|arg| arg.num_args(1..));
}

/// An option with which there is nothing to report or to write.
fn without_reports(arg: Arg) -> Arg {
    let reports = FORMATS.iter().map(report_key);
    arg.conflicts_with_all(reports.map(Id::from)).conflicts_with_all(["quiet", "readings", "coverage", "waive_current"])
}

/// The option of a report.
fn report_key(format: &Format) -> String {
    format!("report-{}", format.name)
}

fn reports(settings: &Settings, mistakes: &mut Mistakes) -> Result<Vec<(&'static Format, PathBuf)>, Failure> {
    let mut reports = Vec::new();
    for format in FORMATS {
        let path = match format.output {
            Output::Log => settings.read::<bool>(&report_key(format), mistakes)?.then(|| PathBuf::from("-")),
            Output::File(_) | Output::Stream(_) => settings.read(&report_key(format), mistakes)?,
        };
        reports.extend(path.map(|path| (format, path)));
    }
    Ok(reports)
}

fn report_option(format: &Format) -> Row {
    let key = report_key(format);
    let commands: &[Command] = if format.name == MARKDOWN { &[Run, Report, Compare] } else { &[Run, Report] };
    match format.output {
        Output::Log => Row::new::<bool>((&key, &format!("{}.", format.help)), ("", Flag, "", commands)),
        Output::File(file) | Output::Stream(file) => {
            let help = format!("{}, to a file such as {file}. `-` is standard output.", format.help);
            Row::new::<Option<PathBuf>>((&key, &help), ("FILE", Flag, "", commands))
        }
    }
}
