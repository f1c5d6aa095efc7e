//! Where everything stands: the line of each value of a document, by its JSON Pointer.

use std::collections::BTreeMap;

use saphyr::{LoadableYamlNode as _, MarkedYaml, YamlData};

/// The lines of one document, or of a part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lines {
    of: BTreeMap<String, usize>,
    /// The line of what is not known.
    first: usize,
}

impl Lines {
    /// Those of each document of a text in YAML, or of one in JSON, that begins in this line. Of what cannot be read it is the
    /// first line.
    pub(super) fn of_each(text: &str, first: usize) -> Vec<Self> {
        let documents = MarkedYaml::load_from_str(text).unwrap_or_default();
        documents.iter().map(|node| Self::of_node(node).below(first)).collect()
    }

    /// Those of a configuration that is written as text, which begins in this line.
    pub(super) fn of_text(text: &str, first: usize) -> Self {
        let lines = Self::of_each(&without_surrogates(text), first).into_iter().next().unwrap_or_default();
        Self { first, ..lines }
    }

    /// The same where line 1 is this one.
    fn below(mut self, first: usize) -> Self {
        let before = first.saturating_sub(1);
        self.of.values_mut().chain([&mut self.first]).for_each(|line| *line = line.saturating_add(before));
        self
    }

    fn of_node(node: &MarkedYaml<'_>) -> Self {
        let mut lines = Self { of: BTreeMap::new(), first: node.span.start.line() };
        lines.walk(node, "", node.span.start.line());
        lines
    }

    fn walk(&mut self, node: &MarkedYaml<'_>, pointer: &str, line: usize) {
        self.of.insert(pointer.to_owned(), line);
        match &node.data {
            YamlData::Mapping(members) => {
                for (key, member) in members {
                    let name = key.data.as_str().unwrap_or_default();
                    self.walk(member, &format!("{pointer}/{}", escaped(name)), line_of(key, member));
                }
            }
            YamlData::Sequence(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.walk(item, &format!("{pointer}/{at}"), item.span.start.line());
                }
            }
            _ => {}
        }
    }

    /// Those of a value below.
    pub(super) fn under(&self, pointer: &str) -> Self {
        let below = self.of.iter().filter_map(|(own, line)| Some((own.strip_prefix(pointer)?.to_owned(), *line)));
        Self { of: below.collect(), first: self.line(pointer) }
    }

    /// The line of a value, else of the nearest around it that is known.
    pub(super) fn line(&self, pointer: &str) -> usize {
        let mut around = Some(pointer);
        while let Some(own) = around {
            if let Some(line) = self.of.get(own) {
                return *line;
            }
            around = own.rsplit_once('/').map(|(outer, _)| outer);
        }
        self.first.max(1)
    }

    /// The line of a place as configurations name it: `rules[0].when`.
    pub(super) fn of_place(&self, place: &str) -> usize {
        self.line(&pointer_of(place))
    }
}

/// A member stands where its name does; a text in a block where its first line does, which may be empty.
fn line_of(key: &MarkedYaml<'_>, member: &MarkedYaml<'_>) -> usize {
    let (named, begins) = (key.span.start.line(), member.span.start.line());
    match &member.data {
        YamlData::Mapping(_) | YamlData::Sequence(_) => named,
        // The span of a block begins with the first line that is not empty.
        data if begins > named => begins.saturating_sub(empty_lines(data.as_str().unwrap_or_default())),
        _ => begins,
    }
}

/// Those before the first that is not empty.
fn empty_lines(text: &str) -> usize {
    text.bytes().take_while(|byte| *byte == b'\n').count()
}

/// JSON writes a character beyond U+FFFF as two escapes, which YAML refuses. No line depends on which character it is.
fn without_surrogates(text: &str) -> String {
    text.replace("\\ud", "\\u0").replace("\\uD", "\\u0")
}

/// `rules[0].when` as `/rules/0/when`.
fn pointer_of(place: &str) -> String {
    let steps = place.split(['.', '[', ']']).filter(|step| !step.is_empty());
    steps.flat_map(|step| ["/".to_owned(), escaped(step)]).collect()
}

/// A member's name in a JSON Pointer (RFC 6901 section 3).
pub(super) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "a:\n- name: q\n  value: |\n    {\n      \"rules\": [\n        {\"x/y\": 1}\n      ]\n    }\n---\nb: 1\n";

    #[test]
    fn a_value_has_its_line_and_what_is_unknown_that_of_what_is_around() {
        let lines = Lines::of_each(TEXT, 1);
        assert_eq!(lines.len(), 2);
        assert_eq!(["/a/0", "/a/0/name", "/a/0/value", "/a/0/other/deep"].map(|own| lines[0].line(own)), [2, 2, 4, 2]);
        assert_eq!(lines[1].line("/b"), 10);
        assert_eq!(lines[0].under("/a/0").line("/value"), 4);
    }

    #[test]
    fn a_text_in_a_document_has_the_documents_lines() {
        let lines = Lines::of_text("{\n  \"rules\": [\n    {\"x/y\": 1}\n  ]\n}\n", 4);
        assert_eq!(
            ["", "rules", "rules[0]", "rules[0].x/y", "rules[7].z"].map(|own| lines.of_place(own)),
            [4, 5, 6, 6, 5]
        );
    }

    #[test]
    fn a_block_may_begin_with_empty_lines() {
        for (text, line) in [
            ("a: |\n  {\"b\": 1}\n", 2),
            ("a: |\n\n\n  {\"b\": 1}\n", 4),
            ("a: | # why\n\n  {\"b\": 1}\n", 3),
            ("a: '{\"b\": 1}'\n", 1),
            ("a:\n  '{\"b\": 1}'\n", 2),
        ] {
            let value = serde_norway::from_str::<serde_json::Value>(text).unwrap()["a"].as_str().unwrap().to_owned();
            let lines = Lines::of_text(&value, Lines::of_each(text, 1)[0].line("/a"));
            assert_eq!(lines.of_place("b"), line, "{text:?}");
        }
    }

    #[test]
    fn a_character_of_two_escapes_hides_no_line() {
        let text = "{\n\"a\": \"\\ud83d\\uDE00 \\\\udder\",\n\t\"b\": 1}";
        assert!(portcullis::json::parse(text.as_bytes(), portcullis::json::Limits::default()).is_ok());
        assert_eq!(Lines::of_text(text, 1).of_place("b"), 3);
    }

    #[test]
    fn what_cannot_be_read_is_in_the_first_line() {
        assert_eq!(Lines::of_text("{\"a\": ", 7).of_place("a"), 7);
        assert_eq!(Lines::of_text("", 7).of_place("a"), 7);
    }
}
