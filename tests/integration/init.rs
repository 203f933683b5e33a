//! `conformant init`: what it writes passes `check` and runs.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use serde_json::{Value, json};

use crate::support::binary::{conformant, stderr, stdout};
use crate::support::reply::Message;
use crate::support::request::Request;
use crate::support::run::run;
use crate::support::server::Server;

const OPENAPI_31: &str = r"openapi: 3.1.0
info: { title: Pets, version: '1' }
servers: [{ url: 'https://pets.example.org/v1' }]
security: [{ basic: [] }]
paths:
  /pets:
    get:
      operationId: listPets
      parameters: [{ name: limit, in: query, required: true, schema: { type: integer, minimum: 5, multipleOf: 4 } }]
      responses: { '200': { description: pets, content: { application/json: { schema: { type: array } } } } }
    post:
      operationId: createPet
      requestBody: { required: true, content: { application/json: { schema: { $ref: '#/components/schemas/Pet' } } } }
      responses: { '201': { description: made, content: { application/json: { schema: { $ref: '#/components/schemas/Pet' } } } } }
  /pets/{petId}:
    parameters: [{ name: petId, in: path, required: true, schema: { type: string } }]
    get:
      operationId: getPet
      responses: { '200': { description: it, content: { application/json: { schema: { $ref: '#/components/schemas/Pet' } } } } }
    delete: { operationId: deletePet, responses: { '204': { description: gone } } }
  /shops/{shop}:
    get:
      operationId: getShop
      parameters: [{ name: shop, in: path, required: true, schema: { type: string } }]
      responses: { '200': { description: it } }
  /chips:
    put:
      operationId: putChip
      requestBody:
        required: true
        content: { application/json: { schema: { type: string, pattern: '^chip-[0-9]{9}-[xyz]$' } } }
      responses: { '204': { description: done } }
components:
  securitySchemes: { basic: { type: http, scheme: basic } }
  schemas:
    Pet:
      type: object
      required: [id, name, kind, about]
      properties:
        id: { type: string, readOnly: true }
        name: { type: string, maxLength: 9, example: Rex }
        about: { type: string, example: 'no {{ template }}' }
        kind: { enum: [cat, dog] }
";

const OPENAPI_30: &str = r"openapi: 3.0.3
info: { title: Pets, version: '1' }
paths:
  /pets:
    post:
      operationId: createPet
      security: [{ key: [] }]
      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Pet' }, example: { name: a, kind: cat } } } }
      responses: { '201': { description: made, content: { application/json: { schema: { $ref: '#/components/schemas/Pet' } } } } }
  /pets/{id}:
    get:
      operationId: getPet
      security: [{ key: [] }]
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses: { '200': { description: it, content: { application/json: { schema: { $ref: '#/components/schemas/Pet' } } } } }
    delete:
      operationId: deletePet
      security: [{ key: [] }]
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses: { '204': { description: gone } }
components:
  securitySchemes: { key: { type: apiKey, in: header, name: X-Key } }
  schemas: { Pet: { type: object, required: [id, name], properties: { id: { type: string, readOnly: true }, name: { type: string, nullable: true }, kind: { type: string } } } }
";

const SWAGGER_2: &str = r"swagger: '2.0'
info: { title: Pets, version: '1' }
basePath: /v1
consumes: [application/json]
produces: [application/json]
securityDefinitions: { key: { type: apiKey, in: header, name: X-Key } }
security: [{ key: [] }]
paths:
  /pets:
    post:
      operationId: createPet
      parameters: [{ name: pet, in: body, required: true, schema: { $ref: '#/definitions/Pet' } }]
      responses: { '201': { description: made, schema: { $ref: '#/definitions/Pet' } } }
  /pets/{pet_id}:
    parameters: [{ name: pet_id, in: path, required: true, type: string }]
    get: { operationId: getPet, responses: { '200': { description: it, schema: { $ref: '#/definitions/Pet' } } } }
    delete: { operationId: deletePet, responses: { '204': { description: gone } } }
definitions:
  Pet: { type: object, required: [name, kind], properties: { id: { type: string, readOnly: true }, name: { type: string, minLength: 20 }, kind: { type: string, default: dog } } }
";

/// The service that all of these document, and what it has: pets by id.
fn service() -> Server {
    let (pets, made) = (Mutex::new(BTreeMap::<String, Value>::new()), Mutex::new(0));
    Server::start(move |request: &Request| {
        let authorized = request.value("x-key") == Some("k-secret-1")
            || request.value("authorization") == Some("Basic dXNlcjprLXNlY3JldC0x")
            || request.value("authorization") == Some("Bearer k-token-of-client");
        if !authorized {
            return Message::json(401, &json!({ "error": "no" }));
        }
        let mut pets = pets.lock().unwrap();
        let target = request.target.trim_start_matches("/v1");
        match (request.method.as_str(), target.split('/').skip(1).collect::<Vec<_>>().as_slice()) {
            ("GET", ["pets?limit=8"]) => Message::json(200, &pets.values().cloned().collect()),
            ("GET", ["shops", "corner"]) => Message::new(200),
            ("POST", ["pets"]) => {
                let mut pet: Value = serde_json::from_slice(&request.body).unwrap_or_default();
                let name = pet["name"].as_str().unwrap_or_default().to_owned();
                if name.is_empty() || pet.get("kind").is_none() || pets.values().any(|pet| pet["name"] == name.as_str())
                {
                    return Message::json(400, &json!({ "error": "no" }));
                }
                let mut made = made.lock().unwrap();
                *made += 1;
                pet["id"] = json!(format!("p{made}"));
                pets.insert(format!("p{made}"), pet.clone());
                Message::json(201, &pet)
            }
            ("GET", ["pets", id]) => pets
                .get(*id)
                .map_or_else(|| Message::json(404, &json!({ "error": "no" })), |pet| Message::json(200, pet)),
            ("DELETE", ["pets", id]) => Message::new(if pets.remove(*id).is_some() { 204 } else { 404 }),
            _ => Message::json(404, &json!({ "error": "no" })),
        }
    })
}

fn init(folder: &Path, document: Option<&Path>) -> (i32, String, String) {
    let mut command = conformant();
    command.arg("init").arg(folder);
    if let Some(document) = document {
        command.arg("--document").arg(document);
    }
    let output = command.output().unwrap();
    (output.status.code().unwrap(), stdout(&output), stderr(&output))
}

fn check(folder: &Path) -> (i32, String) {
    let output = conformant().arg("check").arg(folder).output().unwrap();
    (output.status.code().unwrap(), format!("{}{}", stdout(&output), stderr(&output)))
}

/// A new suite about a document, checked: the text of `suite.yaml`, and its folder.
fn suite_about(folder: &Path, text: &str) -> (String, String) {
    let document = folder.join("api.yaml");
    fs::write(&document, text).unwrap();
    let suite = folder.join("pets");
    let (exit, told, trouble) = init(&suite, Some(&document));
    assert_eq!(exit, 0, "{told}{trouble}");
    let (exit, told) = check(&suite);
    let written = fs::read_to_string(suite.join("suite.yaml")).unwrap();
    assert_eq!(exit, 0, "{told}{written}");
    assert_eq!(fs::read_to_string(suite.join("api.yaml")).unwrap(), text);
    (written, suite.display().to_string())
}

#[test]
fn a_suite_from_nothing_passes_its_check() {
    let folder = tempfile::tempdir().unwrap();
    let suite = folder.path().join("notes");
    let (exit, told, trouble) = init(&suite, None);
    assert_eq!(exit, 0, "{told}{trouble}");
    assert!(told.contains("conformant check ") && told.contains("conformant run --suite "), "{told}");
    assert_eq!(check(&suite).0, 0);
    assert!(!fs::read_to_string(suite.join("suite.yaml")).unwrap().contains("yaml-language-server"));
}

#[test]
fn a_suite_about_a_document_of_openapi_3_1_runs() {
    let (folder, server) = (tempfile::tempdir().unwrap(), service());
    let (written, suite) = suite_about(folder.path(), OPENAPI_31);
    insta::assert_snapshot!(written);
    let target = format!("{}/v1", server.url());
    let given = ["--variable", "username=user", "--variable", "shop=corner", "--secret", "password=k-secret-1"];
    let run = run(&[&["--suite", &suite, "--target", &target], given.as_slice()].concat());
    assert_eq!(run.exit, 0, "{}{}", run.terminal, run.trouble);
    assert_eq!(run.footer()["left_behind"].as_array().map(Vec::len).unwrap_or_default(), 0);
}

#[test]
fn suites_about_documents_of_openapi_3_0_and_swagger_2_0_run() {
    for (document, base) in [(OPENAPI_30, ""), (SWAGGER_2, "/v1")] {
        let (folder, server) = (tempfile::tempdir().unwrap(), service());
        let (written, suite) = suite_about(folder.path(), document);
        assert!(
            written.contains("pet: { make: createPet, id: \"{{ made.response.body.id }}\", remove: deletePet }"),
            "{written}"
        );
        let target = format!("{}{base}", server.url());
        let run = run(&["--suite", &suite, "--target", &target, "--secret", "key=k-secret-1"]);
        assert_eq!(run.exit, 0, "{}{}{written}", run.terminal, run.trouble);
    }
}

#[test]
fn what_deletes_all_that_is_there_is_asked_by_nobody_but_the_reader() {
    let folder = tempfile::tempdir().unwrap();
    let gone = "responses: { '204': { description: gone } }";
    let text =
        OPENAPI_30.replace("  /pets:\n", &format!("  /pets:\n    delete: {{ operationId: deletePets, {gone} }}\n"));
    let document = folder.path().join("openapi.yaml");
    fs::write(&document, text).unwrap();
    let suite = folder.path().join("pets");
    let (exit, told, trouble) = init(&suite, Some(&document));
    assert_eq!(exit, 0, "{told}{trouble}");
    let written = |name: &str| fs::read_to_string(suite.join(name)).unwrap();
    let why = "What is missing: your word that all that is at its path may be deleted.";
    assert!(written("suite.yaml").contains(why), "{}", written("suite.yaml"));
    assert!(!written("operations.yaml").contains("deletePets"), "{}", written("operations.yaml"));
}

#[test]
fn client_credentials_of_a_document_need_no_more_than_their_values() {
    let url = "tokenUrl: 'https://auth.example.com/oauth/token', scopes: { read: '' }";
    let new = OPENAPI_30.replace(
        "{ type: apiKey, in: header, name: X-Key }",
        &format!("{{ type: oauth2, flows: {{ clientCredentials: {{ {url} }} }} }}"),
    );
    let old = SWAGGER_2
        .replace("{ type: apiKey, in: header, name: X-Key }", &format!("{{ type: oauth2, flow: application, {url} }}"));
    for (document, base) in [(new, ""), (old, "/v1")] {
        let tokens = Server::start(|request: &Request| {
            // The client `a b` with the secret `s/cret-1:`, as RFC 6749 has them encoded.
            let is_known = request.value("authorization") == Some("Basic YSUyMGI6cyUyRmNyZXQtMSUzQQ==");
            match is_known && request.target == "/oauth/token" && request.body == b"grant_type=client_credentials" {
                true => Message::json(200, &json!({ "access_token": "k-token-of-client", "token_type": "Bearer" })),
                false => Message::json(401, &json!({ "error": "invalid_client" })),
            }
        });
        let (folder, server) = (tempfile::tempdir().unwrap(), service());
        let (written, suite) = suite_about(folder.path(), &document);
        let (target, at) = (format!("{}{base}", server.url()), format!("token_server={}", tokens.url()));
        let given = ["--variable", "client_id=a b", "--variable", &at, "--secret", "client_secret=s/cret-1:"];
        let run = run(&[&["--suite", &suite, "--target", &target], given.as_slice()].concat());
        assert_eq!(run.exit, 0, "{}{}{written}", run.terminal, run.trouble);
        // The next command names them.
        let (_, told, _) = init(&folder.path().join("again"), Some(&folder.path().join("api.yaml")));
        assert!(told.contains("CONFORMANT_SECRET_client_secret=VALUE conformant run"), "{told}");
        assert!(told.contains(" --variable client_id=VALUE --variable token_server=VALUE\n"), "{told}");
        // Or a token, and nothing else.
        let given = ["--suite", &suite, "--target", &target, "--secret", "token=k-token-of-client"];
        let run = crate::support::run::run(&given);
        assert_eq!(run.exit, 0, "{}{}{written}", run.terminal, run.trouble);
    }
}

#[test]
fn a_body_of_parts_of_which_none_is_required_has_one_part() {
    let document = "openapi: 3.1.0
info: { title: Photos, version: '1' }
paths:
  /photos:
    post:
      operationId: addPhoto
      requestBody: { content: { multipart/form-data: { schema: { type: object, properties: { id: { type: integer, readOnly: true }, \
                    file: { type: string, format: binary }, note: { type: string } } } } } }
      responses: { '200': { description: fine } }
";
    let folder = tempfile::tempdir().unwrap();
    let (written, _) = suite_about(folder.path(), document);
    assert!(written.contains("body: { file: { ") && !written.contains("note"), "{written}");
}

#[test]
fn no_file_is_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let suite = folder.path().join("notes");
    fs::create_dir(&suite).unwrap();
    fs::write(suite.join("suite.yaml"), "mine").unwrap();
    let (exit, _, trouble) = init(&suite, None);
    assert_eq!(exit, 2);
    assert!(trouble.contains("suite.yaml would be written over"), "{trouble}");
    assert_eq!(fs::read_to_string(suite.join("suite.yaml")).unwrap(), "mine");
    assert_eq!(fs::read_dir(&suite).unwrap().count(), 1);
}
