//! The names in a request, as rules compare them: as they are written for an allow rule, with their aliases for a deny
//! rule. Those are made once, however many patterns they are compared with.

use std::cell::OnceCell;

use super::model;
use super::request::{Body, Head};
use portcullis::pattern::Pattern;
use portcullis::pattern::aliases;

/// Names of one kind, as far as they are known.
pub(super) struct Names<'a> {
    written: Vec<&'a str>,
    aliases: OnceCell<Vec<String>>,
}

impl<'a> Names<'a> {
    /// The models of path, query and body.
    pub(super) fn models(head: &'a Head<'_>, body: &Body<'a>) -> Self {
        Self::of(model::named(head, body))
    }

    /// The resources of the body.
    pub(super) fn resources(body: &Body<'a>) -> Self {
        let of_body = body.asked().map(|asked| asked.resources.as_slice()).unwrap_or_default();
        Self::of(of_body.iter().map(String::as_str))
    }

    /// These.
    pub(super) fn of(names: impl Iterator<Item = &'a str>) -> Self {
        Self { written: names.collect(), aliases: OnceCell::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.written.is_empty()
    }

    /// Whether every one is such a name.
    pub(super) fn all_fit(&self, patterns: &[Pattern]) -> bool {
        self.written.iter().all(|name| patterns.iter().any(|pattern| pattern.fits(name)))
    }

    /// Whether a server could take one for such a name.
    pub(super) fn one_could_fit(&self, patterns: &[Pattern]) -> bool {
        let aliases = self.aliases.get_or_init(|| self.written.iter().flat_map(|name| aliases(name)).collect());
        aliases.iter().any(|name| patterns.iter().any(|pattern| pattern.fits_as_is(name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_counts_for_those_who_deny_alone() {
        let pattern = || Pattern::parse("gpt-4*").unwrap();
        for (name, fits, could_fit) in [("gpt-4o", true, true), (" GPT-4o", false, true), ("gpt-3", false, false)] {
            let names = Names::of([name].into_iter());
            assert_eq!(names.all_fit(&[pattern()]), fits, "{name}");
            assert_eq!(names.one_could_fit(&[pattern().loose()]), could_fit, "{name}");
        }
        let one_of_two = Names::of(["gpt-3", "GPT-4"].into_iter());
        assert_eq!((one_of_two.all_fit(&[pattern()]), one_of_two.one_could_fit(&[pattern().loose()])), (false, true));
    }
}
