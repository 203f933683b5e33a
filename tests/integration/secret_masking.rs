//! What is said before a run: no setting that is shown and no mistake that is told of shows a secret.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::binary::{self, Served, stderr, stdout};
use tempfile::TempDir;

/// A part of every secret here.
const SECRET: &str = "hunter2";

fn conformant(folder: &Path) -> Command {
    let mut command = binary::conformant();
    command.current_dir(folder);
    command
}

/// A folder with this `conformant.toml`.
fn folder(text: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("conformant.toml"), text).unwrap();
    folder
}

/// What a command says, which may not have the secret in it anywhere.
fn told(command: &mut Command) -> (Option<i32>, String, String) {
    let output = command.output().unwrap();
    let (out, err) = (stdout(&output), stderr(&output));
    assert!(!out.contains(SECRET) && !err.contains(SECRET), "{out}{err}");
    (output.status.code(), out, err)
}

/// The lines of `conformant config` about these settings, without the padding.
fn lines(stdout: &str, settings: &[&str]) -> Vec<String> {
    let about = |line: &&str| settings.iter().any(|setting| line.starts_with(&format!("{setting} ")));
    stdout.lines().filter(about).map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn config_shows_no_password_of_a_target_or_a_proxy_wherever_it_comes_from() {
    let folder = folder("[profile.a]\ntarget = \"http://u:hunter2@127.0.0.1:1/x\"\nproxy = { env = \"PROXY_HERE\" }\n");
    let url = "http://u:hunter2@127.0.0.1:1/x";
    let settings = ["target", "proxy"];
    let (code, out, _) = told(conformant(folder.path()).args(["config", "--target", url, "--proxy", url]));
    assert_eq!(code, Some(0));
    let expected = ["target http://[masked]@127.0.0.1:1/x --target", "proxy http://[masked]@127.0.0.1:1/x --proxy"];
    assert_eq!(lines(&out, &settings), expected);
    let (code, out, _) =
        told(conformant(folder.path()).arg("config").env("CONFORMANT_TARGET", url).env("CONFORMANT_PROXY", url));
    assert_eq!(code, Some(0));
    let expected = [
        "target http://[masked]@127.0.0.1:1/x environment CONFORMANT_TARGET",
        "proxy http://[masked]@127.0.0.1:1/x environment CONFORMANT_PROXY",
    ];
    assert_eq!(lines(&out, &settings), expected);
    let (code, _, _) = told(conformant(folder.path()).args(["run", "--help"]).env("CONFORMANT_TARGET", url));
    assert_eq!(code, Some(0));
}

#[test]
fn config_shows_no_known_secret_in_a_variable_a_header_or_a_path() {
    let folder = folder(
        "[profile.a]\ntarget = \"http://127.0.0.1:1\"\nclient-key = \"hunter2-token/key.pem\"\nvariables.vpc_id = \"a-hunter2-gate-b\"\n\
         secrets.limited_token = { file = \"limited\" }\n[profile.a.headers]\nX-One = \"one hunter2-token\"\n\
         X-Two = \"aHVudGVyMi10b2tlbg==\"\nX-Gate = { env = \"GATE\" }\n",
    );
    fs::write(folder.path().join("limited"), "hunter2-limited\n").unwrap();
    let (code, out, err) = told(
        conformant(folder.path())
            .args([
                "config",
                "-P",
                "a",
                "--variable",
                "project_id=hunter2-limited",
                "--variable",
                "subnet_id=hunter2-pw",
            ])
            .env("CONFORMANT_SECRET_token", "hunter2-token")
            .env("CONFORMANT_PROXY", "http://u:hunter2%2Dpw@127.0.0.1:1")
            .env("GATE", "hunter2-gate"),
    );
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let out = out.replace(&folder.path().display().to_string(), "FOLDER");
    assert_eq!(
        lines(&out, &["client-key", "variable", "header"]),
        [
            "client-key FOLDER/[masked:token]/key.pem conformant.toml:3",
            "variable project_id [masked:limited_token] --variable",
            "variable other_project_id not set default",
            "variable vpc_id a-[masked:X-Gate]-b conformant.toml:4",
            "variable subnet_id [masked:password] --variable",
            "variable identity not set default",
            "variable user not set default",
            "variable domain not set default",
            "header X-One one [masked:token] conformant.toml:7",
            "header X-Two [masked:token] conformant.toml:8",
            "header X-Gate [masked] conformant.toml:9, from the environment's GATE",
        ]
    );
}

#[test]
fn a_mistake_beside_a_secret_is_told_without_what_stands_there() {
    let mistakes = [
        "secrets.token = [\"hunter2\"]",
        "secrets.token = \"hunter2\"",
        "secrets.token = { value = \"hunter2\" }",
        "secrets.token = { env = [\"hunter2\"] }",
        "secrets = { token = { env = \"A\", file = \"B\" }, limited_token = \"hunter2\" }",
        "secrets = \"hunter2\"",
        "secretz = { token = \"hunter2\" }",
        "secrets.token = [\n  \"hunter2\",\n]",
        "secrets.token = \"\"\"\nhunter2\n\"\"\"",
        "secrets.token = 2026-12-31 # hunter2",
        "token = \"hunter2\"",
        "headers = { Authorization = [\"hunter2\"] }",
        "headers = { \"X Y\" = \"hunter2\" }",
        "headers.X-A = \"hunter2\\u0007\"",
        "headers.X-A = { env = \"A\", file = \"B\", value = \"hunter2\" }",
        "headers = [\"X-A: hunter2\"]",
        "proxy = \"http://u:hunter2@h\"",
        "proxy = [\"http://u:hunter2@h\"]",
        "proxy = \"socks5://u:hunter2@h\"",
        "proxy = { url = \"http://u:hunter2@h\" }",
        "target = [\"http://u:hunter2@h\"]",
        "target = \"http://u:hunter2@h\"",
        "jobs = \"four\"\nsecrets.token = \"hunter2",
        "secrets.token = hunter2",
        "secrets.token = \"hunter2\" \"",
        "secrets.token = { env = 1, x = inf, y = \"hunter2\" }",
    ];
    let mut all = String::new();
    for mistake in mistakes {
        let folder = folder(&format!("[profile.a]\n{mistake}\n"));
        let (code, out, err) = told(conformant(folder.path()).args(["run", "-P", "a"]));
        assert_eq!((code, out.as_str()), (Some(2), ""), "{mistake}: {err}");
        let line = err.lines().find(|line| line.contains("conformant.toml:"));
        assert!(line.is_some(), "{mistake} is told without its place: {err}");
        // What a profile knows grows, and is told elsewhere.
        err.lines()
            .filter(|line| !line.contains("known keys: target, "))
            .for_each(|line| all.push_str(&format!("{line}\n")));
        all.push('\n');
    }
    insta::assert_snapshot!(all);
}

#[test]
fn a_mistake_beside_a_secret_of_a_suite_is_told_without_what_stands_there() {
    let folder = tempfile::tempdir().unwrap();
    let suite = folder.path().join("s");
    fs::create_dir(&suite).unwrap();
    let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/connections/contract.yaml");
    fs::copy(contract, suite.join("contract.yaml")).unwrap();
    let text = "title: A suite\ncontract: contract.yaml\noperations: { createConnection: { accepted: 200 } }\nsecrets:\n  token: { defalt: hunter2-a }\n  \
                other: [hunter2-b]\nreference: { secrets: { token: hunter2-c, third: hunter2-d }, x: 1 }\n";
    fs::write(suite.join("suite.yaml"), text).unwrap();
    fs::write(suite.join("a.yaml"), "title: A\ncases:\n  - id: a\n    titel: hunter2-known\n    expect: 200\n")
        .unwrap();
    let mut command = conformant(folder.path());
    let (code, _, err) = told(command.args(["check", "s"]).env("CONFORMANT_SECRET_TOKEN", "hunter2-known"));
    assert_eq!(code, Some(2));
    insta::assert_snapshot!(err);
}

#[test]
fn a_run_that_cannot_begin_shows_no_secret_of_the_environment_the_arguments_or_the_profile() {
    let served = Served::start(&[]);
    let folder = folder("[profile.a]\nsecrets.token = { env = \"TOKEN\" }\n");
    let run = |arguments: &[&str]| {
        let mut command = conformant(folder.path());
        command.args(["run", "-P", "a", "--target", &served.url]).env("TOKEN", "hunter2-token");
        told(command.args(arguments))
    };
    let (code, _, err) = run(&["hunter2-token"]);
    assert_eq!(code, Some(2));
    assert!(err.starts_with("error: no case of the suite connections matches [masked:token]\n"), "{err}");
    let (code, _, err) = run(&["--secret", "limited_token=hunter2-limited", "--variable", "hunter2-limited=1"]);
    assert_eq!(code, Some(2));
    assert!(err.starts_with("error: the suite has no variable [masked:limited_token]\n"), "{err}");
    let (code, _, err) = run(&["--waivers", "hunter2-token/waivers.toml"]);
    assert_eq!(code, Some(2));
    assert!(err.starts_with("error: the waivers [masked:token]/waivers.toml can't be read: "), "{err}");
    // The reference takes another token: what it says of this one is shown without it.
    let (code, out, _) = run(&["name.mandatory"]);
    assert_eq!(code, Some(3));
    assert!(out.contains("verdict  undetermined"), "{out}");
}
