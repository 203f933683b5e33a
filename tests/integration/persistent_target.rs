//! A target that keeps what it is given: names that are taken from run to run are no fault of it.

use std::process::Output;

use crate::support::binary::{Served, conformant, stderr, stdout};

fn run(served: &Served, arguments: &[&str]) -> Output {
    let target = ["run", "--target", &served.url, "--secret", "token=good-token"];
    conformant().args([&target, arguments].concat()).output().unwrap()
}

#[test]
fn a_case_whose_candidates_are_all_taken_is_inconclusive_and_says_so() {
    let served = Served::start(&["--variant", "no-helpers"]);
    let mut last = String::new();
    for number in 1..=20 {
        let output = run(&served, &["reserved/neighbour[one-less]"]);
        last = stdout(&output);
        // There are seven such names: from the eighth run on nothing is left to be tried.
        let expected = if number <= 7 { 0 } else { 3 };
        assert_eq!(output.status.code(), Some(expected), "run {number}: {last}{}", stderr(&output));
        if number > 8 {
            break;
        }
    }
    let told = "inconclusive connections/reserved/neighbour[one-less]";
    assert!(last.contains("inconclusive"), "{told}: {last}");
    assert!(last.contains("every candidate was refused, the last with EG.00513001: the name is taken"), "{last}");
    assert!(!last.contains("violates"), "{last}");
}
