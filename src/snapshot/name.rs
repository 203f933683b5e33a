//! From a case row to the name of its snapshot.

use sha2::{Digest, Sha256};

/// The longest part that is made of a row's id, in bytes; what is longer is cut and told apart by its hash.
const LONGEST: usize = 80;

/// Whether a text names a profile whose snapshots can stand in a folder of that name.
pub fn is_profile(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.len() <= 64
        && text.bytes().next().is_some_and(fits)
        && text.bytes().all(|byte| fits(byte) || b"._-".contains(&byte))
}

/// The name of a row's snapshot without its ending, within the folder of its suite: `name/max-length--at`.
///
/// `case` is the file and the case, `name/max-length`, and `row` what stands in brackets in the row's id. Two rows never
/// have names that differ in nothing, or in nothing but case: what can't stand in a name is told apart by a hash.
pub fn stem(case: &str, row: Option<&str>) -> String {
    let Some(row) = row else { return case.to_owned() };
    let mut slug: String = row
        .chars()
        .map(|c| match c {
            'a'..='z' | '0'..='9' | '.' | '_' | '-' => c,
            'A'..='Z' => c.to_ascii_lowercase(),
            _ => '_',
        })
        .take(LONGEST)
        .collect();
    let id = case.rsplit('/').next().unwrap_or(case);
    // Two hyphens part the case from its row, so where they stand in either of them they part nothing.
    let parted = id.contains("--") || row.contains("--") || id.ends_with('-') || row.starts_with('-');
    if slug != row || parted || row.is_empty() {
        let digest = Sha256::digest(format!("{case}\n{row}"));
        slug.push('-');
        slug.extend(digest.iter().take(4).map(|byte| format!("{byte:02x}")));
    }
    format!("{case}--{slug}")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_that_of_the_case_and_its_row() {
        assert_eq!(stem("name/missing", None), "name/missing");
        assert_eq!(stem("name/max-length", Some("at")), "name/max-length--at");
    }

    #[test]
    fn what_a_name_can_not_hold_is_told_apart_by_a_hash() {
        let rows = ["A", "a", "a b", "a_b", "a/../b", "ä", "ö", "", "-a", "a--b", &"x".repeat(200), &"x".repeat(201)];
        let names: HashSet<String> = rows.iter().map(|row| stem("f/c", Some(row))).collect();
        assert_eq!(names.len(), rows.len(), "{names:?}");
        let splits =
            [stem("f/a--b", Some("c")), stem("f/a", Some("b--c")), stem("f/a-", Some("b")), stem("f/a", Some("-b"))];
        assert_eq!(splits.iter().collect::<HashSet<_>>().len(), splits.len(), "{splits:?}");
    }

    proptest! {
        #[test]
        fn a_name_stays_in_its_folder_and_in_small_letters(row in "\\PC{0,100}") {
            let name = stem("file/case", Some(&row));
            let rest = name.strip_prefix("file/case--").unwrap();
            prop_assert!(rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte)));
            prop_assert!(rest.len() <= LONGEST + 9);
        }

        #[test]
        fn other_rows_have_other_names(one in "\\PC{0,12}", other in "\\PC{0,12}") {
            prop_assume!(one != other);
            prop_assert_ne!(stem("f/c", Some(&one)), stem("f/c", Some(&other)));
        }
    }
}
