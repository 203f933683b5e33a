//! The suite in `examples/notes`: it passes its check, and it is run from Rust and by the program against a server that
//! conforms and against one that doesn't.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use conformant::harness::{Harness, Target};
use conformant::suite::Inputs;
use conformant::verdict::Outcome;
use serde_json::{Value, json};

use crate::support::binary::{conformant, stderr, stdout};
use crate::support::reply::Message;
use crate::support::request::Request;
use crate::support::server::Server;

const FOLDER: &str = "examples/notes";

/// A server of notes.
struct Notes {
    server: Server,
    /// The ids of the notes that were created and not removed.
    kept: Arc<Mutex<BTreeSet<String>>>,
}

impl Notes {
    /// A server of notes whose texts have at most so many characters.
    fn with_texts_up_to(longest: usize) -> Self {
        let kept: Arc<Mutex<BTreeSet<String>>> = Arc::default();
        let notes = Arc::clone(&kept);
        let mut created = 0;
        let next = Mutex::new(move || {
            created += 1;
            format!("note-{created}")
        });
        let server = Server::start(move |request: &Request| {
            let sent: Value = serde_json::from_slice(&request.body).unwrap_or_default();
            let id = request.target.strip_prefix("/notes/");
            match (request.method.as_str(), id, sent["text"].as_str()) {
                ("POST", None, Some(text)) if !text.is_empty() && text.chars().count() <= longest => {
                    let id = next.lock().unwrap()();
                    notes.lock().unwrap().insert(id.clone());
                    Message::json(201, &json!({ "id": id, "text": text }))
                }
                ("POST", None, _) => {
                    Message::json(400, &json!({ "error": "a note has a text of 1 to 280 characters" }))
                }
                ("DELETE", Some(id), _) => Message::new(if notes.lock().unwrap().remove(id) { 204 } else { 404 }),
                _ => Message::new(404),
            }
        });
        Self { server, kept }
    }

    fn outcomes(&self) -> BTreeMap<String, Outcome> {
        let target = Target::Url(self.server.url(), Inputs::default());
        let harness = Harness::new(FOLDER.as_ref(), target).unwrap();
        let results = harness.run(None).unwrap();
        harness.ids().into_iter().map(|id| (id.clone(), results.cases[&id].outcome)).collect()
    }
}

#[test]
fn the_example_passes_its_check() {
    let output = conformant().args(["check", FOLDER]).output().unwrap();
    assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
}

#[test]
fn a_server_that_does_what_the_example_says_conforms_and_keeps_nothing() {
    let notes = Notes::with_texts_up_to(280);
    let outcomes = notes.outcomes();
    assert_eq!(outcomes.len(), 7);
    assert!(outcomes.values().all(|outcome| *outcome == Outcome::Conforms), "{outcomes:?}");
    assert!(notes.kept.lock().unwrap().is_empty());
}

#[test]
fn a_server_that_takes_longer_texts_violates_the_example() {
    let outcomes = Notes::with_texts_up_to(300).outcomes();
    let violated: Vec<_> = outcomes.iter().filter(|(_, outcome)| **outcome == Outcome::Violates).collect();
    assert_eq!(violated, [(&"notes/text/length[too-long]".to_owned(), &Outcome::Violates)]);
}

#[test]
fn the_program_runs_the_example_against_a_server() {
    let run = |notes: &Notes| {
        let ledger = tempfile::tempdir().unwrap();
        let run = ["run", "--suite", FOLDER, "--target", &notes.server.url(), "--ledger"];
        conformant().args(run).arg(ledger.path()).output().unwrap()
    };
    let (right, wrong) = (run(&Notes::with_texts_up_to(280)), run(&Notes::with_texts_up_to(300)));
    assert_eq!(right.status.code(), Some(0), "{}{}", stdout(&right), stderr(&right));
    assert_eq!(wrong.status.code(), Some(1), "{}{}", stdout(&wrong), stderr(&wrong));
    assert!(stdout(&wrong).contains("violates text.length: The text has 1 to 280 characters."), "{}", stdout(&wrong));
}

#[test]
fn a_suite_without_values_for_the_embedded_reference_is_not_run_against_it() {
    let error = Harness::new(FOLDER.as_ref(), Target::Reference).unwrap_err();
    assert_eq!(error.to_string(), "the suite notes has no values for the embedded reference");
}

#[test]
fn a_folder_that_is_no_suite_is_refused() {
    let error = Harness::new("examples".as_ref(), Target::Reference).unwrap_err();
    assert!(error.to_string().contains("folders within a suite are not read"), "{error}");
}
