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
    /// A registry of container images.
    DockerRegistry,
    /// Go's compiler.
    Go,
    /// A JSON library for Java.
    Gson,
    /// A proxy.
    HaProxy,
    /// A JSON library for Java.
    Jackson,
    /// Java.
    Java,
    /// A web server for Java.
    Jetty,
    /// A store of JSON records.
    Kinto,
    /// A web framework for Perl.
    Mojolicious,
    /// A web server and proxy.
    Nginx,
    /// JavaScript's runtime.
    Node,
    /// The libraries of `servers/package.json`.
    NodePackages,
    /// PHP behind FastCGI.
    PhpFpm,
    /// A web server for Ruby.
    Puma,
    /// The libraries of `servers/requirements.txt`.
    PythonPackages,
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
            Self::DockerRegistry => "docker-registry/usr/bin/docker-registry",
            Self::Go => "go",
            Self::Gson => "gson.jar",
            Self::HaProxy => "haproxy",
            Self::Jackson => "jackson-databind.jar",
            Self::Java => "javac",
            Self::Jetty => "jetty9-server.jar",
            Self::Kinto => "kinto/bin/kinto",
            Self::Mojolicious => "mojo",
            Self::Nginx => "nginx",
            Self::Node => "node",
            Self::NodePackages => "node_modules/.package-lock.json",
            Self::PhpFpm => "php-fpm",
            Self::Puma => "puma",
            Self::PythonPackages => "python/bin/waitress-serve",
        }
    }

    /// Where it is, if it is there: where `tests/outside/install` puts it, or on the path.
    pub fn find(self) -> Option<PathBuf> {
        let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tools");
        let folders = ["node_modules/axe-core", "python/bin", "cargo/bin", "servers", "examples"]
            .map(|folder| tools.join(folder));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let debian = PathBuf::from("/usr/share/java");
        let folders = folders.into_iter().chain(std::env::split_paths(&path)).chain([debian]);
        folders.map(|folder| folder.join(self.name())).find(|file| file.is_file())
    }

    /// Where it is.
    pub fn path(self) -> PathBuf {
        self.find().expect("a test whose tools aren't there isn't run")
    }
}
