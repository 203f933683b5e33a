//! Which file of the source imports which.
//!
//! A file imports the file that has what it names. A re-export (`pub use`) counts for nobody until somebody names it, and
//! then leads on to the file behind it; so a `mod.rs` that has nothing but `mod` and `pub use` lines imports no file.
//!
//! The source is read as words, by a regular expression: a parser (`syn`) is shared with the build's own macros, and would have
//! nearly every dependency built a second time.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

/// What is left out (comments, texts, characters, lifetimes), a word, `::`, or any other mark.
static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r###"(?s)//[^\n]*|/\*.*?\*/|b?r##".*?"##|b?r#".*?"#|b?r"[^"]*"|b?"(?:[^"\\]|\\.)*"|b?'(?:[^'\\]|\\[^']+|\\')'|'\w+|(\w+|::|\S)"###,
    )
    .unwrap()
});

/// Every source file without those that have tests only: its path below `src`, and its text.
pub fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
                files.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(files.len() > 50, "only {} source files were found", files.len());
    files.sort();
    files
}

/// The imports between the files of a crate, without those of its tests.
pub struct Imports {
    /// By the path of the module.
    modules: BTreeMap<Vec<String>, Module>,
}

/// A file.
struct Module {
    file: String,
    /// What `use` gives a name in it, and the path from the root of the crate that each leads to.
    names: BTreeMap<String, Vec<String>>,
    /// Every path in it, from the root of the crate.
    paths: Vec<Vec<String>>,
}

impl Imports {
    /// Reads files: their paths below `src`, and their texts.
    pub fn of(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut modules = BTreeMap::new();
        for (file, text) in files {
            let mut path: Vec<String> = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
            if matches!(path.last().unwrap().as_str(), "mod" | "lib") {
                path.pop();
            }
            let tokens: Vec<&str> =
                TOKEN.captures_iter(&text).filter_map(|found| Some(found.get(1)?.as_str())).collect();
            let module = Module { file, names: BTreeMap::new(), paths: Vec::new() };
            let mut reader = Reader { tokens: &tokens, at: 0, depth: 0, path: path.clone(), inner: Vec::new(), module };
            reader.read();
            modules.insert(path, reader.module);
        }
        Self { modules }
    }

    /// All files.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.modules.values().map(|module| module.file.as_str())
    }

    /// The files that a file imports something from.
    pub fn of_file(&self, file: &str) -> BTreeSet<&str> {
        let module = self.modules.values().find(|module| module.file == file).unwrap();
        let found = module.paths.iter().filter_map(|path| self.file_of(path, 0));
        found.filter(|imported| *imported != file).collect()
    }

    /// The file that has what a path from the root of the crate leads to.
    fn file_of(&self, path: &[String], hops: usize) -> Option<&str> {
        let found = (1..=path.len()).rev().find_map(|depth| Some((depth, self.modules.get(&path[..depth])?)));
        let (depth, module) = found?;
        match path.get(depth).and_then(|name| module.names.get(name)) {
            Some(named) if hops < 8 => self.file_of(&[named, &path[depth + 1..]].concat(), hops + 1),
            _ => Some(&module.file),
        }
    }

    /// The files that lead to each other, each group sorted.
    pub fn circles(&self) -> Vec<Vec<&str>> {
        let imported: BTreeMap<&str, BTreeSet<&str>> = self.files().map(|file| (file, self.of_file(file))).collect();
        let mut reached: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for file in self.files() {
            let (mut seen, mut open) = (BTreeSet::new(), vec![file]);
            while let Some(next) = open.pop() {
                open.extend(imported[next].iter().copied().filter(|file| seen.insert(*file)));
            }
            reached.insert(file, seen);
        }
        let circle = |file: &str| -> Vec<&str> {
            reached[file].iter().copied().filter(|other| reached[other].contains(file)).collect()
        };
        let circles: BTreeSet<Vec<&str>> = self.files().map(circle).filter(|circle| circle.len() > 1).collect();
        circles.into_iter().collect()
    }
}

/// Goes through the words of a file. A path that begins neither with `crate` nor `super` may begin with a module of the
/// file's own or with a name that it has by `use`; where it doesn't, it leads to the file itself.
struct Reader<'a> {
    tokens: &'a [&'a str],
    at: usize,
    /// How many braces are open.
    depth: usize,
    /// The path of the module that is being read.
    path: Vec<String>,
    /// How many braces were open where each module that stands within the file began.
    inner: Vec<usize>,
    module: Module,
}

impl Reader<'_> {
    fn read(&mut self) {
        while self.at < self.tokens.len() {
            match self.tokens[self.at..] {
                ["#", "[", "test", "]", ..] | ["#", "[", "cfg", "(", "test", ")", "]", ..] => self.skip_item(),
                ["mod", name, "{", ..] => {
                    self.inner.push(self.depth);
                    self.path.push(name.to_owned());
                    self.depth += 1;
                    self.at += 3;
                }
                ["pub", "(", "in", ..] => {
                    self.at += self.tokens[self.at..].iter().position(|token| *token == ")").unwrap() + 1;
                }
                // Behind `impl Trait +` it says what is captured.
                ["use", next, ..] if next != "<" => {
                    let is_export = self.at > 0 && matches!(self.tokens[self.at - 1], "pub" | ")");
                    self.at += 1;
                    self.read_use(&[], is_export);
                }
                [token, ..] => self.read_token(token),
                [] => {}
            }
        }
    }

    fn read_token(&mut self, token: &str) {
        let follows = self.at > 0 && matches!(self.tokens[self.at - 1], "::" | ".");
        match token {
            "{" => self.depth += 1,
            "}" => {
                self.depth -= 1;
                if self.inner.last() == Some(&self.depth) {
                    self.inner.pop();
                    self.path.pop();
                }
            }
            word if is_word(word) && !follows => {
                let path = self.read_path();
                let is_thing = word.starts_with(char::is_uppercase) || self.tokens.get(self.at) == Some(&"(");
                if path.len() > 1 || is_thing {
                    self.module.paths.push(self.absolute(&path));
                }
                return;
            }
            _ => {}
        }
        self.at += 1;
    }

    /// Words with `::` between them.
    fn read_path(&mut self) -> Vec<String> {
        let mut path = vec![self.tokens[self.at].to_owned()];
        self.at += 1;
        while let ["::", word, ..] = self.tokens[self.at..] {
            if !is_word(word) {
                break;
            }
            path.push(word.to_owned());
            self.at += 2;
        }
        path
    }

    /// One branch of a `use`, up to the mark behind it.
    fn read_use(&mut self, before: &[String], is_export: bool) {
        let mut path = before.to_vec();
        if self.tokens[self.at] == "::" {
            self.at += 1;
        }
        if is_word(self.tokens[self.at]) {
            path.extend(self.read_path());
        }
        match self.tokens[self.at..] {
            ["::", "{", ..] | ["{", ..] => {
                self.at += if self.tokens[self.at] == "{" { 1 } else { 2 };
                while self.tokens[self.at] != "}" {
                    self.read_use(&path, is_export);
                    self.at += usize::from(self.tokens[self.at] == ",");
                }
                self.at += 1;
                return;
            }
            ["::", "*", ..] => {
                self.at += 2;
                self.module.paths.push(self.absolute(&path));
                return;
            }
            _ => {}
        }
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let mut name = path.last().unwrap().clone();
        if let ["as", other, ..] = self.tokens[self.at..] {
            name = other.to_owned();
            self.at += 2;
        }
        let path = self.absolute(&path);
        if !is_export {
            self.module.paths.push(path.clone());
        }
        if self.inner.is_empty() {
            self.module.names.insert(name, path);
        }
    }

    /// What an attribute for tests stands before, with other attributes between: up to its `;` or its closing brace.
    fn skip_item(&mut self) {
        let start = self.depth;
        while let Some(token) = self.tokens.get(self.at) {
            self.at += 1;
            match *token {
                "{" => self.depth += 1,
                "}" => {
                    self.depth -= 1;
                    if self.depth == start {
                        return;
                    }
                }
                ";" if self.depth == start => return,
                _ => {}
            }
        }
    }

    /// The path from the root of the crate.
    fn absolute(&self, path: &[String]) -> Vec<String> {
        let mut base = self.path.clone();
        let mut rest = path;
        while let Some((first, others)) = rest.split_first() {
            match first.as_str() {
                "crate" => base.clear(),
                "self" => {}
                "super" => drop(base.pop()),
                _ => break,
            }
            rest = others;
        }
        base.extend(rest.iter().cloned());
        base
    }
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c == '_' || c.is_alphabetic())
}
