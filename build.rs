//! Rebuilds when a file of the shipped suite is added or taken away, which the embedding macro doesn't notice.

fn main() {
    println!("cargo::rerun-if-changed=cases");
    println!("cargo::rerun-if-changed=build.rs");
}
