//! The linear engine in the place of `fancy-regex`.
//!
//! `jsonschema` links that engine for schemas whose patterns look around or back. Such a pattern takes exponential time on
//! a text that a client chooses (`regular expression denial of service`, CWE-1333), so filters refuse it at load and ask
//! for the linear engine alone; but an engine that is linked could still be reached by a mistake. Here there is none: the
//! few names that `jsonschema` uses, each of them a door to [`regex`].

use std::fmt;

/// A pattern, compiled by the linear engine.
#[derive(Debug, Clone)]
pub struct Regex(regex::Regex);

/// Compiles a pattern.
#[derive(Debug)]
pub struct RegexBuilder(regex::RegexBuilder);

/// Why a pattern is none for the linear engine.
#[derive(Debug, Clone)]
pub struct Error(regex::Error);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Error {}

impl Regex {
    /// The pattern.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it matches somewhere in a text; this engine always knows.
    ///
    /// # Errors
    ///
    /// None: the signature is that of the engine in whose place this one is.
    pub fn is_match(&self, text: &str) -> Result<bool, Error> {
        Ok(self.0.is_match(text))
    }
}

impl RegexBuilder {
    /// Of this pattern.
    pub fn new(pattern: &str) -> Self {
        Self(regex::RegexBuilder::new(pattern))
    }

    /// Nothing goes back.
    pub fn backtrack_limit(&mut self, _: usize) -> &mut Self {
        self
    }

    /// The most bytes of the compiled pattern.
    pub fn delegate_size_limit(&mut self, limit: usize) -> &mut Self {
        self.0.size_limit(limit);
        self
    }

    /// The most bytes that are kept while it is matched.
    pub fn delegate_dfa_size_limit(&mut self, limit: usize) -> &mut Self {
        self.0.dfa_size_limit(limit);
        self
    }

    /// The compiled pattern.
    ///
    /// # Errors
    ///
    /// What the linear engine does not take: looking around or back, and what would be too large.
    pub fn build(&self) -> Result<Regex, Error> {
        self.0.build().map(Regex).map_err(Error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_around_or_back_is_no_pattern() {
        for pattern in [r"(?=a)b", r"(a)\1", r"(?<!a)b", r"(?>a)b"] {
            assert!(RegexBuilder::new(pattern).build().is_err(), "{pattern}");
        }
        assert!(matches!(RegexBuilder::new("^a+$").build().unwrap().is_match("aaa"), Ok(true)));
    }
}
