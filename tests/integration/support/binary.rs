//! The binary, as a user runs it, and the reference server as a process of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Output, Stdio};

/// The binary, without anything of this environment that it would heed.
pub fn conformant() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_conformant"));
    deafen(&mut command);
    command
}

/// Takes from a command whatever of this environment the binary would heed.
pub fn deafen(command: &mut Command) {
    let heeded = |name: &str| {
        let prefixes = ["CONFORMANT_", "GITHUB_", "CI_", "JOB_COMPLETION_INDEX"];
        prefixes.iter().any(|prefix| name.starts_with(prefix))
    };
    for (name, _) in std::env::vars_os().filter(|(name, _)| heeded(&name.to_string_lossy())) {
        command.env_remove(name);
    }
    // What a change of the reference would be is told and not written into the repository.
    command.env_remove("INSTA_UPDATE").env("CI", "true");
    // Where ledgers are kept that no test looks at: wrong servers often don't let anything be removed.
    command.env("CONFORMANT_LEDGER", concat!(env!("CARGO_TARGET_TMPDIR"), "/ledgers"));
    command.env("NO_COLOR", "1").stdin(Stdio::null()).current_dir(env!("CARGO_MANIFEST_DIR"));
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The reference server as a process of its own; ends when dropped.
pub struct Served {
    child: Child,
    pub url: String,
}

impl Served {
    pub fn start(arguments: &[&str]) -> Self {
        let mut child = conformant().arg("serve").args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").unwrap().to_owned();
        Self { child, url }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
