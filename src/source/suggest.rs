//! "Did you mean …?"

/// The known word nearest to a misspelt one, if it is near enough to be meant.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.chars().count() > 64 {
        return None;
    }
    let length = word.chars().count();
    let allowed = (length / 3).clamp(1, 3);
    let near = |candidate: &&str| candidate.chars().count().abs_diff(length) <= allowed;
    let distances = known.into_iter().filter(near).map(|candidate| (distance(word, candidate), candidate));
    distances.filter(|(distance, _)| *distance <= allowed).min_by_key(|(distance, _)| *distance).map(|(_, known)| known)
}

/// How many insertions, deletions, replacements and swaps of neighbours turn one word into the other, at most
/// (optimal string alignment), without regard to case.
fn distance(from: &str, to: &str) -> usize {
    let from: Vec<char> = from.to_lowercase().chars().collect();
    let to: Vec<char> = to.to_lowercase().chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (row, a) in from.iter().enumerate() {
        let mut line = vec![row + 1];
        for (column, b) in to.iter().enumerate() {
            let at = |cells: &[usize], column: usize| cells.get(column).copied().unwrap_or(usize::MAX / 2);
            let mut best = at(&last, column) + usize::from(a != b);
            best = best.min(at(&last, column + 1) + 1).min(at(&line, column) + 1);
            let swapped = row > 0 && column > 0 && from.get(row - 1) == Some(b) && to.get(column - 1) == Some(a);
            if swapped {
                best = best.min(at(&before, column - 1) + 1);
            }
            line.push(best);
        }
        before = std::mem::replace(&mut last, line);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_word_finds_its_neighbour() {
        assert_eq!(did_you_mean("expcet", ["expect", "repeat"]), Some("expect"));
        assert_eq!(did_you_mean("Title", ["title"]), Some("title"));
        assert_eq!(did_you_mean("colour", ["color", "cover"]), Some("color"));
    }

    #[test]
    fn a_word_far_from_all_others_finds_none() {
        assert_eq!(did_you_mean("banana", ["title", "expect"]), None);
        assert_eq!(did_you_mean("x", ["title"]), None);
    }
}
