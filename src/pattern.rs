//! Names of models and stored things with `*` for any run of characters, matched in time that grows with the text alone: each piece is looked for once,
//! as far left as it can be.

use std::fmt;

mod alias;

use crate::text::is_unseen;

use alias::folded;
pub use alias::{aliases, bare};

/// A compiled pattern. It prints as it is compiled: a loose one folded.
#[derive(Clone, PartialEq, Eq)]
pub struct Pattern {
    /// What stands between the stars. One piece: no star.
    pieces: Vec<String>,
    /// Whether it fits the aliases of a text too; pieces are [`folded`] then.
    is_loose: bool,
}

/// The longest pattern, in bytes.
const MAX_BYTES: usize = 128;

impl Pattern {
    /// Compiles a pattern; the error says what was expected.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let is_clear = (1..=MAX_BYTES).contains(&text.len()) && !text.contains(is_unseen) && text.trim() == text;
        if !is_clear || text.contains("**") {
            return Err("1 to 128 bytes that are seen, in which * is any run of characters, without blanks around it");
        }
        Ok(Self { pieces: text.split('*').map(str::to_owned).collect(), is_loose: false })
    }

    /// The same for a deny rule: it fits whatever a server could take for such a name.
    #[must_use]
    pub fn loose(self) -> Self {
        Self { pieces: self.pieces.iter().map(|piece| folded(piece)).collect(), is_loose: true }
    }

    /// The text that this is, if it has no star and nothing else fits.
    pub fn exact(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [text] if !self.is_loose => Some(text),
            _ => None,
        }
    }

    /// Whether a text is such a name.
    pub fn fits(&self, text: &str) -> bool {
        if self.is_loose { aliases(text).iter().any(|text| self.fits_as_is(text)) } else { self.fits_as_is(text) }
    }

    /// The same of a text that is the name of nothing else: of a loose pattern one of its [`aliases`].
    pub fn fits_as_is(&self, text: &str) -> bool {
        match self.pieces.as_slice() {
            [] => false,
            [exact] => exact == text,
            [first, middle @ .., last] => {
                let Some(rest) = text.strip_prefix(first.as_str()) else { return false };
                let Some(rest) = rest.strip_suffix(last.as_str()) else { return false };
                middle
                    .iter()
                    .try_fold(rest, |rest, piece| rest.split_once(piece.as_str()).map(|(_, rest)| rest))
                    .is_some()
            }
        }
    }

    /// Whether this certainly fits all that another does.
    pub fn covers(&self, other: &Self) -> bool {
        self == other || self.pieces.iter().all(String::is_empty) || other.exact().is_some_and(|text| self.fits(text))
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.pieces.join("*"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, text: &str) -> bool {
        Pattern::parse(pattern).unwrap().fits(text)
    }

    #[test]
    fn a_loose_one_fits_what_a_server_could_take_for_it() {
        for (pattern, text, expected) in [
            ("gpt-4*", "GPT-4o", true),
            ("GPT-4", " gpt-4\t", true),
            ("gpt-4", "gpt-4o", false),
            ("*-Pro", "x-pRO ", true),
            ("gemini-*", "models/Gemini-pro", true),
            ("llama3", "library/llama3", true),
            ("llama3", "llama3:latest", true),
            ("llama3", "llama3:8b", false),
            ("llama3", "acme/llama3", false),
        ] {
            assert_eq!(Pattern::parse(pattern).unwrap().loose().fits(text), expected, "{pattern} {text:?}");
        }
    }

    #[test]
    fn a_star_is_any_run_of_characters() {
        for (pattern, text, expected) in [
            ("gpt-mini", "gpt-mini", true),
            ("gpt-mini", "gpt-mini2", false),
            ("gpt-mini", "GPT-mini", false),
            ("gpt-4*", "gpt-4", true),
            ("gpt-4*", "gpt-4o", true),
            ("gpt-4*", "xgpt-4", false),
            ("*-mini", "gpt-mini", true),
            ("*-mini", "gpt-minis", false),
            ("ft:*:acme:*", "ft:gpt:acme:x", true),
            ("ft:*:acme:*", "ft:gpt:acme", false),
            ("ft:*:acme:*", "ft:acme:x", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("*", "", true),
            ("a*b*c", "abcbc", true),
            ("a*b*c", "acb", false),
            ("*gr\u{fc}n*", "hellgr\u{fc}n.", true),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }

    /// RBAC-029.
    #[test]
    fn a_model_in_disguise_is_another_model() {
        for text in [" gpt-mini", "gpt-mini ", "gpt-mini\0", "GPT-MINI", "gpt\u{2010}mini", "gpt-min\u{ed}", ""] {
            assert!(!fits("gpt-mini", text), "{text:?}");
        }
    }

    #[test]
    fn the_hardest_text_is_read_once() {
        let pattern = Pattern::parse(&"*a".repeat(64)).unwrap();
        assert!(!pattern.fits(&format!("{}b", "a".repeat(1 << 20))));
    }

    #[test]
    fn a_pattern_that_looks_like_a_mistake_is_refused() {
        for text in ["", " a", "a ", "a\n", "a\u{200b}b", "\u{feff}a", "a**b", &"a".repeat(129)] {
            assert!(Pattern::parse(text).is_err(), "{text:?}");
        }
    }
}
