//! Begins a suite: its files as text, from an API's document or from nothing.
//!
//! Owns how a valid request is made of what a document says. Judges nothing, and reads and writes no file.

mod document;
mod files;
mod made;
mod names;
mod plan;
mod request;
mod resources;
mod scalars;
mod security;
mod values;
mod yaml;

use crate::contract::Contract;
use plan::Plan;

/// The files of the example, which is where a suite begins that has no document.
const NOTES: [(&str, &str); 3] = [
    ("contract.yaml", include_str!("../../examples/notes/contract.yaml")),
    ("suite.yaml", include_str!("../../examples/notes/suite.yaml")),
    ("text.yaml", include_str!("../../examples/notes/text.yaml")),
];
/// What begins the line that tells editors where the schema of case files is, which is true in the repository alone.
const FOR_EDITORS: &str = "# yaml-language-server:";

/// A suite that is begun.
#[derive(Debug)]
pub struct Scaffold {
    /// Each file's name and text.
    pub files: Vec<(&'static str, String)>,
    /// The operations that are asked, and those for whose valid request something is missing.
    pub operations: (usize, usize),
    /// The variables that a run is given.
    pub variables: Vec<String>,
    /// The secrets, likewise.
    pub secrets: Vec<String>,
    /// The path that the target has the operations below.
    pub base_path: String,
}

impl Scaffold {
    /// The names of the files that it is going to have besides a document.
    pub const FILES: [&'static str; 3] = ["contract.yaml", "suite.yaml", "operations.yaml"];

    /// A suite about a small API that creates notes.
    pub fn example() -> Self {
        let text = |text: &str| {
            let lines = text.lines().filter(|line| !line.starts_with(FOR_EDITORS));
            lines.flat_map(|line| [line, "\n"]).collect::<String>()
        };
        let files = NOTES.iter().map(|(name, file)| (*name, text(file))).collect();
        Self { files, operations: (1, 0), variables: Vec::new(), secrets: Vec::new(), base_path: String::new() }
    }

    /// The contract about a document with this name in the suite's folder.
    pub fn contract(document: &str) -> String {
        files::contract(document)
    }

    /// A suite about the document of a contract with this text.
    pub fn of_document(contract: &Contract, text: String) -> Self {
        let plan = Plan::new(contract);
        let [name, suite, cases] = Self::FILES;
        let files = vec![(name, text), (suite, files::suite(contract.title(), &plan)), (cases, files::cases(&plan))];
        let sound = plan.sound().count();
        // What a secret is obtained with is optional for a run that is given the secret, which is the rarer way.
        let needed = plan.variables.iter().filter(|(_, variable)| variable.default.is_none());
        Self {
            files,
            operations: (sound, plan.asked.len() - sound),
            variables: needed.map(|(name, _)| name.clone()).collect(),
            secrets: plan
                .secrets
                .iter()
                .filter(|(_, given)| given.obtain.is_none())
                .map(|(name, _)| name.clone())
                .collect(),
            base_path: plan.base_path.clone(),
        }
    }
}
