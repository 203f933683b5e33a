//! `docs/your-api.md`: its commands and files, word for word, for an API of pets.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;

use serde_json::{Value, json};

use crate::support::binary::{deafen, stderr, stdout};
use crate::support::reply::Message;
use crate::support::request::Request;
use crate::support::server::Server;

const DOCUMENT: &str = r"openapi: 3.1.0
info: { title: Pets, version: '1' }
paths:
  /pets:
    post:
      operationId: createPet
      requestBody: { required: true, content: { application/json: { schema: { $ref: '#/components/schemas/NewPet' } } } }
      responses:
        '201': { description: the pet, content: { application/json: { schema: { $ref: '#/components/schemas/Pet' } } } }
        '400': { $ref: '#/components/responses/Refused' }
  /pets/{petId}:
    parameters: [{ name: petId, in: path, required: true, schema: { type: string } }]
    get:
      operationId: getPet
      responses:
        '200': { description: the pet, content: { application/json: { schema: { $ref: '#/components/schemas/Pet' } } } }
        '404': { $ref: '#/components/responses/Refused' }
    delete:
      operationId: deletePet
      responses: { '204': { description: it is gone }, '404': { $ref: '#/components/responses/Refused' } }
components:
  responses:
    Refused:
      description: refused
      content: { application/json: { schema: { type: object, required: [error], properties: { error: { type: string } } } } }
  schemas:
    NewPet: { type: object, required: [name], properties: { name: { type: string, maxLength: 40 } } }
    Pet: { type: object, required: [id, name], properties: { id: { type: string }, name: { type: string } } }
";

/// A server of pets that answers a name of more than 40 characters with 422.
fn pets() -> Server {
    let pets: Mutex<BTreeMap<String, Value>> = Mutex::default();
    let refused = |status| Message::json(status, &json!({ "error": "no" }));
    Server::start(move |request: &Request| {
        let mut pets = pets.lock().unwrap();
        let sent: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let id = request.target.strip_prefix("/pets/");
        match (request.method.as_str(), id, sent["name"].as_str()) {
            ("POST", None, Some(name)) if name.len() <= 40 => {
                let id = format!("pet-{}", pets.len() + 1);
                let pet = json!({ "id": id, "name": name });
                pets.insert(id, pet.clone());
                Message::json(201, &pet)
            }
            ("POST", None, Some(_)) => refused(422),
            ("POST", None, None) => refused(400),
            ("GET", Some(id), _) if pets.get(id).is_some_and(Value::is_object) => Message::json(200, &pets[id]),
            ("DELETE", Some(id), _) if pets.get(id).is_some_and(Value::is_object) => {
                pets.insert(id.to_owned(), Value::Null);
                Message::new(204)
            }
            _ => refused(404),
        }
    })
}

/// The blocks of a page, each with its language.
fn blocks(page: &str) -> impl Iterator<Item = (&str, &str)> {
    page.split("```").skip(1).step_by(2).filter_map(|block| block.split_once('\n'))
}

fn shell(folder: &Path, command: &str) -> (Option<i32>, String) {
    let program = Path::new(env!("CARGO_BIN_EXE_conformant")).parent().unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([program.to_owned()].into_iter().chain(std::env::split_paths(&path))).unwrap();
    let mut shell = Command::new("sh");
    deafen(&mut shell);
    let output =
        shell.args(["-c", command]).env("PATH", path).current_dir(folder).stdin(Stdio::null()).output().unwrap();
    (output.status.code(), format!("{}{}", stdout(&output), stderr(&output)))
}

#[test]
fn the_page_about_your_api_works_word_for_word() {
    let (folder, server) = (tempfile::tempdir().unwrap(), pets());
    let folder = folder.path();
    fs::write(folder.join("openapi.yaml"), DOCUMENT).unwrap();
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/your-api.md")).unwrap();
    let (tutorial, _) = page.split_once("\n## Operations and resources\n").unwrap();
    let mut exits = Vec::new();
    for (language, block) in blocks(tutorial) {
        match language {
            "console" => {
                for command in block.lines().filter_map(|line| line.strip_prefix("$ ")) {
                    let command = command.replace("http://127.0.0.1:8080", &server.url());
                    let (exit, told) = shell(folder, &command);
                    exits.push((exit.unwrap(), command, told));
                }
            }
            "yaml" if block.starts_with("title: ") => fs::write(folder.join("my-suite/names.yaml"), block).unwrap(),
            "yaml" if block.starts_with("  pet.kept: ") => {
                let contract = folder.join("my-suite/contract.yaml");
                fs::write(&contract, fs::read_to_string(&contract).unwrap() + block).unwrap();
            }
            other => panic!("{other}: {block}"),
        }
    }
    // What has a 422 fails until it is waived.
    let codes: Vec<i32> = exits.iter().map(|(exit, ..)| *exit).collect();
    assert_eq!(codes, [0, 0, 0, 0, 1, 1, 0], "{exits:#?}");
    assert!(exits[6].2.contains("gate     passed"), "{}", exits[6].2);
}
