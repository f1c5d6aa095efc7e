//! Marks around a text that nobody in the conversation wrote, so that a model can tell it from what it is told to do
//! (delimiting, in Hines et al., "Defending Against Indirect Prompt Injection Attacks With Spotlighting", 2024).
//!
//! The marks hold a word that is new in every request: whoever wrote the text could not know it, and so not close them.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

/// The marks of a request.
#[derive(Debug)]
pub(crate) struct Marks(String);

impl Marks {
    /// With a word that nobody knows.
    pub(crate) fn new() -> Self {
        Self(format!("{:016x}", RandomState::new().build_hasher().finish()))
    }

    /// A text between them.
    pub(super) fn around(&self, text: &str) -> String {
        format!("<<untrusted-{0}>>\n{text}\n<</untrusted-{0}>>", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_requests_have_the_same_marks() {
        let marks: std::collections::BTreeSet<String> = (0..99).map(|_| Marks::new().around("x")).collect();
        assert_eq!(marks.len(), 99);
        let one = Marks("0123".to_owned()).around("text");
        assert_eq!(one, "<<untrusted-0123>>\ntext\n<</untrusted-0123>>");
    }
}
