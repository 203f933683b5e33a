//! Loading a suite is total and linear: whatever a file holds n times, right or wrong, four times as many of it take about
//! four times the memory that is asked for, in as many more requests. Time isn't counted, for it varies: `benches/growth`
//! shows it.
//!
//! A test program of its own, since all that it allocates is counted.

#![allow(clippy::unwrap_used, reason = "a test may")]

#[path = "../benches/shapes/mod.rs"]
mod shapes;

use std::alloc::System;

use conformant::check;
use conformant::suite::{Package, SuiteFiles};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tempfile::TempDir;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The part of a bench's smallest size that is enough here.
const PART: usize = 5;
/// By how much what is asked for may grow where the files grow four times. Tables that double make it more than four, and
/// the library of schemas copies what it has yet to compile at each reference.
const MOST: f64 = 5.5;

/// What loading asks for.
#[derive(Debug, Clone, Copy)]
struct Asked {
    requests: usize,
    bytes: usize,
}

impl Asked {
    fn of(files: &[(String, String)]) -> Self {
        let folder = TempDir::new().unwrap();
        let suite = SuiteFiles::read(&shapes::write(folder.path(), files)).unwrap();
        let region = Region::new(ALLOCATOR);
        // That it is wrong is what some are for.
        drop(Package::load(&suite, &check::ids()));
        let change = region.change();
        Self { requests: change.allocations + change.reallocations, bytes: change.bytes_allocated }
    }

    fn growth(self, larger: Self, least: Self) -> [f64; 2] {
        let beyond = |value: usize, least: usize| value.saturating_sub(least).max(1) as f64;
        [
            beyond(larger.requests, least.requests) / beyond(self.requests, least.requests),
            beyond(larger.bytes, least.bytes) / beyond(self.bytes, least.bytes),
        ]
    }
}

#[test]
fn four_times_the_files_ask_for_about_four_times_the_memory() {
    // What is made once is made.
    Asked::of(&[]);
    let empty = Asked::of(&[]);
    let grown = shapes::SHAPES.iter().filter_map(|(name, least, files)| {
        let size = (least / PART).max(2);
        let [one, four, sixteen] = [size, 4 * size, 16 * size].map(|size| Asked::of(&files(size)));
        let growth = four.growth(sixteen, empty);
        (growth.iter().any(|growth| *growth > MOST))
            .then(|| format!("{name}: {growth:?}, {one:?} {four:?} {sixteen:?}"))
    });
    let grown: Vec<String> = grown.collect();
    assert!(grown.is_empty(), "more than {MOST} times as much for four times the files:\n{}", grown.join("\n"));
}
