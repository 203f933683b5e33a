//! Files that have a schema.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::Test;
use crate::runs::{broken_run, conformant_run, hostile_run, runs};
use crate::tools::Tool::{self, CheckJsonSchema, KubernetesValidate, OpenApiValidator, Prove, XmlLint};

pub const TESTS: &[Test] = &[
    ("the_junit_report_holds_to_its_schema", &[XmlLint], junit),
    ("the_schema_of_the_junit_report_refuses_what_a_report_may_not_have", &[XmlLint], junit_schema),
    ("the_tap_report_is_read_by_prove_with_every_failure_and_without_a_parse_error", &[Prove], tap),
    ("the_github_workflow_holds_to_the_public_schema", &[CheckJsonSchema], github),
    ("the_gitlab_file_holds_to_the_public_schema", &[CheckJsonSchema], gitlab),
    ("the_kubernetes_job_holds_to_the_public_schema", &[KubernetesValidate], kubernetes),
    ("an_independent_validator_finds_the_shipped_contract_valid", &[OpenApiValidator], contract),
];

/// What a validator says of a file of this project.
fn validate(tool: Tool, arguments: &[&str], file: &Path) -> Output {
    Command::new(tool.path()).args(arguments).arg(file).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap()
}

#[track_caller]
fn assert_valid(output: &Output) {
    assert!(output.status.success(), "{output:?}");
}

const JUNIT: &[&str] = &["--noout", "--nonet", "--schema", "tests/reports/junit.xsd"];

fn junit() {
    for run in runs() {
        assert_valid(&validate(XmlLint, JUNIT, &run.junit));
    }
    assert!(fs::read_to_string(&hostile_run().junit).unwrap().contains("<flakyFailure "));
}

fn junit_schema() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.xml");
    let right = fs::read_to_string(&broken_run().junit).unwrap();
    let wrong = [
        ("<testsuite name=\"connections/token\"", "<testsuite name=\"connections/name\""),
        ("<testsuite name=\"connections/token\" tests=", "<testsuite name=\"connections/token\" test="),
        (" time=\"0.", " time=\"soon, 0."),
        ("<failure message=", "<failed message="),
        ("</testcase>", "</testcase>text"),
        ("encoding=\"UTF-8\"?>", "encoding=\"UTF-8\"?>\u{1}"),
    ];
    for (part, instead) in wrong {
        let broken = right.replacen(part, instead, 1);
        assert_ne!(broken, right, "{part}");
        fs::write(&file, broken).unwrap();
        // 1 is for what is no XML, 3 for what isn't as the schema has it.
        let output = validate(XmlLint, JUNIT, &file);
        assert!(matches!(output.status.code(), Some(1 | 3)), "{instead}: {output:?}");
    }
}

fn tap() {
    assert_valid(&validate(Prove, &["--exec", "cat"], &conformant_run().tap));
    for run in [broken_run(), hostile_run()] {
        let failed = fs::read_to_string(&run.tap).unwrap().lines().filter(|line| line.starts_with("not ok")).count();
        let told = validate(Prove, &["--exec", "cat"], &run.tap);
        let told = String::from_utf8(told.stdout).unwrap();
        assert!(told.contains(&format!(" Failed: {failed})")) && !told.contains("Parse errors"), "{told}");
    }
}

/// Holds an example to its schema, and the validator to refusing it with `part` replaced.
#[track_caller]
fn example(tool: Tool, arguments: &[&str], name: &str, part: &str, instead: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/examples").join(name);
    assert_valid(&validate(tool, arguments, &file));
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(part), "{part}");
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join(name);
    fs::write(&broken, text.replace(part, instead)).unwrap();
    assert!(!validate(tool, arguments, &broken).status.success(), "{instead}");
}

fn github() {
    let schema = &["--builtin-schema", "vendor.github-workflows"];
    example(CheckJsonSchema, schema, "github-actions.yml", "timeout-minutes: 20", "timeout-hours: 1");
}

fn gitlab() {
    let schema = &["--builtin-schema", "vendor.gitlab-ci"];
    example(CheckJsonSchema, schema, "gitlab-ci.yml", "parallel: 5", "parallel: [5]");
}

fn kubernetes() {
    example(KubernetesValidate, &["--strict"], "kubernetes-job.yaml", "completionMode:", "completionsMode:");
}

fn contract() {
    assert_valid(&validate(OpenApiValidator, &[], Path::new("cases/connections/contract.yaml")));
}
