//! The tools that tests need, and where they are.

use std::path::{Path, PathBuf};

/// A tool that is not ours.
#[derive(Debug, Clone, Copy)]
pub enum Tool {
    /// The browser.
    Chromium,
    /// The program that drives it.
    ChromeDriver,
    /// The accessibility checks, a script to run in the browser.
    Axe,
    /// The XML parser and validator.
    XmlLint,
    /// Perl's TAP harness.
    Prove,
    /// The validator for GitHub's and GitLab's files, which brings their schemas along.
    CheckJsonSchema,
    /// The validator for Kubernetes' objects, which brings their schemas along.
    KubernetesValidate,
    /// The OpenAPI validator.
    OpenApiValidator,
    /// What reviews and accepts insta's snapshots.
    CargoInsta,
}

impl Tool {
    /// Its file's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::ChromeDriver => "chromedriver",
            Self::Axe => "axe.min.js",
            Self::XmlLint => "xmllint",
            Self::Prove => "prove",
            Self::CheckJsonSchema => "check-jsonschema",
            Self::KubernetesValidate => "kubernetes-validate",
            Self::OpenApiValidator => "openapi-spec-validator",
            Self::CargoInsta => "cargo-insta",
        }
    }

    /// Where it is, if it is there: where `tests/outside/install` puts it, or on the path.
    pub fn find(self) -> Option<PathBuf> {
        let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tools");
        let ours = [tools.join("node_modules/axe-core"), tools.join("python/bin"), tools.join("cargo/bin")];
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = ours.into_iter().chain(std::env::split_paths(&path));
        folders.map(|folder| folder.join(self.name())).find(|file| file.is_file())
    }

    /// Where it is.
    pub fn path(self) -> PathBuf {
        self.find().expect("a test whose tools aren't there isn't run")
    }
}
