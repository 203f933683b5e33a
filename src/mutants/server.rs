//! Servers that can be started with one thing changed: the embedded reference, or a command of the user's.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Stdio;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::process::Child;
use tokio::time::{Instant, sleep};

use crate::reference;

/// How long a command may take until it accepts connections.
const STARTING: Duration = Duration::from_secs(10);
/// How long between two looks whether it does.
const LOOK: Duration = Duration::from_millis(10);
/// What stands for "nothing is changed" in a command.
const NONE: &str = "none";

/// Why a server could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The reference server has no such fault or variant.
    #[error("the reference server knows no fault and no variant `{0}`")]
    Unknown(String),
    /// No port was free, or the reference server could not listen.
    #[error("no port of 127.0.0.1 can be listened on: {0}")]
    Port(#[source] std::io::Error),
    /// The command could not be started.
    #[error("the command `{program}` can't be started: {cause}")]
    Command {
        /// The program.
        program: String,
        /// Why.
        cause: std::io::Error,
    },
    /// The command ended before it accepted a connection.
    #[error("the command ended ({0}) before it listened on its port")]
    Ended(std::process::ExitStatus),
    /// It accepted no connection in time.
    #[error("the command did not listen on 127.0.0.1:{0} within 10 s")]
    Silent(u16),
}

/// A command that starts the user's own server; `{port}` and `{fault}` in its words are replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    program: String,
    arguments: Vec<String>,
}

impl Command {
    /// Splits a command into words as a POSIX shell does, quotes and backslashes included; no shell runs it.
    ///
    /// # Errors
    /// What is missing, as a lower-case fragment.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let mut words = shlex::split(text).ok_or("it ends within quotes or behind a backslash")?.into_iter();
        let program = words.next().ok_or("it is empty")?;
        let arguments: Vec<String> = words.collect();
        for (placeholder, missing) in [("{port}", "it has no {port}"), ("{fault}", "it has no {fault}")] {
            if !arguments.iter().any(|argument| argument.contains(placeholder)) {
                return Err(missing);
            }
        }
        Ok(Self { program, arguments })
    }
}

/// Something that can be started with one thing changed.
#[derive(Debug, Clone)]
pub enum Server {
    /// The embedded reference implementation; a change is one of its faults or variants.
    Reference,
    /// A command; a change is given to it as `{fault}`, and `none` where nothing is changed.
    Command(Command),
}

/// A server that runs.
pub struct ServerHandle {
    base_url: String,
    kind: Kind,
}

enum Kind {
    Reference(reference::ServerHandle),
    Child(Box<Child>),
}

impl Server {
    /// Starts it on a free port of 127.0.0.1, with or without a change.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start(&self, change: Option<&str>) -> Result<ServerHandle, StartError> {
        match self {
            Self::Reference => start_reference(change).await,
            Self::Command(command) => start_command(command, change.unwrap_or(NONE)).await,
        }
    }
}

async fn start_reference(change: Option<&str>) -> Result<ServerHandle, StartError> {
    let mut options = reference::Options::default();
    if let Some(id) = change {
        options.fault = reference::fault(id);
        options.variants.extend(reference::variant(id));
        if options.fault.is_none() && options.variants.is_empty() {
            return Err(StartError::Unknown(id.to_owned()));
        }
    }
    let running = reference::start(options).await.map_err(StartError::Port)?;
    Ok(ServerHandle { base_url: format!("http://{}", running.address()), kind: Kind::Reference(running) })
}

async fn start_command(command: &Command, change: &str) -> Result<ServerHandle, StartError> {
    let port = free_port().await.map_err(StartError::Port)?;
    let fill = |word: &String| word.replace("{port}", &port.to_string()).replace("{fault}", change);
    let child = tokio::process::Command::new(&command.program)
        .args(command.arguments.iter().map(fill))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn();
    let mut child = child.map_err(|cause| StartError::Command { program: command.program.clone(), cause })?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let begun = Instant::now();
    while TcpStream::connect(address).await.is_err() {
        if let Ok(Some(status)) = child.try_wait() {
            return Err(StartError::Ended(status));
        }
        if begun.elapsed() > STARTING {
            return Err(StartError::Silent(port));
        }
        sleep(LOOK).await;
    }
    Ok(ServerHandle { base_url: format!("http://{address}"), kind: Kind::Child(Box::new(child)) })
}

async fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?.local_addr()?.port())
}

impl ServerHandle {
    /// Where it listens.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Ends it.
    pub async fn stop(self) {
        match self.kind {
            Kind::Reference(running) => running.stop().await,
            Kind::Child(mut child) => {
                let _ = child.kill().await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_path_with_spaces_is_one_word() {
        let command = Command::parse(r#"'/opt/my server/run' --port={port} "--fault={fault}" a\ b"#).unwrap();
        assert_eq!(command.program, "/opt/my server/run");
        assert_eq!(command.arguments, ["--port={port}", "--fault={fault}", "a b"]);
    }

    #[test]
    fn a_command_that_cannot_be_started_with_a_port_and_a_fault_is_refused() {
        for (text, why) in [
            ("", "it is empty"),
            ("server '{port}", "it ends within quotes or behind a backslash"),
            ("server {fault}", "it has no {port}"),
            ("server {port}", "it has no {fault}"),
        ] {
            assert_eq!(Command::parse(text), Err(why), "{text}");
        }
    }
}
