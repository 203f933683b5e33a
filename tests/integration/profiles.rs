//! Profiles: which value a run uses, where it came from, and what is said of a file that is wrong.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::mpsc;

use crate::support::binary::{self, Served, stderr, stdout};
use tempfile::TempDir;

/// The binary in a folder.
fn conformant(folder: &Path) -> Command {
    let mut command = binary::conformant();
    command.current_dir(folder).env_remove("CONFORMANT_LEDGER");
    command
}

/// A folder with this `conformant.toml`.
fn folder(text: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("conformant.toml"), text).unwrap();
    folder
}

fn told(output: &Output) -> (Option<i32>, String, String) {
    (output.status.code(), stdout(output), stderr(output))
}

/// What is said of a file that is refused.
fn refusal(text: &str, profile: &str) -> String {
    let folder = folder(text);
    let (code, stdout, stderr) = told(&conformant(folder.path()).args(["run", "-P", profile]).output().unwrap());
    assert_eq!((code, stdout.as_str()), (Some(2), ""), "{stderr}");
    stderr
}

/// The line of `conformant config` about one setting, without the padding.
fn line(output: &Output, what: &str) -> String {
    let (code, stdout, stderr) = told(output);
    assert_eq!(code, Some(0), "{stderr}");
    let line = stdout.lines().find(|line| line.starts_with(&format!("{what} "))).unwrap_or_else(|| panic!("{stdout}"));
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_flag_wins_over_the_environment_that_over_the_file_and_that_over_the_default() {
    let folder = folder("[profile.staging]\njobs = 3\nstrict = true\n");
    let config = |arguments: &[&str], jobs: Option<&str>| {
        let mut command = conformant(folder.path());
        command.arg("config").args(arguments);
        if let Some(jobs) = jobs {
            command.env("CONFORMANT_JOBS", jobs);
        }
        command.output().unwrap()
    };
    assert_eq!(line(&config(&[], None), "jobs"), "jobs 16 default");
    assert_eq!(line(&config(&["-P", "staging"], None), "jobs"), "jobs 3 conformant.toml:2");
    assert_eq!(line(&config(&["-P", "staging"], Some("4")), "jobs"), "jobs 4 environment CONFORMANT_JOBS");
    assert_eq!(line(&config(&["-P", "staging", "--jobs", "5"], Some("4")), "jobs"), "jobs 5 --jobs");
    assert_eq!(line(&config(&["-P", "staging"], None), "strict"), "strict true conformant.toml:3");
    assert_eq!(line(&config(&["-P", "staging", "--strict=false"], None), "strict"), "strict false --strict");
}

#[test]
fn config_shows_every_value_with_its_origin_and_no_secret() {
    let folder = folder(
        r#"[profile.staging]
target = "http://127.0.0.1:1"
jobs = 2
deadline = 2.5
max-time = 60
max-body = 4096
seed = "abc"
proxy = { env = "PROXY_URL" }
ca-certificate = ["certificates/ca.pem", "/etc/other.pem"]
client-certificate = "client.pem"

[profile.staging.variables]
project_id = "p1"
vpc_id = 7

[profile.staging.secrets]
token = { env = "STAGING_TOKEN" }
limited_token = { file = "limited" }

[profile.staging.headers]
X-Environment = "staging"
X-Gate-Key = { env = "GATE_KEY" }
"#,
    );
    let output = conformant(folder.path())
        .args(["config", "--profile", "staging", "--variable", "project_id=p2"])
        .env("STAGING_TOKEN", "very-hidden-1")
        .env("PROXY_URL", "http://user:very-hidden-2@127.0.0.1:3128")
        .env("CONFORMANT_VARIABLE_subnet_id", "s1")
        .output()
        .unwrap();
    let (code, stdout, stderr) = told(&output);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(!stdout.contains("very-hidden"), "{stdout}");
    let stdout = stdout.replace(&folder.path().display().to_string(), "FOLDER");
    let columns =
        |line: &str| line.split("  ").filter(|cell| !cell.is_empty()).map(str::trim).collect::<Vec<_>>().join(" | ");
    insta::assert_snapshot!(stdout.lines().map(columns).collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_run_uses_what_the_profile_says() {
    let served = Served::start(&[]);
    let folder = folder(&format!(
        "[profile.staging]\ntarget = \"{}\"\nseed = \"ab\"\njobs = 2\nmax-body = 65536\n\
         variables.project_id = \"from-the-file\"\nsecrets.token = {{ file = \"hidden/token\" }}\n",
        served.url
    ));
    fs::create_dir_all(folder.path().join("hidden")).unwrap();
    fs::write(folder.path().join("hidden/token"), "good-token\n").unwrap();
    let below = folder.path().join("a/b");
    fs::create_dir_all(&below).unwrap();
    let run = |environment: &str| {
        let mut command = conformant(&below);
        command.args(["run", "--report-json", "-", "name.mandatory"]).env("CONFORMANT_PROFILE", environment);
        told(&command.output().unwrap())
    };
    let (code, stdout, stderr) = run("staging");
    assert_eq!(code, Some(0), "{stderr}");
    let header: serde_json::Value = serde_json::from_str(stdout.lines().next().unwrap()).unwrap();
    assert_eq!((&header["target"], &header["seed"]), (&served.url.as_str().into(), &"00000000000000ab".into()));
    assert!(stdout.contains("/v1/from-the-file/connections"), "{stdout}");
    assert!(!stdout.contains("good-token"));
    // An empty name is none.
    let (code, stdout, _) = run("");
    assert_eq!(code, Some(0));
    assert!(!stdout.contains(&served.url) && !stdout.contains("from-the-file"));
}

#[test]
fn everything_that_is_wrong_with_the_profiles_is_told_at_once_at_its_place() {
    let text = r#"[profile.staging]
tarjet = "http://127.0.0.1"
jobs = "four"
max-body = 0
deadline = -1
seed = "xyz"

[profile.staging.secrets]
token = { env = "A", file = "b" }
other = { path = "x" }
third = {}

[profile.staging.headers]
"X Y" = "a"
Content-Length = "3"
X-A = "a\u0007"

[profile.other]
strict = 1
"#;
    insta::assert_snapshot!(refusal(text, "staging"));
}

#[test]
fn a_file_that_is_no_toml_and_one_without_profiles_are_refused_at_their_place() {
    insta::assert_snapshot!(refusal("[profile.staging\njobs = 3\n", "staging") + &refusal("profiles = 1\n", "staging"));
}

#[test]
fn a_secret_in_the_file_is_refused_and_not_shown() {
    let text = r#"[profile.staging]
proxy = "http://user:hunter2-proxy@127.0.0.1:3128"
secrets = { token = "hunter2-token", limited_token = { env = "X" } }
headers = { Authorization = "Bearer hunter2-header" }
"#;
    let told = refusal(text, "staging");
    assert!(!told.contains("hunter2"), "{told}");
    insta::assert_snapshot!(told);
}

#[test]
fn a_profile_or_a_file_that_is_not_there_is_named() {
    let known = "[profile.staging]\njobs = 3\n[profile.production]\n";
    assert_eq!(
        refusal(known, "stagign"),
        "error: conformant.toml has no profile `stagign`, which --profile names\n  \
         help: did you mean staging (conformant.toml:1)?\n"
    );
    assert_eq!(
        refusal(known, "local"),
        "error: conformant.toml has no profile `local`, which --profile names\n  \
         help: it has staging (conformant.toml:1), production (conformant.toml:3)\n"
    );
    let several = folder(&(known.to_owned() + "[profile]\n"));
    let mut command = conformant(several.path());
    let (_, _, stderr) = told(&command.args(["config"]).env("CONFORMANT_PROFILE", "\u{1b}[1mlocal").output().unwrap());
    assert!(stderr.contains("`\\u{1b}[1mlocal`, which the environment's CONFORMANT_PROFILE names"), "{stderr}");
    assert_eq!(
        refusal("[profile]\n", "local"),
        "error: conformant.toml has no profile `local`, which --profile names\n  \
         help: write one into it, headed `[profile.local]`\n"
    );
    let many: String = (1..=30).map(|number| format!("[profile.number-{number}]\n")).collect();
    assert!(refusal(&many, "local").ends_with("number-20 (conformant.toml:20), 10 more\n"));
    let empty = tempfile::tempdir().unwrap();
    let (code, _, stderr) = told(&conformant(empty.path()).args(["run", "-P", "staging"]).output().unwrap());
    assert_eq!(code, Some(2));
    let start = "error: there is no conformant.toml in ";
    let next = " or above it\n  help: write one, or name a file with --config FILE\n";
    assert!(stderr.starts_with(start) && stderr.ends_with(next), "{stderr}");
    let arguments = ["run", "--config", "gone.toml"];
    let (code, _, stderr) = told(&conformant(empty.path()).args(arguments).output().unwrap());
    assert_eq!(code, Some(2));
    assert_eq!(
        stderr,
        "error: --config gone.toml is given, but no profile of it is chosen\n  help: choose one with --profile NAME\n"
    );
    let (code, _, stderr) = told(&conformant(empty.path()).args(arguments).args(["-P", "x"]).output().unwrap());
    assert_eq!(code, Some(2));
    assert!(stderr.starts_with("error: gone.toml can't be read: "), "{stderr}");
}

#[test]
fn a_place_that_holds_no_secret_is_named_with_the_line_that_asks_for_it() {
    let target = "target = \"http://127.0.0.1:1\"\n";
    assert_eq!(
        refusal(&format!("[profile.a]\n{target}secrets.token = {{ env = \"NO_SUCH_VARIABLE_HERE\" }}\n"), "a"),
        "error: conformant.toml:3: the secret token comes from the environment's NO_SUCH_VARIABLE_HERE, which is not set\n  \
         help: set NO_SUCH_VARIABLE_HERE, or remove the line\n"
    );
    assert_eq!(
        refusal(&format!("[profile.a]\n{target}secrets.tokn = {{ env = \"X\" }}\n"), "a"),
        "error: conformant.toml:3: the suite has no secret tokn\n  help: did you mean token? it has password, token, limited_token\n"
    );
}

/// A server that answers everything with 400 and hands on the heads of what it is asked.
fn listener() -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, heads) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let (mut head, mut byte) = (Vec::new(), [0]);
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) > 0 {
                head.push(byte[0]);
            }
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            if sender.send(String::from_utf8_lossy(&head).into_owned()).is_err() {
                return;
            }
        }
    });
    (url, heads)
}

#[test]
fn extra_headers_go_with_every_request_and_hidden_ones_are_masked() {
    let (url, heads) = listener();
    let folder = folder(&format!(
        "[profile.a]\ntarget = \"{url}\"\nsecrets.token = {{ env = \"TOKEN_HERE\" }}\n\
         [profile.a.headers]\nX-Environment = \"staging\"\nX-Gate-Key = {{ env = \"GATE_KEY\" }}\n"
    ));
    let output = conformant(folder.path())
        .args(["run", "-P", "a", "--header", "x-environment: laptop", "--header", "X-More: 1", "--report-json", "-"])
        .args(["name.mandatory"])
        .env("TOKEN_HERE", "token-for-this-test")
        .env("GATE_KEY", "gate-key-for-this-test")
        .output()
        .unwrap();
    let (code, stdout, stderr) = told(&output);
    assert_eq!(code, Some(1), "{stderr}");
    let heads: Vec<String> = heads.try_iter().collect();
    assert!(!heads.is_empty());
    for head in &heads {
        let head = head.to_lowercase();
        assert!(head.contains("x-environment: laptop\r\n") && head.contains("x-more: 1\r\n"), "{head}");
        assert!(head.contains("x-gate-key: gate-key-for-this-test\r\n"), "{head}");
    }
    assert!(!stdout.contains("-for-this-test") && !stderr.contains("-for-this-test"));
    assert!(stdout.contains("[masked:X-Gate-Key]") && stdout.contains("${CONFORMANT_SECRET_X_Gate_Key}"), "{stdout}");
}

#[test]
fn an_extra_header_that_the_valid_request_sets_is_refused() {
    let text = "[profile.a]\ntarget = \"http://127.0.0.1:1\"\nsecrets.token = { file = \"token\" }\n\
                headers.x-auth-token = { file = \"token\" }\n";
    let folder = folder(text);
    fs::write(folder.path().join("token"), "some-token").unwrap();
    let (code, _, stderr) = told(&conformant(folder.path()).args(["run", "-P", "a"]).output().unwrap());
    assert_eq!(code, Some(2));
    assert_eq!(
        stderr,
        "error: conformant.toml:4: the header x-auth-token is one that the suite's valid request sets itself\n  \
         help: give its value as a variable or secret of the suite; an extra header would undo the cases about it\n"
    );
}

#[test]
fn a_file_of_two_megabytes_is_refused_unread() {
    assert!(refusal(&"#".repeat(2 << 20), "a").contains("larger than 1024 KiB"));
}

#[test]
fn more_headers_than_a_request_can_carry_are_refused_before_the_first_request() {
    let many = |count: usize| (0..count).map(|n| format!("X-{n} = \"a\"\n")).collect::<String>();
    let profile = |headers: &str| {
        let folder = folder(&format!(
            "[profile.a]\ntarget = \"http://127.0.0.1:1\"\nsecrets.token = {{ env = \"TOKEN\" }}\n[profile.a.headers]\n{headers}"
        ));
        let mut command = conformant(folder.path());
        command.args(["run", "-P", "a", "--header", "X-Last: 1"]).env("TOKEN", "some-token");
        told(&command.output().unwrap())
    };
    let next = "\n  help: leave some out: they go with every request\n";
    let (code, _, stderr) = profile(&many(5000));
    assert_eq!(code, Some(2));
    assert_eq!(
        stderr,
        format!("error: conformant.toml:68: X-63 is one extra header too many: at most 64 go with a request{next}")
    );
    let (code, _, stderr) = profile(&many(64));
    assert_eq!(code, Some(2));
    assert!(stderr.starts_with("error: conformant.toml:68: X-63 is one extra header too many"), "{stderr}");
    let long = format!("X-A = \"{}\"\nX-B = \"{}\"\n", "a".repeat(10_000), "b".repeat(10_000));
    let (code, _, stderr) = profile(&long);
    assert_eq!(code, Some(2));
    assert_eq!(
        stderr,
        "error: conformant.toml:6: with the header X-B, the extra headers have more than 16384 bytes\n  help: give fewer \
         or shorter ones: they go with every request\n"
    );
    // As many as may be are taken: what fails then is the target, which isn't there.
    let (code, _, stderr) = profile(&many(63));
    assert_eq!(code, Some(3), "{stderr}");
}

#[test]
fn a_proxy_that_is_none_for_http_is_refused_with_where_it_comes_from() {
    let help = "\n  help: write it like http://127.0.0.1:3128; only HTTP proxies can be used, over http or https\n";
    let folder = folder("[profile.a]\nproxy = { env = \"PROXY_HERE\" }\n");
    let run = |set: &dyn Fn(&mut Command)| {
        let mut command = conformant(folder.path());
        command.args(["run", "--target", "http://127.0.0.1:1", "--secret", "token=good-token"]);
        set(&mut command);
        told(&command.output().unwrap())
    };
    let url = "socks5://u:hunter2@127.0.0.1:1080";
    let refused = |place: &str| {
        let told = format!("error: {place}: the proxy can't be used: it is one for socks5{help}");
        (Some(2), String::new(), told)
    };
    assert_eq!(run(&|command| _ = command.args(["--proxy", url])), refused("--proxy"));
    assert_eq!(run(&|command| _ = command.env("CONFORMANT_PROXY", url)), refused("environment CONFORMANT_PROXY"));
    assert_eq!(run(&|command| _ = command.args(["-P", "a"]).env("PROXY_HERE", url)), refused("conformant.toml:2"));
    let (code, _, stderr) = run(&|command| _ = command.args(["--proxy", "http://"]));
    assert_eq!(code, Some(2));
    assert!(stderr.starts_with("error: --proxy: the proxy can't be used: "), "{stderr}");
}
