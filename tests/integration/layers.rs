//! Who may import whom: the walls of the house, as `src/lib.rs` describes them.

use std::fs;
use std::path::{Path, PathBuf};

/// A module and the modules of ours that it may import.
const LAYERS: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("atomic", &[]),
    ("pointer", &[]),
    ("http", &[]),
    ("source", &["text"]),
    ("secret", &["http", "text"]),
    ("contract", &["pointer", "secret", "source"]),
    ("suite", &["contract", "http", "pointer", "secret", "source", "text"]),
    ("verdict", &["contract", "secret"]),
    ("check", &["contract", "http", "pointer", "secret", "suite", "verdict"]),
    ("snapshot", &["atomic", "http", "pointer", "secret", "suite", "text", "verdict"]),
    ("ledger", &["atomic", "http", "secret"]),
    ("run", &["check", "contract", "http", "ledger", "secret", "snapshot", "suite", "text", "verdict"]),
    ("replay", &["secret", "verdict"]),
    ("report", &["contract", "secret", "text", "verdict"]),
    ("reference", &["http"]),
    ("mutants", &["contract", "reference", "run", "verdict"]),
    ("shipped", &["suite"]),
    ("harness", &["contract", "http", "reference", "run", "secret", "shipped", "suite", "verdict"]),
];

/// Modules that may import everything.
const TOP: &[&str] = &["cli", "lib", "main"];

#[test]
fn no_module_imports_what_its_layer_may_not() {
    let mut breaches = Vec::new();
    for (file, module) in sources() {
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == module) else {
            assert!(
                TOP.contains(&module.as_str()),
                "tests/integration/layers.rs doesn't say what the module {module} may import"
            );
            continue;
        };
        for (number, line) in code(&file).lines().enumerate() {
            for imported in imports(line) {
                if imported != module && !allowed.contains(&imported.as_str()) {
                    breaches.push(format!("{}:{}: {module} imports {imported}", file.display(), number + 1));
                }
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn nothing_but_the_command_line_prints_exits_or_reads_the_environment() {
    let forbidden = ["std::env::", "process::exit", "println!(", "print!(", "eprintln!(", "eprint!("];
    let mut breaches = Vec::new();
    for (file, module) in sources().into_iter().filter(|(_, module)| !TOP.contains(&module.as_str())) {
        for (number, line) in code(&file).lines().enumerate() {
            let uses = forbidden.iter().find(|word| line.contains(*word));
            if let Some(word) = uses.filter(|_| !line.trim_start().starts_with("//")) {
                breaches.push(format!("{}:{}: {module} uses {word}", file.display(), number + 1));
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

/// Every source file with the module that it belongs to.
fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let first = path.strip_prefix(&root).unwrap().components().next().unwrap();
                let module = Path::new(first.as_os_str()).file_stem().unwrap().to_str().unwrap().to_owned();
                files.push((path, module));
            }
        }
    }
    assert!(files.len() > 50, "only {} source files were found", files.len());
    files.sort();
    files
}

/// A file without its tests, which stand at its end or in a file of their own.
fn code(file: &Path) -> String {
    if file.file_stem().is_some_and(|stem| stem == "tests") {
        return String::new();
    }
    let text = fs::read_to_string(file).unwrap();
    text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned()
}

/// The modules of ours that a line names.
fn imports(line: &str) -> Vec<String> {
    let line = line.split("//").next().unwrap_or_default();
    let module = |rest: &str| rest.chars().take_while(|c| c.is_ascii_lowercase()).collect::<String>();
    line.match_indices("crate::")
        .map(|(at, word)| module(&line[at + word.len()..]))
        .filter(|name| !name.is_empty())
        .collect()
}
