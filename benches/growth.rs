//! How reading a suite grows with its files: `cargo bench --bench growth`.
//!
//! Each shape is a suite in which one thing is there n, 4n and 16n times. `conformant check` reads it, right or wrong. What is
//! printed is by how much the time grows for each four times, the processor time of an empty suite taken off: about 4 is linear, 16 quadratic.

#![allow(clippy::unwrap_used, reason = "a bench may")]
#![allow(clippy::print_stdout, reason = "it is what a bench is for")]

mod shapes;

use std::fs;
use std::process::Command;

use tempfile::TempDir;

use shapes::SHAPES;

/// How often each is read; the fastest counts.
const TIMES: usize = 3;
/// A tick of the processor times in `/proc`, in seconds.
const TICK: f64 = 0.01;
/// From which growth for four times as much on it is marked.
const SUSPICIOUS: f64 = 7.0;

fn main() {
    let empty = seconds(&[]);
    println!("{:<38} {:>7} {:>9} {:>9} {:>9} {:>6} {:>6}", "", "n", "n", "4n", "16n", "4n/n", "16n/4n");
    for (name, least, files) in SHAPES {
        let times = [1, 4, 16].map(|factor| (seconds(&files(least * factor)) - empty).max(TICK));
        let [small, middle, large] = times;
        let growth = [middle / small, large / middle];
        let mark = if growth[1] > SUSPICIOUS { "  <--" } else { "" };
        println!(
            "{name:<38} {least:>7} {small:>8.3}s {middle:>8.3}s {large:>8.3}s {:>6.1} {:>6.1}{mark}",
            growth[0], growth[1]
        );
    }
}

/// How long the program takes to check a suite with these files.
fn seconds(files: &[(String, String)]) -> f64 {
    let folder = TempDir::new().unwrap();
    let suite = shapes::write(folder.path(), files);
    let check = || {
        let before = ticks();
        Command::new(env!("CARGO_BIN_EXE_conformant")).arg("check").arg(&suite).output().unwrap();
        ticks() - before
    };
    f64::from((0..TIMES).map(|_| check()).min().unwrap()) * TICK
}

/// The processor time of all children that came to their end.
fn ticks() -> u32 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let behind_name = stat.rsplit_once(')').unwrap().1;
    behind_name.split_whitespace().skip(13).take(2).map(|ticks| ticks.parse::<u32>().unwrap()).sum()
}
