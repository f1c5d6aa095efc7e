//! Keys, tokens and passwords in a text, so that they reach neither a model nor its provider's logs.
//!
//! 1. One search, in one pass and in any case, looks for the keywords of all rules ([`rules`]): `ghp_`, `password`,
//!    `://`.
//! 2. Where one stands, its forms are tried: the very prefix, alphabet and length that a vendor issues, or a name, an
//!    operator and a value.
//! 3. What fits must seem to be a secret: well-spread characters, no words, no placeholder.
//! 4. What is left is told without overlap; a vendor's form is preferred to `password` and `secret`, which anybody
//!    writes.
//!
//! What it is about: what a person or program pastes by mistake. It is no lock against somebody who wants a secret
//! out: spelled backwards or letter by letter it is not found.
//!
//! ```
//! use prompt_guard::detect::secrets::Secrets;
//!
//! let text = "my db is postgres://app:tr0ub4dor@db.internal/app";
//! let hits = Secrets::all().find(text);
//! assert_eq!(hits.len(), 1);
//! assert_eq!((hits[0].kind, text.get(hits[0].span.clone())), ("url_password", Some("tr0ub4dor")));
//!
//! assert!(Secrets::all().find("postgres://app:${DB_PASSWORD}@db.internal/app").is_empty());
//! ```

mod address;
mod assignment;
mod command;
mod header;
mod judge;
mod pem;
mod rules;
mod shape;
mod sight;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::Hit;
use rules::{Form, Rule, Trial};
use shape::Left;
use sight::Sight;

/// Looks for secrets; made once.
pub struct Secrets {
    /// `None` would mean more keywords than the search can hold; a test shows that there are not.
    search: Option<AhoCorasick>,
    /// What to try where a keyword stands, by its number in the search.
    tries: Vec<Vec<Try>>,
}

/// One form of one rule.
#[derive(Clone, Copy)]
struct Try {
    /// The rule's place in the table: the smaller, the more it knows.
    rank: usize,
    rule: &'static Rule,
    form: &'static Form,
}

/// The words of all rules, as they stand in [`Hit::kind`] and in configurations.
pub fn rules() -> impl Iterator<Item = &'static str> {
    rules::all().map(|rule| rule.name)
}

impl Secrets {
    /// Looks for all there is.
    pub fn all() -> Secrets {
        Secrets::of(rules::all())
    }

    /// Looks for those kinds alone. A word that is none of [`rules`] finds nothing: who reads words from somebody
    /// refuses it before.
    pub fn new(which: &[&str]) -> Secrets {
        Secrets::of(rules::all().filter(|rule| which.contains(&rule.name)))
    }

    fn of(rules: impl Iterator<Item = &'static Rule>) -> Secrets {
        let mut words: BTreeMap<String, Vec<Try>> = BTreeMap::new();
        for (rank, rule) in rules.enumerate() {
            for form in rule.forms {
                for keyword in form.keywords() {
                    words.entry(keyword.to_ascii_lowercase()).or_default().push(Try { rank, rule, form });
                }
            }
        }
        let search = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::DFA))
            .build(words.keys())
            .ok();
        Secrets { search, tries: words.into_values().collect() }
    }

    /// What secrets stand in the text, from its beginning to its end, without overlap. A span is the secret itself,
    /// not the name it is given.
    pub fn find(&self, text: &str) -> Vec<Hit> {
        let Some(search) = &self.search else { return Vec::new() };
        let mut sight = Sight::new(text.as_bytes());
        let mut found = Vec::new();
        for hit in search.find_overlapping_iter(text) {
            let keyword = hit.start()..hit.end();
            let tries = self.tries.get(hit.pattern().as_usize()).map(Vec::as_slice).unwrap_or_default();
            // In the middle of a word most keywords are none: `sk-` in `task-list`.
            let left = shape::left(sight.text, keyword.start);
            for attempt in tries.iter().filter(|attempt| left != Left::Inside || !attempt.is_prefix()) {
                let span = attempt.at(&mut sight, keyword.clone());
                // A span that begins or ends within a character could not be cut out.
                if let Some(span) = span.filter(|span| text.get(span.clone()).is_some_and(|secret| !secret.is_empty()))
                {
                    found.push((attempt.rank, attempt.rule.name, span));
                }
            }
        }
        apart(found)
    }
}

impl Try {
    /// Whether the secret begins with the keyword.
    fn is_prefix(&self) -> bool {
        matches!(self.form, Form::Begins(..))
    }

    /// The secret that the keyword announces.
    fn at(&self, sight: &mut Sight<'_>, keyword: Range<usize>) -> Option<Range<usize>> {
        let text = sight.text;
        match self.form {
            Form::Begins(word, shape) => {
                let stands = text.get(keyword.clone()) == Some(word.as_bytes());
                if !stands || shape::goes_on(text, keyword.start, shape) {
                    return None;
                }
                let end = shape::forward(text, keyword.end, shape)?;
                let lot = keyword.end..end;
                let is_joined = shape::left(text, keyword.start) == Left::Joined;
                if is_joined && !text.get(lot.clone()).is_some_and(judge::is_no_name) {
                    return None;
                }
                self.judged(text, lot, keyword.start..end, shape)
            }
            Form::Around(before, word, after) => {
                if text.get(keyword.clone()) != Some(word.as_bytes()) {
                    return None;
                }
                let span = around(text, &keyword, before, after)?;
                self.judged(text, span.clone(), span, after)
            }
            Form::Named(_, shape) => {
                let start = sight.value(keyword.end)?.start;
                let end = shape::forward(text, start, shape).filter(|_| shape::is_word(text, &keyword))?;
                self.judged(text, start..end, start..end, shape)
            }
            Form::Near(_, shape) => {
                let start = keyword.end.saturating_add(shape::gap(text.get(keyword.end..)?, shape));
                let span = start..shape::forward(text, start, shape)?;
                self.judged(text, span.clone(), span, shape)
            }
            Form::Read(_, read) => read(sight, keyword),
        }
    }

    /// The span, if what is issued by lot in it stands the trial of the rule.
    fn judged(
        &self,
        text: &[u8],
        lot: Range<usize>,
        span: Range<usize>,
        shape: &[shape::Part],
    ) -> Option<Range<usize>> {
        let lot = text.get(lot)?;
        let stands = shape::ends(text, span.end, shape)
            && match self.rule.trial {
                Trial::Form => true,
                Trial::Random => judge::is_issued(lot),
                Trial::Mixed => judge::is_mixed(lot) && judge::is_issued(lot),
                Trial::Alone => shape::stands_alone(text, span.start, span.end) && judge::is_issued(lot),
            };
        stands.then_some(span)
    }
}

/// What stands around the keyword in these shapes. The shorter is tried first, as the longer would be read again for
/// each of many keywords.
fn around(text: &[u8], keyword: &Range<usize>, before: &[shape::Part], after: &[shape::Part]) -> Option<Range<usize>> {
    let start = || shape::backward(text, keyword.start, before).filter(|start| shape::begins(text, *start));
    let end = || shape::forward(text, keyword.end, after).filter(|end| shape::ends(text, *end, after));
    if shape::longest(before) < shape::longest(after) {
        let start = start()?;
        Some(start..end()?)
    } else {
        let end = end()?;
        Some(start()?..end)
    }
}

/// In the order of the text, and of those that overlap the one that knows more, then the longer.
fn apart(mut found: Vec<(usize, &'static str, Range<usize>)>) -> Vec<Hit> {
    found.sort_by_key(|(_, _, span)| span.start);
    let overlap = found.iter().zip(found.iter().skip(1)).any(|(a, b)| a.2.end > b.2.start);
    if !overlap {
        return found.into_iter().map(|(_, kind, span)| Hit { kind, span }).collect();
    }
    found.sort_by_key(|(rank, _, span)| (*rank, span.start, std::cmp::Reverse(span.end)));
    let mut taken: BTreeMap<usize, (usize, &'static str)> = BTreeMap::new();
    for (_, kind, span) in found {
        let before = taken.range(..span.end).next_back();
        let free = before.is_none_or(|(_, (end, _))| *end <= span.start);
        if free {
            taken.insert(span.start, (span.end, kind));
        }
    }
    taken.into_iter().map(|(start, (end, kind))| Hit { kind, span: start..end }).collect()
}
