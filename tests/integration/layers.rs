//! Who may import whom: the walls between modules, as ARCHITECTURE.md has them, and no circle of files anywhere.

use std::collections::BTreeSet;

use crate::support::imports::{Imports, sources};

/// A module and the modules of ours that it may import.
const LAYERS: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("atomic", &[]),
    ("pointer", &[]),
    ("number", &[]),
    ("pattern", &[]),
    ("stack", &[]),
    ("http", &["text"]),
    ("source", &["number", "stack", "text"]),
    ("secret", &["http", "text"]),
    ("contract", &["pattern", "pointer", "secret", "source"]),
    ("suite", &["contract", "http", "number", "pattern", "pointer", "secret", "source", "text"]),
    ("scaffold", &["contract", "pattern", "pointer", "source", "suite", "text"]),
    ("verdict", &["contract", "secret"]),
    ("check", &["contract", "http", "number", "pattern", "pointer", "secret", "suite", "text", "verdict"]),
    ("snapshot", &["atomic", "http", "pointer", "secret", "suite", "text", "verdict"]),
    ("ledger", &["atomic", "http", "secret"]),
    (
        "run",
        &["check", "contract", "http", "ledger", "number", "secret", "snapshot", "stack", "suite", "text", "verdict"],
    ),
    ("replay", &["secret", "verdict"]),
    ("comparison", &["contract", "verdict"]),
    ("report", &["comparison", "contract", "secret", "text", "verdict"]),
    ("reference", &["http"]),
    ("mutants", &["contract", "reference", "run", "verdict"]),
    ("shipped", &["suite"]),
    ("harness", &["check", "contract", "http", "reference", "run", "secret", "shipped", "suite", "verdict"]),
];

/// Modules that may import everything.
const TOP: &[&str] = &["cli", "fuzz", "lib", "main"];

/// Circles of files that are still there, each with its files. One that is opened is taken out of here; none is put in.
const CIRCLES: &[&str] = &[];

#[test]
fn no_module_imports_what_its_layer_may_not() {
    let imports = Imports::of(sources());
    let mut breaches = Vec::new();
    for file in imports.files() {
        let module = module_of(file);
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == module) else {
            assert!(
                TOP.contains(&module),
                "tests/integration/layers.rs doesn't say what the module {module} may import"
            );
            continue;
        };
        for imported in imports.of_file(file) {
            let other = module_of(imported);
            if other != module && !allowed.contains(&other) {
                breaches.push(format!("{file}: {module} imports {imported}"));
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn no_file_imports_one_that_leads_back_to_it() {
    let imports = Imports::of(sources());
    let found: BTreeSet<String> = imports.circles().iter().map(|circle| circle.join(" ")).collect();
    let known: BTreeSet<String> = CIRCLES.iter().copied().map(str::to_owned).collect();
    let new: Vec<_> = found.difference(&known).collect();
    assert!(new.is_empty(), "files that import each other in a circle: {new:#?}");
    let opened: Vec<_> = known.difference(&found).collect();
    assert!(opened.is_empty(), "no circle any more, so take it out of CIRCLES: {opened:#?}");
}

#[test]
fn no_way_of_importing_escapes() {
    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let imports = Imports::of([
        file("a/mod.rs", "mod b; mod c; mod d; pub use b::B; pub use c::C as D; pub mod e; fn f(_: B) { d::g() }"),
        file("a/b.rs", "use crate::{a::D, x::{self, Y}}; pub(in crate::z) struct B;"),
        file("a/c.rs", "fn f() { vec![super::B] } mod inner { use super::super::e; } static A: char = '\"';"),
        file("a/d.rs", "use super::*; fn f() { println!(\"{}\", crate::z::Z) }"),
        file("a/e.rs", "fn f() -> super::b::B { self::g() } #[cfg(test)] mod tests { use crate::z::Z; }"),
        file("x.rs", "use crate::a::e::E; use std::fmt; use z::Z; /* crate::z */ // crate::z"),
        file(
            "z.rs",
            "struct Z<'a>(&'a str); fn g<'a>() -> impl Iterator<Item = u8> + use<'a>; const C: &str = \"crate::x::f\"; #[test] fn f() { crate::x::f() }",
        ),
    ]);
    let imported = |path: &str| imports.of_file(path).into_iter().collect::<Vec<_>>();
    assert_eq!(imported("a/mod.rs"), ["a/b.rs", "a/d.rs"]);
    assert_eq!(imported("a/b.rs"), ["a/c.rs", "x.rs"]);
    assert_eq!(imported("a/c.rs"), ["a/b.rs", "a/e.rs"]);
    assert_eq!(imported("a/d.rs"), ["a/mod.rs", "z.rs"]);
    assert_eq!(imported("a/e.rs"), ["a/b.rs"]);
    assert_eq!(imported("x.rs"), ["a/e.rs"]);
    assert_eq!(imported("z.rs"), [""; 0]);
    assert_eq!(imports.circles(), [vec!["a/b.rs", "a/c.rs", "a/e.rs", "x.rs"], vec!["a/d.rs", "a/mod.rs"]]);
}

#[test]
fn nothing_but_the_command_line_prints_exits_or_reads_the_environment() {
    let forbidden = ["std::env::", "process::exit", "println!(", "print!(", "eprintln!(", "eprint!("];
    let mut breaches = Vec::new();
    for (file, text) in sources().into_iter().filter(|(file, _)| !TOP.contains(&module_of(file))) {
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for (number, line) in code.lines().enumerate() {
            let uses = forbidden.iter().find(|word| line.contains(*word));
            if let Some(word) = uses.filter(|_| !line.trim_start().starts_with("//")) {
                breaches.push(format!("{file}:{}: uses {word}", number + 1));
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

/// The module of the crate that a file belongs to.
fn module_of(file: &str) -> &str {
    file.split(['/', '.']).next().unwrap()
}
