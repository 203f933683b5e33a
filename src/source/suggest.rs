//! "Did you mean …?"

/// The longest word, in characters, for which a neighbour is looked for: the time grows with the square of it.
const LONGEST: usize = 64;

/// The known word nearest to a misspelt one, if it is near enough to be meant.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    if length > LONGEST {
        return None;
    }
    let allowed = (length / 3).clamp(1, 3);
    let near = |candidate: &&str| candidate.chars().count().abs_diff(length) <= allowed;
    let distance = |candidate: &str| strsim::osa_distance(&word.to_lowercase(), &candidate.to_lowercase());
    let distances = known.into_iter().filter(near).map(|candidate| (distance(candidate), candidate));
    distances.filter(|(distance, _)| *distance <= allowed).min_by_key(|(distance, _)| *distance).map(|(_, known)| known)
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
