//! Suites in which one thing is there any number of times, to see how reading them grows.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

const CONTRACT: &str = "openapi: 3.1.0
info: { title: Things, version: '1' }
paths:
  /things:
    post:
      operationId: things
      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Thing' } } } }
      responses:
        '200': { description: fine, content: { application/json: { schema: { $ref: '#/components/schemas/Thing' } } } }
        '400': { description: bad, content: { application/json: { schema: { type: object, required: [code] } } } }
components:
  schemas:
    Thing:
      type: object
      properties:
        name: { type: string }
x-checks: { documented-status: answer.right, body: answer.right, error-body: answer.right }
x-clauses:
  answer.right: { level: must, says: it is right, source: here, polarities: [hold] }
";
const SUITE: &str = "title: Things
contract: contract.yaml
control: { clause: answer.right }
operations:
  things: { request: { headers: { Content-Type: application/json }, body: { name: a } }, accepted: 200 }
";
const PAGES: &str = "title: Things\noperation: things\ncases:\n";

/// The files of a suite.
pub type Files = Vec<(String, String)>;

/// A kind of suite: its name, the smallest size, and its files by the size.
pub type Shape = (&'static str, usize, fn(usize) -> Files);

pub const SHAPES: &[Shape] = &[
    ("rows of one case", 1500, |n| {
        with_pages(&format!(
            "  - {{ id: a, expect: 200, each: [{}] }}\n",
            list(n, |i| format!("{{ id: r{i}, n: {i} }}"))
        ))
    }),
    ("columns of one row", 300, |n| {
        with_pages(&format!(
            "  - {{ id: a, expect: 200, each: [{{ id: r, {} }}] }}\n",
            list(n, |i| format!("c{i}: {i}"))
        ))
    }),
    ("cases of one file", 500, |n| {
        with_pages(&lines(n, |i| format!("  - {{ id: c{i}, expect: 200, body: {{ name: n{i} }} }}")))
    }),
    ("files", 50, |n| {
        (0..n).map(|i| (format!("f{i}.yaml"), format!("{PAGES}  - {{ id: a, expect: 200 }}\n"))).collect()
    }),
    ("steps of one case", 6, |n| {
        with_pages(&format!(
            "  - id: a\n    steps:\n{}",
            lines(n, |i| format!("      - {{ expect: 200, body: {{ name: n{i} }} }}"))
        ))
    }),
    ("statements of one case", 500, |n| {
        with_pages(&format!(
            "  - {{ id: a, expect: 200, statements: [{}] }}\n",
            list(n, |i| format!("{{ clause: answer.right, at: /body/a{i}, equals: {i} }}"))
        ))
    }),
    ("members of a body", 1500, |n| {
        with_pages(&format!(
            "  - {{ id: a, expect: 200, body: {{ {} }} }}\n",
            list(n, |i| format!("m{i}: '{{{{ 1 + {i} }}}}'"))
        ))
    }),
    ("a text", 50000, |n| with_pages(&format!("  - {{ id: a, expect: 200, body: {{ name: {} }} }}\n", "x".repeat(n)))),
    ("aliases", 10, |n| {
        with_pages(&format!(
            "  - {{ id: a, expect: 200, body: {{ name: &t [a, b], l: [{}] }} }}\n",
            list(n, |_| "*t".to_owned())
        ))
    }),
    ("clauses", 1_000, |n| {
        with_contract(&format!(
            "{CONTRACT}{}",
            lines(n, |i| format!(
                "  more.c{i}: {{ level: must, says: more, source: here, polarities: [accept, refuse] }}"
            ))
        ))
    }),
    ("clauses with cases", 500, |n| {
        let clauses =
            lines(n, |i| format!("  more.c{i}: {{ level: must, says: more, source: here, polarities: [accept] }}"));
        let cases = lines(n, |i| format!("  - {{ id: c{i}, expect: 200, covers: {{ more.c{i}: accept }} }}"));
        [with_contract(&format!("{CONTRACT}{clauses}")), with_pages(&cases)].concat()
    }),
    ("error codes", 1_000, |n| {
        with_contract(&format!(
            "{CONTRACT}x-errors:\n{}",
            lines(n, |i| format!("  - {{ code: E{i}, status: 400, meaning: bad }}"))
        ))
    }),
    ("properties of a schema", 1_000, |n| {
        with_contract(&CONTRACT.replace(
            "        name: { type: string }\n",
            &lines(n, |i| format!("        p{i}: {{ type: string, maxLength: {i} }}")),
        ))
    }),
    ("schemas that refer to one", 1_000, |n| {
        with_contract(&CONTRACT.replace(
            "x-checks",
            &format!(
                "{}x-checks",
                lines(n, |i| format!("    S{i}: {{ properties: {{ a: {{ $ref: '#/components/schemas/Thing' }} }} }}"))
            ),
        ))
    }),
    ("a chain of references through fields", 1_000, |n| {
        let chain = lines(n, |i| {
            format!("    S{i}: {{ properties: {{ a: {{ $ref: '#/components/schemas/S{}' }} }} }}", (i + 1) % n)
        });
        with_contract(
            &CONTRACT
                .replace("name: { type: string }", "name: { $ref: '#/components/schemas/S0' }")
                .replace("x-checks", &format!("{chain}x-checks")),
        )
    }),
    ("values of an enum", 5_000, |n| {
        with_contract(&CONTRACT.replace("{ type: string }", &format!("{{ enum: [{}] }}", list(n, |i| format!("v{i}")))))
    }),
    ("patterns", 100, |n| {
        with_contract(&CONTRACT.replace(
            "        name: { type: string }\n",
            &lines(n, |i| format!("        p{i}: {{ pattern: '^[a-z]{{1,{}}}$' }}", i % 60 + 1)),
        ))
    }),
    ("operations of a document", 250, |n| {
        let path = |i: usize| {
            format!(
                "  /p{i}/{{id}}:\n    get:\n      operationId: op{i}\n      parameters: [{{ name: id, in: path, required: true, schema: {{ type: string }} }}]\n      responses: {{ '200': {{ description: fine, content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/Thing' }} }} }} }} }}"
            )
        };
        let document = CONTRACT
            .split("x-checks")
            .next()
            .unwrap()
            .replace("components:", &format!("{}components:", lines(n, path)));
        vec![
            ("contract.yaml".to_owned(), "document: openapi.yaml\n".to_owned()),
            ("openapi.yaml".to_owned(), document),
            ("suite.yaml".to_owned(), SUITE.replace("{ clause: answer.right }", "{}").replace("control: {}\n", "")),
        ]
    }),
    ("keywords of the wrong kind", 1_000, |n| {
        let document = CONTRACT.split("x-checks").next().unwrap().replace(
            "        name: { type: string }\n",
            &lines(n, |i| format!("        p{i}: {{ oneOf: [{{ type: string, title: 5, maxLength: '{i}' }}] }}")),
        );
        vec![
            ("contract.yaml".to_owned(), "document: openapi.yaml\n".to_owned()),
            ("openapi.yaml".to_owned(), document),
            ("suite.yaml".to_owned(), SUITE.replace("control: { clause: answer.right }\n", "")),
        ]
    }),
    ("unknown keys", 500, |n| with_pages(&lines(n, |i| format!("  - {{ id: c{i}, expct: 200 }}")))),
    ("equal ids", 500, |n| with_pages(&lines(n, |_| "  - { id: same, expect: 200 }".to_owned()))),
    ("unknown clauses", 500, |n| {
        with_pages(&lines(n, |i| format!("  - {{ id: c{i}, expect: 200, covers: {{ answer.rihgt{i}: hold }} }}")))
    }),
    ("broken templates", 500, |n| {
        with_pages(&lines(n, |i| format!("  - {{ id: c{i}, expect: 200, body: {{ name: '{{{{ nothing{i} }}}}' }} }}")))
    }),
];

/// Writes a suite called `things` with these files, and what it needs besides, into a folder; the suite's folder.
pub fn write(folder: &Path, files: &[(String, String)]) -> PathBuf {
    let suite = folder.join("things");
    fs::create_dir(&suite).unwrap();
    let write_all = |files: &[(String, String)]| {
        for (name, text) in files {
            fs::write(suite.join(name), text).unwrap();
        }
    };
    write_all(&[("contract.yaml".to_owned(), CONTRACT.to_owned()), ("suite.yaml".to_owned(), SUITE.to_owned())]);
    if !files.iter().any(|(name, _)| name.starts_with("pages") || name.starts_with('f')) {
        write_all(&with_pages("  - { id: a, expect: 200 }\n"));
    }
    write_all(files);
    suite
}

fn with_pages(cases: &str) -> Files {
    vec![("pages.yaml".to_owned(), format!("{PAGES}{cases}"))]
}

fn with_contract(text: &str) -> Files {
    vec![("contract.yaml".to_owned(), text.to_owned())]
}

/// So many things, one after the other on a line.
fn list(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).map(one).collect::<Vec<_>>().join(", ")
}

/// So many lines.
fn lines(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, index| {
        writeln!(text, "{}", one(index)).unwrap();
        text
    })
}
