//! A list of words that are looked for within short values, all at once.

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

/// Words, in any case of ASCII letters.
pub(crate) struct Words {
    words: &'static [&'static str],
    search: OnceLock<Option<AhoCorasick>>,
}

impl Words {
    pub(crate) const fn new(words: &'static [&'static str]) -> Words {
        Words { words, search: OnceLock::new() }
    }

    /// Whether one of them stands somewhere in the value.
    pub(crate) fn any_in(&self, value: &[u8]) -> bool {
        let build = || AhoCorasick::builder().ascii_case_insensitive(true).build(self.words).ok();
        !value.is_empty() && self.search.get_or_init(build).as_ref().is_some_and(|search| search.is_match(value))
    }
}
