//! The arguments, as clap sees them.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::shard::ShardArg;
use super::snapshot_args::Words;
use crate::http::Rate;

/// Contract tests and conformance verdicts for documented HTTP APIs, clause by clause.
#[derive(Debug, Parser)]
#[command(name = "conformant", version, max_term_width = 120, after_help = EXIT_CODES, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// When to colour what goes to a terminal.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
}

const EXIT_CODES: &str = "\
Exit codes:
    0  conformant, conformant with deviations, or every violation waived
    1  non-conformant: a must clause is broken; or a waiver is expired or stale, a case flaky, or a snapshot changed
    2  wrong usage, a broken case file or contract, or nothing selected
    3  undetermined: target unreachable, control refused, or a must clause not testable
    4  internal error, or a report or the ledger could not be written
  130  stopped by Ctrl-C
  143  stopped by a termination signal";

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// Where a terminal takes it and neither `NO_COLOR` nor `CLICOLOR` says otherwise.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Fire a suite at a target and give a verdict.
    ///
    /// Without a target the embedded reference implementation is started on a free port and judged.
    Run(Box<RunArgs>),
    /// Make reports later: from the event stream of one run, or of all its shards.
    Report(Box<ReportCommandArgs>),
    /// Check suites without any network: everything that is wrong with them, and which case covers which clause.
    Check(CheckArgs),
    /// Remove what runs left at a target, as their ledgers have it.
    ///
    /// Exit codes: 0, nothing is left; 1, something could not be removed and stays in its ledger; 2, wrong usage, or a file
    /// that is no ledger; 3, the target can't be reached; 4, a ledger could not be written.
    Cleanup(Box<CleanupArgs>),
    /// Show what a run with these arguments would use, and where each value came from.
    Config(Box<RunArgs>),
    /// List the case rows that a run would fire.
    List(ListArgs),
    /// Serve the reference implementation of the shipped API.
    Serve(ServeArgs),
    /// Prove the suite: every mutant of a correct server is caught, and no correct variant fails.
    Mutants(MutantsArgs),
    /// Look after recorded answers: list, review, accept, reject, prune, suggest.
    Snapshots(Box<SnapshotsArgs>),
    /// Print the JSON Schema of case files, for editors.
    Schema,
}

/// Which suite.
#[derive(Debug, Clone, Default, Args)]
pub struct SuiteArgs {
    /// The folder of the suite; without it, the suite that the program ships with.
    #[arg(long, env = "CONFORMANT_SUITE", value_name = "DIR")]
    pub suite: Option<PathBuf>,
}

/// Which profile.
#[derive(Debug, Clone, Default, Args)]
pub struct ProfileArgs {
    /// A profile of `conformant.toml`, which is looked for in the working folder and in those above it. What is said here
    /// or in the environment wins over it.
    #[arg(long, short = 'P', env = "CONFORMANT_PROFILE", value_name = "NAME")]
    pub profile: Option<String>,
    /// The file with the profile.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// How the target is spoken to.
#[derive(Debug, Clone, Default, Args)]
pub struct ConnectionArgs {
    /// A header of every request that doesn't set it itself. Other users of this machine can see it in the list of
    /// processes: for a credential, prefer a profile.
    #[arg(long = "header", value_name = "NAME: VALUE")]
    pub headers: Vec<String>,
    /// URL of an HTTP proxy. One with a password is better given in the environment.
    #[arg(long, env = "CONFORMANT_PROXY", hide_env_values = true, value_name = "URL")]
    pub proxy: Option<String>,
    /// Certificates in PEM to trust besides the system's; may be given several times.
    #[arg(long = "ca-certificate", env = "CONFORMANT_CA_CERTIFICATE", value_name = "FILE")]
    pub ca_certificates: Vec<PathBuf>,
    /// A certificate in PEM to show to the target, with its private key in the same file or in that of `--client-key`.
    #[arg(long, env = "CONFORMANT_CLIENT_CERTIFICATE", value_name = "FILE")]
    pub client_certificate: Option<PathBuf>,
    /// The private key of the client certificate, in PEM.
    #[arg(long, env = "CONFORMANT_CLIENT_KEY", value_name = "FILE")]
    pub client_key: Option<PathBuf>,
}

/// What is held to a suite, and the values that the suite takes for it.
#[derive(Debug, Clone, Default, Args)]
pub struct TargetArgs {
    /// Base URL of the target, e.g. `http://127.0.0.1:8080`; without it, the embedded reference implementation.
    #[arg(long = "target", env = "CONFORMANT_TARGET", hide_env_values = true, value_name = "URL")]
    pub url: Option<String>,
    /// A variable of the suite; also from the environment as `CONFORMANT_VARIABLE_<name>`.
    #[arg(long = "variable", value_name = "NAME=VALUE")]
    pub variables: Vec<String>,
    /// A secret of the suite. Other users of this machine can see it in the list of processes: prefer
    /// `CONFORMANT_SECRET_<name>` in the environment, or `--secret-file`.
    #[arg(long = "secret", value_name = "NAME=VALUE")]
    pub secrets: Vec<String>,
    /// A secret of the suite, read from a file; one line end at its end is dropped.
    #[arg(long = "secret-file", value_name = "NAME=PATH")]
    pub secret_files: Vec<String>,
}

/// Where runs write down what they may create.
#[derive(Debug, Clone, Default, Args)]
pub struct LedgerArgs {
    /// The folder in which each run keeps a ledger of what it may create at the target, for as long as something of it may
    /// be there; `conformant cleanup` removes what a killed run left.
    #[arg(long = "ledger", env = "CONFORMANT_LEDGER", value_name = "DIR", default_value = ".conformant/ledger")]
    pub folder: PathBuf,
}

/// Whether anything may be created.
#[derive(Debug, Clone, Default, Args)]
pub struct ReadOnlyArgs {
    /// Refuse to run where any request may create something, which every method but GET, HEAD and OPTIONS may.
    #[arg(
        long,
        env = "CONFORMANT_READ_ONLY",
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_value_t = false,
        default_missing_value = "true",
        action = clap::ArgAction::Set
    )]
    pub read_only: bool,
    /// Take back what the environment or a profile says of `--read-only`.
    #[arg(long, overrides_with = "read_only")]
    pub allow_destructive: bool,
}

impl ReadOnlyArgs {
    /// Whether what would create something is refused.
    pub fn refuses(&self) -> bool {
        self.read_only && !self.allow_destructive
    }
}

/// Known violations.
#[derive(Debug, Clone, Default, Args)]
pub struct WaiverArgs {
    /// A file of known violations, which don't fail the gate up to a day.
    #[arg(long = "waivers", env = "CONFORMANT_WAIVERS", value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Write waivers for what this run finds broken, to the file of `--waivers` or to `waivers.toml`. They count from the
    /// next run on.
    #[arg(long)]
    pub waive_current: bool,
    /// The last day, in UTC, on which the written waivers count, e.g. `2026-12-31`.
    #[arg(long, value_name = "DATE", value_parser = day, requires = "waive_current")]
    pub expires: Option<jiff::civil::Date>,
    /// Why the violations are put up with.
    #[arg(long, value_name = "TEXT", requires = "waive_current")]
    pub reason: Option<String>,
}

/// Where recorded answers are.
#[derive(Debug, Clone, Default, Args)]
pub struct SnapshotPlaceArgs {
    /// The folder of recorded answers, which holds one folder for each kind of target.
    #[arg(long, env = "CONFORMANT_SNAPSHOT_DIR", value_name = "DIR", default_value = "snapshots")]
    pub snapshot_dir: PathBuf,
    /// Whose recorded answers: a folder of that name. Without it, those of `reference` for the embedded reference
    /// implementation, else those of the profile's name.
    #[arg(long, env = "CONFORMANT_SNAPSHOT_PROFILE", value_name = "NAME")]
    pub snapshot_profile: Option<String>,
}

/// What is done with recorded answers.
#[derive(Debug, Clone, Default, Args)]
pub struct SnapshotArgs {
    /// What to do where an answer isn't the one that is recorded: `check` tells, `new` also writes the answer beside what
    /// is recorded, for a review, `update` records it, `off` compares nothing. With `all`, for every case; with `values` or
    /// `shapes`, for one of the two kinds. Several words with commas between. Without a word for what to do, INSTA_UPDATE
    /// says it, or else it is `new`, and `check` under CI.
    #[arg(long, env = "CONFORMANT_SNAPSHOTS", value_name = "WORDS")]
    pub snapshots: Option<Words>,
    /// Where they are.
    #[command(flatten)]
    pub place: SnapshotPlaceArgs,
}

/// Which reports are written, and where.
#[derive(Debug, Clone, Default, Args)]
pub struct ReportArgs {
    /// Write the event stream to this file, a JSON object a line; `-` for standard output.
    #[arg(long = "report-json", value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Write JUnit XML to this file; `-` for standard output.
    #[arg(long = "report-junit", value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write one HTML page to this file; `-` for standard output.
    #[arg(long = "report-html", value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Write Markdown to this file; `-` for standard output.
    #[arg(long = "report-markdown", value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// Write CTRF JSON to this file; `-` for standard output.
    #[arg(long = "report-ctrf", value_name = "FILE")]
    pub ctrf: Option<PathBuf>,
    /// Write the table of clauses with the funnel, as text, to this file; `-` for standard output.
    #[arg(long = "report-coverage", value_name = "FILE")]
    pub coverage: Option<PathBuf>,
    /// Write what was found out and nothing that differs between runs against equal targets, as JSON, to this file; `-`
    /// for standard output.
    #[arg(long = "report-canonical", value_name = "FILE")]
    pub canonical: Option<PathBuf>,
    /// Write annotations for GitHub Actions to standard output, and the Markdown report to the step's summary; on by
    /// itself where `GITHUB_ACTIONS` is `true`.
    #[arg(long = "report-github")]
    pub github: bool,
}

/// Arguments of `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Which suite.
    #[command(flatten)]
    pub suite: SuiteArgs,
    /// Which profile.
    #[command(flatten)]
    pub profile: ProfileArgs,
    /// What is held to it.
    #[command(flatten)]
    pub target: TargetArgs,
    /// How it is spoken to.
    #[command(flatten)]
    pub connection: ConnectionArgs,
    /// How many cases are in flight at once.
    #[arg(long, short, env = "CONFORMANT_JOBS", value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: u16,
    /// Count deviations from should clauses as violations.
    #[arg(
        long,
        env = "CONFORMANT_STRICT",
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_value_t = false,
        default_missing_value = "true",
        action = clap::ArgAction::Set
    )]
    pub strict: bool,
    /// Send a case again, at most this often, where it is answered 429, 502, 503 or 504: after the time that `Retry-After`
    /// asks for, up to a minute, or else after a short while that grows.
    #[arg(long, env = "CONFORMANT_RETRIES", value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=10))]
    pub retries: u8,
    /// Let the gate pass where a case passed only when it was sent again.
    #[arg(
        long,
        env = "CONFORMANT_ALLOW_FLAKY",
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_value_t = false,
        default_missing_value = "true",
        action = clap::ArgAction::Set
    )]
    pub allow_flaky: bool,
    /// At most so many requests in so much time, evenly spaced, e.g. `20/s` or `300/m`; without it, as fast as the target
    /// answers.
    #[arg(long, env = "CONFORMANT_RATE", value_name = "N/s")]
    pub rate: Option<Rate>,
    /// Wait at most this many seconds until the target answers at all, before anything else is sent.
    #[arg(long, env = "CONFORMANT_WAIT_FOR_TARGET", value_name = "SECONDS", value_parser = positive_seconds)]
    pub wait_for_target: Option<f64>,
    /// Stop firing after this many seconds; what was not tried is inconclusive.
    #[arg(long, env = "CONFORMANT_MAX_TIME", value_name = "SECONDS", value_parser = positive_seconds)]
    pub max_time: Option<f64>,
    /// Seconds that one request may take, from sending to the end of the answer.
    #[arg(long, env = "CONFORMANT_DEADLINE", value_name = "SECONDS", default_value_t = 10.0, value_parser = positive_seconds)]
    pub deadline: f64,
    /// Bytes of one answer's body that are read at most.
    #[arg(long, env = "CONFORMANT_MAX_BODY", value_name = "BYTES", default_value_t = 1024 * 1024, value_parser = clap::value_parser!(u64).range(1..=1024 * 1024 * 1024))]
    pub max_body: u64,
    /// Seed of every generated name and id, in hexadecimal, to repeat an earlier run's requests.
    #[arg(long, env = "CONFORMANT_SEED", value_name = "HEX", value_parser = hexadecimal)]
    pub seed: Option<u64>,
    /// Known violations.
    #[command(flatten)]
    pub waivers: WaiverArgs,
    /// Recorded answers.
    #[command(flatten)]
    pub snapshots: SnapshotArgs,
    /// Where it writes down what it may create.
    #[command(flatten)]
    pub ledger: LedgerArgs,
    /// Whether it may create anything.
    #[command(flatten)]
    pub read_only: ReadOnlyArgs,
    /// Fire only this part of the cases: `2/5`; or as GitLab says (`auto`), or Kubernetes (`auto/5`, of how many).
    #[arg(long, value_name = "INDEX/COUNT")]
    pub shard: Option<ShardArg>,
    /// What all shards of a run have in common; without it, as GitHub or GitLab says, or else random.
    #[arg(long, env = "CONFORMANT_RUN_ID", value_name = "ID")]
    pub run_id: Option<String>,
    /// Which reports are written.
    #[command(flatten)]
    pub reports: ReportArgs,
    /// Say nothing but violations, what stood in the way of a verdict, and the verdict.
    #[arg(long, short)]
    pub quiet: bool,
    /// Only cases whose id contains this, or that are about a clause whose id contains it.
    #[arg(value_name = "FILTER")]
    pub filters: Vec<String>,
}

/// Arguments of `cleanup`.
#[derive(Debug, Args)]
pub struct CleanupArgs {
    /// Which suite.
    #[command(flatten)]
    pub suite: SuiteArgs,
    /// Which profile.
    #[command(flatten)]
    pub profile: ProfileArgs,
    /// Where, and with which secrets. Variables that the run was given are in its ledger.
    #[command(flatten)]
    pub target: TargetArgs,
    /// How it is spoken to.
    #[command(flatten)]
    pub connection: ConnectionArgs,
    /// At most so many requests in so much time, evenly spaced, e.g. `20/s` or `300/m`.
    #[arg(long, env = "CONFORMANT_RATE", value_name = "N/s")]
    pub rate: Option<Rate>,
    /// Seconds that one request may take, from sending to the end of the answer.
    #[arg(long, env = "CONFORMANT_DEADLINE", value_name = "SECONDS", default_value_t = 10.0, value_parser = positive_seconds)]
    pub deadline: f64,
    /// Bytes of one answer's body that are read at most.
    #[arg(long, env = "CONFORMANT_MAX_BODY", value_name = "BYTES", default_value_t = 1024 * 1024, value_parser = clap::value_parser!(u64).range(1..=1024 * 1024 * 1024))]
    pub max_body: u64,
    /// The folder with the ledgers, or one of them.
    #[arg(long, env = "CONFORMANT_LEDGER", value_name = "DIR", default_value = ".conformant/ledger")]
    pub ledger: PathBuf,
    /// Only show what is open; nothing is sent.
    #[arg(long)]
    pub list: bool,
}

/// Arguments of `report`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("streams").args(["from", "merge"]).required(true))]
pub struct ReportCommandArgs {
    /// The event stream of a run (`--report-json`); `-` for standard input. One that breaks off, as that of a killed run
    /// does, is told of as interrupted.
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// The event streams of all shards of a run, in any order, told of as one run.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub merge: Vec<PathBuf>,
    /// Which reports are written.
    #[command(flatten)]
    pub reports: ReportArgs,
    /// Say nothing but violations, what stood in the way of a verdict, and the verdict.
    #[arg(long, short)]
    pub quiet: bool,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Folders of suites; without any, the suite that the program ships with.
    #[arg(value_name = "DIR")]
    pub suites: Vec<PathBuf>,
    /// Show for every clause which cases cover it.
    #[arg(long)]
    pub coverage: bool,
    /// The folder of recorded answers, each of which has to have its case.
    #[arg(long, env = "CONFORMANT_SNAPSHOT_DIR", value_name = "DIR", default_value = "snapshots")]
    pub snapshot_dir: PathBuf,
}

/// Arguments of `list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Which suite.
    #[command(flatten)]
    pub suite: SuiteArgs,
    /// Only cases whose id contains this, or that are about a clause whose id contains it.
    #[arg(value_name = "FILTER")]
    pub filters: Vec<String>,
}

/// What to do with recorded answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SnapshotAction {
    /// Every recorded answer, those that wait for a review, those whose case is gone, those that are broken, and the
    /// cases that ask for one and have none.
    List,
    /// Show each answer that waits for a review beside what is recorded, and ask what to do.
    Review,
    /// Record every answer that waits for a review.
    Accept,
    /// Drop every answer that waits for a review.
    Reject,
    /// Remove recorded answers whose case is gone.
    Prune,
    /// Send the valid request several times, and tell what of the answer varies and is to be redacted.
    Suggest,
}

/// Arguments of `snapshots`.
#[derive(Debug, Args)]
pub struct SnapshotsArgs {
    /// What to do.
    #[arg(value_enum, value_name = "ACTION")]
    pub action: SnapshotAction,
    /// Which suite.
    #[command(flatten)]
    pub suite: SuiteArgs,
    /// Which profile.
    #[command(flatten)]
    pub profile: ProfileArgs,
    /// Where they are; without a profile, those of all.
    #[command(flatten)]
    pub place: SnapshotPlaceArgs,
    /// What `suggest` asks.
    #[command(flatten)]
    pub target: TargetArgs,
    /// How it is spoken to.
    #[command(flatten)]
    pub connection: ConnectionArgs,
    /// Where `suggest` writes down what it may create.
    #[command(flatten)]
    pub ledger: LedgerArgs,
    /// Whether it may create anything.
    #[command(flatten)]
    pub read_only: ReadOnlyArgs,
    /// Seconds that one request may take.
    #[arg(long, env = "CONFORMANT_DEADLINE", value_name = "SECONDS", default_value_t = 10.0, value_parser = positive_seconds)]
    pub deadline: f64,
    /// Only snapshots whose path contains this.
    #[arg(value_name = "FILTER")]
    pub filters: Vec<String>,
}

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub port: u16,
    /// Break one clause on purpose: the id of a fault.
    #[arg(long, value_name = "ID")]
    pub fault: Option<String>,
    /// Vary what the documentation leaves open: the id of a variant; may be given several times.
    #[arg(long = "variant", value_name = "ID")]
    pub variants: Vec<String>,
}

/// Arguments of `mutants`.
#[derive(Debug, Args)]
pub struct MutantsArgs {
    /// Which suite.
    #[command(flatten)]
    pub suite: SuiteArgs,
    /// A command that starts your own server, e.g. `my-server --port {port} --fault {fault}`; it is split as a shell
    /// would, `{fault}` is `none` for the server as it should be. Without it, the embedded reference implementation.
    #[arg(long, value_name = "COMMAND", requires = "faults")]
    pub command: Option<String>,
    /// The faults that your own server knows: a YAML list of `{ id, clause, says }`; without `clause`, a correct variant.
    #[arg(long, value_name = "FILE", requires = "command")]
    pub faults: Option<PathBuf>,
    /// A variable of the suite.
    #[arg(long = "variable", value_name = "NAME=VALUE")]
    pub variables: Vec<String>,
    /// A secret of the suite; prefer `CONFORMANT_SECRET_<name>` in the environment.
    #[arg(long = "secret", value_name = "NAME=VALUE")]
    pub secrets: Vec<String>,
    /// How many servers are tried at once.
    #[arg(long, short, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: u16,
    /// Seconds that one request may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 2.0, value_parser = positive_seconds)]
    pub deadline: f64,
    /// Seed of every generated value, in hexadecimal.
    #[arg(long, value_name = "HEX", value_parser = hexadecimal)]
    pub seed: Option<u64>,
    /// Write score and trials to this file as one JSON document; `-` for standard output.
    #[arg(long, value_name = "FILE")]
    pub report_json: Option<PathBuf>,
    /// Run the whole suite against every mutant, and tell how many clauses fail on average; without it, the cases about
    /// the clause that a mutant breaks come first and the others only where those don't catch it.
    #[arg(long)]
    pub full: bool,
    /// Only list the mutants and variants.
    #[arg(long)]
    pub list: bool,
    /// Only mutants whose id contains this, or that break a clause whose id contains it.
    #[arg(value_name = "FILTER")]
    pub filters: Vec<String>,
}

fn positive_seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds.is_finite() && seconds > 0.0 && seconds <= 86_400.0 => Ok(seconds),
        _ => Err("give a number of seconds above 0 and at most 86400".to_owned()),
    }
}

fn day(text: &str) -> Result<jiff::civil::Date, String> {
    super::waivers::date(text).ok_or_else(|| "give a day, as 2026-12-31".to_owned())
}

fn hexadecimal(text: &str) -> Result<u64, String> {
    u64::from_str_radix(text, 16).map_err(|_| "give up to 16 hexadecimal digits".to_owned())
}
