//! Words that say what a number is: they stand in front of it, in English or the language of the country.

use std::collections::{BTreeMap, VecDeque};
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::Kind;
use super::boundary::is_unspaced;
use crate::letters::is_alphabetic;

/// What a word speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Topic {
    /// A kind.
    Of(Kind),
    /// Somebody is to be called: where the number stands in groups, it is one to dial.
    Reach,
    /// A version, a section: four numbers and three full stops are no address.
    Version,
}

impl Topic {
    const COUNT: usize = Kind::ALL.len().saturating_add(2);

    const fn index(self) -> usize {
        match self {
            Topic::Of(kind) => kind as usize,
            Topic::Reach => Kind::ALL.len(),
            Topic::Version => Kind::ALL.len().saturating_add(1),
        }
    }

    /// How many bytes may stand between the word and the number.
    const fn reach(self) -> usize {
        match self {
            Topic::Version => 12,
            Topic::Reach => 32,
            Topic::Of(_) => 40,
        }
    }
}

/// All words, ready to be looked for.
pub(super) struct Words {
    search: Option<AhoCorasick>,
    /// For each word its topics, and whether it may go on.
    meanings: Vec<(Vec<Topic>, bool)>,
}

impl Words {
    /// The same for all rules: they are many, and take memory in each worker.
    pub(super) fn all() -> &'static Self {
        static ALL: LazyLock<Words> = LazyLock::new(Words::new);
        &ALL
    }

    fn new() -> Self {
        let mut words: BTreeMap<&str, (Vec<Topic>, bool)> = BTreeMap::new();
        for (topic, list) in super::words::WORDS {
            for word in list.split(',').map(str::trim) {
                let stem = word.trim_end_matches('*');
                let (topics, goes_on) = words.entry(stem).or_default();
                topics.push(*topic);
                *goes_on |= stem != word;
            }
        }
        let mut search = AhoCorasick::builder();
        search.ascii_case_insensitive(true).match_kind(MatchKind::LeftmostLongest);
        // in vain only for more words than memory holds: then nothing is named
        let search = search.build(words.keys()).ok();
        Self { search, meanings: words.into_values().collect() }
    }
}

/// The words before the places of one text. Places are asked for from left to right, and what is far from any is not
/// read.
pub(super) struct Near<'a> {
    words: &'a Words,
    text: &'a str,
    /// What stands before is read.
    read: usize,
    /// Words that were read behind the last place: where they end, and which they are.
    ahead: VecDeque<(usize, usize)>,
    /// Where the last word of each topic ended.
    last: [Option<usize>; Topic::COUNT],
}

impl<'a> Near<'a> {
    /// More bytes than the longest reach and a word have.
    const WINDOW: usize = 112;
    /// Bytes that are read at once: a search has its price.
    const BLOCK: usize = 256;
    /// Bytes that are read again, for words that a block cut: the longest has fewer.
    const OVERLAP: usize = 64;

    pub(super) fn new(words: &'a Words, text: &'a str) -> Self {
        Self { words, text, read: 0, ahead: VecDeque::new(), last: [None; Topic::COUNT] }
    }

    /// Whether a word of `topic` stands shortly before `at`.
    pub(super) fn names(&mut self, topic: Topic, at: usize) -> bool {
        if at > self.read {
            self.read_beyond(at);
        }
        while let Some((end, word)) = self.ahead.front().copied().filter(|(end, _)| *end <= at) {
            self.ahead.pop_front();
            self.take(end, word);
        }
        let last = self.last.get(topic.index()).copied().flatten();
        last.is_some_and(|end| end <= at && at.saturating_sub(end) <= topic.reach())
    }

    fn take(&mut self, end: usize, word: usize) {
        for topic in self.words.meanings.get(word).map(|(topics, _)| topics.as_slice()).unwrap_or_default() {
            if let Some(last) = self.last.get_mut(topic.index()) {
                *last = Some(end);
            }
        }
    }

    fn read_beyond(&mut self, at: usize) {
        let before = self.read;
        let from = before.saturating_sub(Self::OVERLAP).max(at.saturating_sub(Self::WINDOW));
        self.read = at.max(from.saturating_add(Self::BLOCK)).min(self.text.len());
        let Some(search) = &self.words.search else { return };
        let block = self.text.as_bytes().get(from..self.read).unwrap_or_default();
        if !block.iter().any(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii()) {
            return;
        }
        for found in search.find_iter(block) {
            let (start, end) = (from.saturating_add(found.start()), from.saturating_add(found.end()));
            let word = found.pattern().as_usize();
            let goes_on = self.words.meanings.get(word).is_some_and(|(_, goes_on)| *goes_on);
            if end > before && starts_word(self.text, start) && (goes_on || ends_word(self.text, end)) {
                self.ahead.push_back((end, word));
            }
        }
    }
}

/// No letter stands before it, or a small one before a capital: `homePhone`.
fn starts_word(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|text| text.chars().next_back());
    let first = text.get(at..).and_then(|text| text.chars().next());
    match (before, first) {
        (Some(before), Some(first)) => {
            !is_letter(before) || !is_letter(first) || (before.is_lowercase() && first.is_uppercase())
        }
        _ => true,
    }
}

/// No letter stands behind it, or the word itself is of a script without blanks.
fn ends_word(text: &str, at: usize) -> bool {
    let last = text.get(..at).and_then(|text| text.chars().next_back());
    let behind = text.get(at..).and_then(|text| text.chars().next());
    !last.is_some_and(is_letter) || !behind.is_some_and(is_letter)
}

fn is_letter(c: char) -> bool {
    !is_unspaced(c) && is_alphabetic(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str, topic: Topic) -> bool {
        Near::new(Words::all(), text).names(topic, text.len())
    }

    #[test]
    fn a_word_names_what_follows() {
        for text in ["Phone: ", "TELEFON ", "homePhone=", "\"phone_number\": \"", "电话：", "Téléphone : ", "Тел. "]
        {
            assert!(names(text, Topic::Of(Kind::Phone)), "{text}");
        }
    }

    #[test]
    fn a_word_names_nothing_from_afar_or_as_a_part_of_another() {
        for text in ["hotel ", "telling ", "phone, and then something else that is a good deal longer: "] {
            assert!(!names(text, Topic::Of(Kind::Phone)), "{text}");
        }
    }

    #[test]
    fn a_word_that_two_blocks_share_is_read_whole() {
        for blanks in 150..300 {
            let text = format!("1{}date of birth: 1", " ".repeat(blanks));
            let mut near = Near::new(Words::all(), &text);
            assert!(!near.names(Topic::Of(Kind::DateOfBirth), 1));
            assert!(near.names(Topic::Of(Kind::DateOfBirth), text.len() - 1), "{blanks}");
        }
    }

    #[test]
    fn no_word_is_longer_than_what_is_read_twice() {
        let words = super::super::words::WORDS.iter().flat_map(|(_, list)| list.split(','));
        assert!(words.map(|word| word.trim().len()).max().unwrap() <= Near::OVERLAP);
    }

    #[test]
    fn every_topic_with_words_has_some_that_are_found() {
        for (topic, list) in super::super::words::WORDS {
            for word in list.split(',').map(|word| word.trim().trim_end_matches('*')) {
                assert!(!word.is_empty() && names(&format!("a {word} "), *topic), "{topic:?} {word}");
            }
        }
    }
}
