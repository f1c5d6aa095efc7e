//! An operator's words, phrases and expressions.
//!
//! Rules:
//! 1. a literal is compared in lower case and with one blank for any run of white space, after the text was brought into
//!    ordinary letters ([`normalise`](crate::normalise)); so is the literal;
//! 2. it is not found inside of a longer word, unless that is asked for: before its first letter and behind its last no
//!    letter or digit stands. Scripts that write without blanks have no such borders;
//! 3. an expression is looked for in ordinary letters, in any case; each match is looked for in linear time whatever the
//!    text.

use std::ops::Range;

use regex_automata::meta;
use regex_automata::util::syntax;

use super::literals::Literals;
use crate::normalise::{Folded, View, folded, views};

/// The most literals.
pub const MOST_LITERALS: usize = 10_000;
/// The longest literal, in bytes.
pub const LITERAL_BYTES: usize = 256;
/// The most expressions.
pub const MOST_EXPRESSIONS: usize = 100;
/// The longest expression, in bytes.
pub const EXPRESSION_BYTES: usize = 1024;

/// Bytes of automata that the expressions of a rule may take.
const AUTOMATON_BYTES: usize = 1 << 20;

/// Words, phrases and expressions, compiled.
#[derive(Debug)]
pub struct Patterns {
    literals: Option<Literals>,
    expressions: Option<meta::Regex>,
}

/// Why patterns cannot be compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadPattern {
    /// Which: `literals[2]`, `expressions[0]`.
    pub place: String,
    /// What was expected.
    pub expected: String,
}

impl Patterns {
    /// Compiles them.
    pub fn new(literals: &[String], expressions: &[String], inside_words: bool) -> Result<Self, BadPattern> {
        if literals.len() > MOST_LITERALS {
            return Err(BadPattern { place: "literals".to_owned(), expected: "at most 10,000".to_owned() });
        }
        if expressions.len() > MOST_EXPRESSIONS {
            return Err(BadPattern { place: "expressions".to_owned(), expected: "at most 100".to_owned() });
        }
        let literals = literals.iter().enumerate().map(literal).collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            literals: if literals.is_empty() { None } else { Some(compiled_literals(&literals, inside_words)?) },
            expressions: if expressions.is_empty() { None } else { Some(compiled(expressions)?) },
        })
    }

    /// The literals, for who looks for them across the borders of texts.
    pub fn literals(&self) -> Option<&Literals> {
        self.literals.as_ref()
    }

    /// Where a literal stands in a text whose letters have lost their marks ([`Folded::bare`]): of those that are written
    /// without them. `schon` is found in `schön` then, and `schön` in no other.
    pub fn find_bare(&self, bare: &Folded) -> Vec<Range<usize>> {
        let found = self.literals.iter().flat_map(|literals| literals.find(&bare.text));
        found.map(|span| bare.original(span)).collect()
    }

    /// Where something of these stands, in bytes of the text that was given.
    pub fn find(&self, view: &View<'_>, folded: &Folded) -> Vec<Range<usize>> {
        let literals = self.literals.iter().flat_map(|literals| literals.find(&folded.text));
        let expressions = self.expressions.iter().flat_map(|expressions| expressions.find_iter(&*view.text));
        let literals = literals.map(|span| folded.original(span));
        literals.chain(expressions.map(|found| view.original(found.range()))).collect()
    }
}

fn compiled_literals(literals: &[String], inside_words: bool) -> Result<Literals, BadPattern> {
    let many = || BadPattern { place: "literals".to_owned(), expected: "fewer or shorter literals".to_owned() };
    Literals::new(literals, inside_words).ok_or_else(many)
}

fn literal((index, written): (usize, &String)) -> Result<String, BadPattern> {
    let bad = |expected: &str| BadPattern { place: format!("literals[{index}]"), expected: expected.to_owned() };
    let folded = folded(&views(written).plain).text;
    let folded = folded.trim();
    if folded.is_empty() || written.len() > LITERAL_BYTES {
        return Err(bad("1 to 256 bytes that are seen"));
    }
    Ok(folded.to_owned())
}

fn compiled(expressions: &[String]) -> Result<meta::Regex, BadPattern> {
    let config = meta::Regex::config()
        .utf8_empty(true)
        .nfa_size_limit(Some(AUTOMATON_BYTES))
        .hybrid_cache_capacity(AUTOMATON_BYTES)
        .onepass_size_limit(Some(AUTOMATON_BYTES));
    let syntax = syntax::Config::new().case_insensitive(true);
    let built = |expressions: &[String]| {
        let built = meta::Regex::builder().configure(config.clone()).syntax(syntax).build_many(expressions);
        built.map_err(Box::new)
    };
    for (index, expression) in expressions.iter().enumerate() {
        let bad = |expected: String| BadPattern { place: format!("expressions[{index}]"), expected };
        if expression.len() > EXPRESSION_BYTES {
            return Err(bad("at most 1,024 bytes".to_owned()));
        }
        let one = built(std::slice::from_ref(expression)).map_err(|error| bad(told(&error)))?;
        if one.is_match("") {
            return Err(bad("an expression that needs at least one character".to_owned()));
        }
    }
    built(expressions).map_err(|error| BadPattern {
        place: "expressions".to_owned(),
        expected: format!("simpler ones: {}", told(&error)),
    })
}

fn told(error: &meta::BuildError) -> String {
    match error.syntax_error() {
        Some(error) => format!("a regular expression without looking around or back: {error}"),
        None => "an expression whose automaton is smaller than 1 MiB".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(patterns: &Patterns, text: &str) -> Vec<String> {
        let views = views(text);
        let spans = patterns.find(&views.plain, &folded(&views.plain));
        spans.into_iter().map(|span| text.get(span).unwrap().to_owned()).collect()
    }

    fn literals(words: &[&str]) -> Patterns {
        Patterns::new(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>(), &[], false).unwrap()
    }

    #[test]
    fn a_phrase_is_found_whatever_its_case_and_blanks() {
        let patterns = literals(&["Project  Zebra", "größe", "秘密", "c++"]);
        for (text, expected) in [
            ("about project zebra.", &["project zebra"][..]),
            ("PROJECT\n\t ZEBRA", &["PROJECT\n\t ZEBRA"]),
            ("pro\u{ad}ject\u{200b} zebra", &["pro\u{ad}ject\u{200b} zebra"]),
            ("ｐｒｏｊｅｃｔ ｚｅｂｒａ", &["ｐｒｏｊｅｃｔ ｚｅｂｒａ"]),
            ("projectzebra", &[]),
            ("myproject zebra", &[]),
            ("project zebras", &[]),
            ("GRÖSSE, GRÖßE", &["GRÖßE"]),
            ("これは秘密です", &["秘密"]),
            ("in C++!", &["C++"]),
            ("c++11", &["c++"]),
        ] {
            assert_eq!(found(&patterns, text), expected, "{text}");
        }
    }

    #[test]
    fn a_literal_that_is_no_word_there_hides_none_that_is() {
        let patterns = literals(&["zebra", "zebra crossing ahead"]);
        assert_eq!(found(&patterns, "zebra crossing ahea"), ["zebra"]);
        assert_eq!(found(&patterns, "zebrazebra zebra"), ["zebra"]);
    }

    #[test]
    fn inside_of_words_is_found_who_asks_for_it() {
        let patterns = Patterns::new(&["zebra".to_owned()], &[], true).unwrap();
        assert_eq!(found(&patterns, "xZEBRAx zebra"), ["ZEBRA", "zebra"]);
    }

    #[test]
    fn expressions_are_found_in_ordinary_letters() {
        let patterns = Patterns::new(&[], &[r"case-\d{4}".to_owned(), r"\bacme\w+".to_owned()], false).unwrap();
        assert_eq!(found(&patterns, "Ｃａｓｅ-1234, AcmeCorp"), ["Ｃａｓｅ-1234", "AcmeCorp"]);
    }

    #[test]
    fn patterns_that_cannot_work_are_refused_where_they_stand() {
        for (literals, expressions, place) in [
            (vec![" \u{200b}"], vec![], "literals[0]"),
            (vec!["a"], vec!["(?=x)"], "expressions[0]"),
            (vec![], vec!["x", "y*"], "expressions[1]"),
            (vec![], vec!["(a{1000}){1000}"], "expressions[0]"),
        ] {
            let owned = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect::<Vec<_>>();
            let fault = Patterns::new(&owned(literals), &owned(expressions), false).unwrap_err();
            assert_eq!(fault.place, place, "{fault:?}");
        }
    }
}
