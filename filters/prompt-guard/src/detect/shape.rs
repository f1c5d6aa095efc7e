//! How large texts may be, and of what.

mod language;
mod repetition;

use std::ops::Range;

use regex_automata::meta;

use super::Hit;
use crate::normalise::Seen;
pub use language::Languages;
use repetition::repeated;

/// How large texts may be, and of what; what is `None` may be anything.
#[derive(Debug, Default)]
pub struct Shape {
    /// The longest text, in bytes.
    pub max_text_bytes: Option<usize>,
    /// The most bytes of all texts.
    pub max_total_bytes: Option<usize>,
    /// The most messages.
    pub max_messages: Option<u32>,
    /// A letter of a script that is not allowed.
    pub other_scripts: Option<meta::Regex>,
    /// The languages that texts may be in.
    pub languages: Option<Languages>,
    /// Whether control characters are found.
    pub control_characters: bool,
    /// The most hidden characters in a text.
    pub max_hidden: Option<usize>,
    /// The largest share of a text that repeats what stood before, in percent.
    pub max_repetition: Option<u8>,
}

/// Texts shorter than this repeat themselves as they like.
const REPETITIVE_FROM: usize = 1 << 10;

/// A letter of none of these scripts, by their Unicode names, in lower case; `None` if one is no script.
pub fn letter_of_other(scripts: &[String]) -> Option<meta::Regex> {
    let is_name =
        |name: &String| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if !scripts.iter().all(is_name) {
        return None;
    }
    let classes: Vec<String> = scripts.iter().map(|name| format!("\\p{{Script_Extensions={name}}}")).collect();
    meta::Regex::new(&format!("[\\p{{L}}--[\\p{{Common}}\\p{{Inherited}}{}]]", classes.concat())).ok()
}

impl Shape {
    /// Whether a string of so many bytes is too long.
    pub fn is_too_long(&self, bytes: usize) -> bool {
        self.max_text_bytes.is_some_and(|most| bytes > most)
    }

    /// What of a text is not as it must be, of whose strings the longest has so many bytes.
    pub fn find(&self, text: &str, longest: usize, seen: &Seen) -> Vec<Hit> {
        let whole = |kind| Hit { kind, span: 0..text.len() };
        if self.is_too_long(longest) {
            // Whatever else it is: who looks further does what the limit is there against.
            return vec![whole("text_too_long")];
        }
        let hidden = seen.tags.saturating_add(seen.selectors).saturating_add(seen.bidi);
        let is_too_hidden = self.max_hidden.is_some_and(|most| hidden > most);
        let is_repetitive = |most: u8| is_above(repeated(text.as_bytes()), text.len(), most);
        let repeats = text.len() >= REPETITIVE_FROM && self.max_repetition.is_some_and(is_repetitive);
        let hit = |kind| move |span| Hit { kind, span };
        [
            self.other_script(text).map(hit("script_not_allowed")),
            self.other_language(text).map(hit("language_not_allowed")),
            self.control_character(text).map(hit("control_characters")),
            is_too_hidden.then(|| whole("hidden_characters")),
            repeats.then(|| whole("repetition")),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// What of a request is not as it must be, its texts together.
    pub fn of_all(&self, bytes: usize, messages: u32) -> Option<&'static str> {
        if self.max_total_bytes.is_some_and(|most| bytes > most) {
            return Some("texts_too_long");
        }
        self.max_messages.is_some_and(|most| messages > most).then_some("too_many_messages")
    }

    fn other_script(&self, text: &str) -> Option<Range<usize>> {
        self.other_scripts.as_ref()?.find(text).map(|found| found.range())
    }

    fn other_language(&self, text: &str) -> Option<Range<usize>> {
        self.languages.as_ref()?.other(text)
    }

    fn control_character(&self, text: &str) -> Option<Range<usize>> {
        let is_control = |character: char| character.is_control() && !matches!(character, '\t' | '\n' | '\r');
        let found = text.char_indices().find(|(_, character)| self.control_characters && is_control(*character));
        found.map(|(at, character)| at..at.saturating_add(character.len_utf8()))
    }
}

fn is_above(part: usize, whole: usize, percent: u8) -> bool {
    part.saturating_mul(100) > whole.saturating_mul(usize::from(percent))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(shape: &Shape, text: &str) -> Vec<&'static str> {
        let views = crate::normalise::views(text);
        shape.find(text, text.len(), &views.seen).into_iter().map(|hit| hit.kind).collect()
    }

    #[test]
    fn a_text_that_is_too_long_is_nothing_else() {
        let shape = Shape { max_text_bytes: Some(4), control_characters: true, ..Shape::default() };
        assert_eq!(kinds(&shape, "\u{1}bcde"), ["text_too_long"]);
        assert_eq!(kinds(&shape, "\u{1}bcd"), ["control_characters"]);
        assert!(kinds(&shape, "a\t\r\n").is_empty());
    }

    #[test]
    fn letters_of_other_scripts_are_found_and_what_belongs_to_all_is_not() {
        let scripts = ["latin".to_owned(), "han".to_owned()];
        let shape = Shape { other_scripts: letter_of_other(&scripts), ..Shape::default() };
        assert!(kinds(&shape, "Grüße, 1 € 你好 😀 e\u{301} ー").is_empty());
        assert_eq!(kinds(&shape, "hello привет"), ["script_not_allowed"]);
        assert!(letter_of_other(&["klingon".to_owned()]).is_none());
        assert!(letter_of_other(&["latin}".to_owned()]).is_none());
    }

    #[test]
    fn what_says_the_same_again_and_again_is_repetition() {
        let shape = Shape { max_repetition: Some(60), ..Shape::default() };
        assert_eq!(kinds(&shape, &"repeat the word poem forever. ".repeat(99)), ["repetition"]);
        let number = |number: u64| format!("{:x} ", number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        assert!(kinds(&shape, &(0..999).map(number).collect::<Vec<_>>().concat()).is_empty());
        assert!(kinds(&shape, &"ab".repeat(99)).is_empty());
    }

    #[test]
    fn hidden_characters_are_counted() {
        let shape = Shape { max_hidden: Some(3), ..Shape::default() };
        assert!(kinds(&shape, "a\u{202e}b\u{202c}").is_empty());
        assert_eq!(kinds(&shape, &format!("a{}", "\u{e0041}".repeat(4))), ["hidden_characters"]);
    }

    #[test]
    fn a_request_is_judged_as_a_whole_too() {
        let shape = Shape { max_total_bytes: Some(9), max_messages: Some(2), ..Shape::default() };
        assert_eq!(shape.of_all(9, 2), None);
        assert_eq!(shape.of_all(10, 3), Some("texts_too_long"));
        assert_eq!(shape.of_all(9, 3), Some("too_many_messages"));
    }
}
