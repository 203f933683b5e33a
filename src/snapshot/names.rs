//! Placeholders: what stands in a snapshot for what varies. The same value twice is the same placeholder.
//!
//! What varies is known from three sides: what was drawn for the request (`[unique(16)#1]`), the variables of the run
//! (`[vpc_id]`), and the redactions of the suite (`[id#1]`). A value that is long enough to be no coincidence is replaced
//! wherever it stands, within other text, too.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::suite::GeneratedText;

/// From how many characters on a drawn text is replaced within another text of the request that it was drawn for, where it
/// isn't in the middle of a word.
const WITHIN_REQUEST: usize = 3;
/// From how many on any text that varies is replaced within a text of an answer.
const WITHIN_ANSWER: usize = 6;
/// From how many on a variable's value is.
const WITHIN_VARIABLE: usize = 8;
/// How many characters of a drawn text have to be there for it to be known again where it was cut.
const CUT: usize = 6;
/// How many drawn texts are looked for within others; a case that draws more repeats itself.
const LOOKED_FOR: usize = 4_096;

/// Which side of an exchange a text stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// What was sent.
    Request,
    /// What came back.
    Answer,
}

/// Where it is known from that a text varies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Drawn,
    Variable,
    Redaction,
}

impl Source {
    /// From how many characters on a text is replaced within a longer one.
    fn least(self, side: Side) -> usize {
        match (self, side) {
            (Self::Drawn, Side::Request) => WITHIN_REQUEST,
            (Self::Drawn, Side::Answer) | (Self::Redaction, _) => WITHIN_ANSWER,
            (Self::Variable, _) => WITHIN_VARIABLE,
        }
    }
}

/// Something that varies.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Name {
    /// What its placeholder is called.
    label: String,
    /// Whether all of that name are one, so that it needs no number.
    single: bool,
    source: Source,
}

/// Everything that is known to vary in the exchanges of one case.
pub(super) struct Names {
    names: Vec<Name>,
    finder: Option<AhoCorasick>,
    /// By the whole text.
    whole: HashMap<String, usize>,
}

impl Names {
    /// Made of what was drawn, of the run's variables and of what redactions found, each with its name and whether
    /// different values are told apart. `sent` are the
    /// texts of the requests, in which a drawn text may have been cut.
    pub(super) fn new(
        drawn: &[GeneratedText],
        variables: &[(String, String)],
        found: &[(String, String, bool)],
        sent: &[String],
    ) -> Self {
        let mut patterns: Vec<(String, Name)> = Vec::new();
        let mut add = |text: String, label: String, single: bool, source: Source| {
            if !text.is_empty() {
                patterns.push((text, Name { label, single, source }));
            }
        };
        for (label, text, numbered) in found {
            add(text.clone(), label.clone(), !numbered, Source::Redaction);
        }
        for (label, text) in variables {
            add(text.clone(), label.clone(), true, Source::Variable);
        }
        for GeneratedText { how, text } in drawn.iter().take(LOOKED_FOR) {
            let mut spellings = vec![(text.clone(), how.clone()), (text.to_uppercase(), format!("{how}|upper"))];
            if text.contains('-') {
                spellings.push((text.replace('-', ""), format!("{how}|simple")));
            }
            // Two of a few values are the same by chance.
            let single = how == "pick";
            for (spelt, label) in spellings {
                if let Some(cut) = cut(&spelt, sent) {
                    add(cut.to_owned(), format!("{label}[:{}]", cut.len()), false, Source::Drawn);
                }
                add(spelt, label, single, Source::Drawn);
            }
        }
        let mut whole = HashMap::new();
        let mut texts = Vec::new();
        let mut names = Vec::new();
        for (text, name) in patterns {
            if !whole.contains_key(&text) {
                whole.insert(text.clone(), names.len());
                texts.push(text);
                names.push(name);
            }
        }
        // It is made for a few short texts: what is quick to make serves better than what is quick to search with.
        let mut builder = AhoCorasick::builder();
        builder.match_kind(MatchKind::LeftmostLongest).kind(Some(AhoCorasickKind::NoncontiguousNFA)).prefilter(false);
        let finder = builder.build(&texts).ok();
        Self { names, finder: finder.filter(|_| !texts.is_empty()), whole }
    }

    /// The text with a placeholder for everything in it that varies.
    pub(super) fn replaced<'t>(&self, text: &'t str, side: Side, numbers: &mut Numbers) -> Cow<'t, str> {
        if let Some(name) = self.whole.get(text).and_then(|index| self.names.get(*index)) {
            return Cow::Owned(numbers.placeholder(name, text));
        }
        let Some(finder) = &self.finder else { return Cow::Borrowed(text) };
        let mut replaced = String::new();
        let mut done = 0;
        for hit in finder.find_iter(text) {
            let (Some(name), Some(found)) = (self.names.get(hit.pattern().as_usize()), text.get(hit.range())) else {
                continue;
            };
            let count = found.chars().count();
            if count >= name.source.least(side) && (count >= WITHIN_ANSWER || !is_inside_a_word(text, hit.range())) {
                replaced.push_str(text.get(done..hit.start()).unwrap_or_default());
                replaced.push_str(&numbers.placeholder(name, found));
                done = hit.end();
            }
        }
        if done == 0 {
            return Cow::Borrowed(text);
        }
        replaced.push_str(text.get(done..).unwrap_or_default());
        Cow::Owned(replaced)
    }

    /// Whether the text, or a part of it, is something that varies.
    pub(super) fn touches(&self, text: &str) -> bool {
        self.whole.contains_key(text) || self.finder.as_ref().is_some_and(|finder| finder.is_match(text))
    }

    /// Whether the text was drawn and is so short that a member of this name is another thing: two letters are `id` once
    /// in a while.
    pub(super) fn may_be_chance(&self, member: &str) -> bool {
        let name = self.whole.get(member).and_then(|index| self.names.get(*index));
        name.is_some_and(|name| name.source == Source::Drawn && member.chars().count() < WITHIN_REQUEST)
    }

    /// Whether the whole text is something that varies.
    pub(super) fn knows(&self, text: &str) -> bool {
        self.whole.contains_key(text)
    }
}

/// The longest beginning of a drawn text that was sent without its end.
fn cut<'d>(drawn: &'d str, sent: &[String]) -> Option<&'d str> {
    let beginning = drawn.get(..CUT).filter(|_| drawn.is_ascii())?;
    let alike = |text: &str| text.bytes().zip(drawn.bytes()).take_while(|(one, other)| one == other).count();
    let lengths =
        sent.iter().flat_map(|text| text.match_indices(beginning).map(|(at, _)| text.split_at(at).1)).map(alike);
    lengths.filter(|length| *length < drawn.len()).max().and_then(|length| drawn.get(..length))
}

/// Whether letters stand on both sides of a part of a text.
fn is_inside_a_word(text: &str, part: Range<usize>) -> bool {
    let before = text.get(..part.start).and_then(|before| before.chars().next_back());
    let after = text.get(part.end..).and_then(|after| after.chars().next());
    [before, after].iter().all(|beside| beside.is_some_and(char::is_alphabetic))
}

/// The numbers of the placeholders in one snapshot, given in the order of first appearance.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    given: BTreeMap<String, Vec<String>>,
    /// What a text of a request was shown as, so that the answer shows it alike.
    shown: HashMap<String, String>,
}

impl Numbers {
    fn placeholder(&mut self, name: &Name, text: &str) -> String {
        if name.single { format!("[{}]", name.label) } else { self.numbered(&name.label, text) }
    }

    /// `[name#1]`, or `[name]` where values aren't told apart.
    pub(super) fn varying(&mut self, label: &str, text: &str, numbered: bool) -> String {
        if numbered { self.numbered(label, text) } else { format!("[{label}]") }
    }

    fn numbered(&mut self, label: &str, text: &str) -> String {
        let known = self.given.entry(label.to_owned()).or_default();
        let index = known.iter().position(|other| other == text).unwrap_or_else(|| {
            known.push(text.to_owned());
            known.len() - 1
        });
        format!("[{label}#{}]", index + 1)
    }

    /// Remembers how a text of a request was shown.
    pub(super) fn remember(&mut self, text: &str, shown: &str) {
        if text != shown {
            self.shown.insert(text.to_owned(), shown.to_owned());
        }
    }

    /// How a text was shown before.
    pub(super) fn remembered(&self, text: &str) -> Option<&str> {
        self.shown.get(text).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(how: &str, text: &str) -> GeneratedText {
        GeneratedText { how: how.to_owned(), text: text.to_owned() }
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn the_same_value_twice_is_the_same_placeholder_and_another_is_another() {
        let names = Names::new(&[drawn("unique(8)", "abcdefgh"), drawn("unique(8)", "ijklmnop")], &[], &[], &[]);
        let mut numbers = Numbers::default();
        let mut shown = |text: &str| names.replaced(text, Side::Request, &mut numbers).into_owned();
        assert_eq!(shown("ijklmnop"), "[unique(8)#1]");
        assert_eq!(shown("x-abcdefgh.ijklmnop"), "x-[unique(8)#2].[unique(8)#1]");
        assert_eq!(shown("ABCDEFGH"), "[unique(8)|upper#1]");
    }

    #[test]
    fn a_drawn_text_that_was_cut_is_known_by_its_beginning() {
        let sent = ["A-abcdefg".to_owned()];
        let names = Names::new(&[drawn("unique(8)", "abcdefgh")], &[], &[], &sent);
        assert_eq!(names.replaced("A-abcdefg", Side::Request, &mut Numbers::default()), "A-[unique(8)[:7]#1]");
    }

    #[test]
    fn what_could_be_a_coincidence_is_replaced_only_where_it_is_the_whole_text() {
        let found = [("count".to_owned(), "500".to_owned(), true)];
        let names = Names::new(&[drawn("pick", "12")], &[pair("project_id", "a")], &found, &[]);
        let mut numbers = Numbers::default();
        assert_eq!(names.replaced("a banana of 1200 to 5001", Side::Answer, &mut numbers), "a banana of 1200 to 5001");
        assert_eq!(names.replaced("a", Side::Answer, &mut numbers), "[project_id]");
        assert_eq!(names.replaced("500", Side::Answer, &mut numbers), "[count#1]");
    }

    #[test]
    fn a_short_drawn_text_is_replaced_beside_a_word_but_not_inside_one() {
        let names = Names::new(&[drawn("unique(3)", "pli")], &[], &[], &[]);
        let shown = |text: &str| names.replaced(text, Side::Request, &mut Numbers::default()).into_owned();
        assert_eq!(shown("application/json"), "application/json");
        assert_eq!(shown("1pli1"), "1[unique(3)#1]1");
        assert_eq!(
            [shown("a-pli"), shown("user7pli"), shown("pli.")],
            ["a-[unique(3)#1]", "user7[unique(3)#1]", "[unique(3)#1]."]
        );
    }

    #[test]
    fn an_id_is_replaced_within_other_text() {
        let names =
            Names::new(&[], &[pair("vpc_id", "vpc-12345678")], &[("id".to_owned(), "dfd8b1a3".to_owned(), true)], &[]);
        let shown = names.replaced("/v1/dfd8b1a3 in vpc-12345678", Side::Answer, &mut Numbers::default());
        assert_eq!(shown, "/v1/[id#1] in [vpc_id]");
    }
}
