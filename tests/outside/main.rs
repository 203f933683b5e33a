//! What others make of what we write: a browser and axe-core of the HTML page, xmllint of the JUnit report, the public JSON
//! Schemas of the CI examples, an OpenAPI validator of the shipped contract, and cargo-insta of our snapshots; and what the
//! shipped suite makes of servers in other stacks, and the suites under `examples/` of the servers that they are for.
//!
//! Each test names the tools that it needs. Where one isn't there, the test is ignored and a line says so; with
//! `CONFORMANT_TOOLS=required` it fails. `tests/outside/install` gets them all.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "tests may, and say what they leave out"
)]

#[path = "../integration/support/binary.rs"]
mod binary;

mod browser;
mod examples;
mod files;
mod page;
mod runs;
mod servers;
mod snapshots;
mod tools;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use tools::Tool;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let required = std::env::var("CONFORMANT_TOOLS").is_ok_and(|value| value == "required");
    let tests =
        page::TESTS.iter().chain(files::TESTS).chain(snapshots::TESTS).chain(servers::TESTS).chain(examples::TESTS);
    let tests = tests.map(|(name, tools, test)| trial((*name).to_owned(), tools, *test, required));
    let servers = servers::STACKS.iter().map(|(stack, tools)| {
        let name = format!("the_suite_finds_in_{stack}_what_is_listed_beside_it_and_no_more");
        trial(name, tools, || servers::judge(stack), required)
    });
    let conclusion = libtest_mimic::run(&arguments, tests.chain(servers).collect());
    runs::clear();
    conclusion.exit_code()
}

/// A test: a sentence that states a fact, the tools that it needs, and itself.
type Test = (&'static str, &'static [Tool], fn());

fn trial(name: String, tools: &[Tool], test: impl FnOnce() + Send + 'static, required: bool) -> Trial {
    let missing = tools.iter().find(|tool| tool.find().is_none());
    let Some(missing) = missing else {
        return Trial::test(name, move || {
            test();
            Ok(())
        });
    };
    let told = format!("there is no {} on this machine: tests/outside/install gets it", missing.name());
    if !required {
        eprintln!("left out: {name}: {told}");
    }
    Trial::test(name, move || Err(Failed::from(told))).with_ignored_flag(!required)
}
