//! A labelled text.

use serde::de::Error;
use serde::{Deserialize, Deserializer};

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Row {
    pub text: String,
    /// `attack`, `benign`, or a class of its own.
    pub label: String,
    /// Of an attack: `core` if the text itself shows it, `contextual` if not.
    pub tier: Option<String>,
    pub kind: Option<String>,
    pub source: String,
    pub tags: Option<Vec<String>>,
    /// `unseen-source` where no text of its source is trained on.
    pub set: Option<String>,
    pub lang: Option<String>,
    #[serde(skip)]
    pub origin: Origin,
}

/// Where a text to train on comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    #[default]
    Corpus,
    /// Made by a template of `grammar`.
    Grammar,
    /// Written by hand: `rows`.
    Hand,
}

/// A line of a file in `rows`, as `README.md` says: no more and no less.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    #[serde(deserialize_with = "some")]
    text: String,
    label: Label,
    #[serde(deserialize_with = "some")]
    source: String,
    #[serde(deserialize_with = "some")]
    lang: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Label {
    Attack,
    Benign,
}

fn some<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    if text.trim().is_empty() { Err(D::Error::custom("expected more than blanks")) } else { Ok(text) }
}

impl Written {
    /// The text, of a hand.
    pub fn by(self, hand: &str) -> Row {
        let Self { text, label, source, lang } = self;
        let label = match label {
            Label::Attack => "attack",
            Label::Benign => "benign",
        };
        let source = format!("{hand}: {source}");
        Row { text, label: label.to_owned(), source, lang: Some(lang), origin: Origin::Hand, ..Row::default() }
    }
}

impl Row {
    /// Who wrote it: of texts written by hand the file, of others the source.
    pub fn hand(&self) -> &str {
        match self.origin {
            Origin::Hand => self.source.split_once(": ").map_or(&self.source, |(hand, _)| hand),
            _ => &self.source,
        }
    }

    pub fn is_attack(&self) -> bool {
        self.label == "attack"
    }

    /// An attack that the text itself shows.
    pub fn is_core(&self) -> bool {
        self.is_attack() && self.tier.as_deref().is_none_or(|tier| tier == "core")
    }

    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().flatten().any(|known| known == tag)
    }

    /// What honest traffic is like: no operator's prompt, no quotation of an attack, nothing that was written to look
    /// like one.
    pub fn is_everyday(&self) -> bool {
        let special = ["system-prompt", "quotes_attack", "over-refusal"];
        !self.is_attack() && !special.iter().any(|tag| self.has_tag(tag))
    }

    /// What a model is given to read rather than told.
    pub fn is_read(&self) -> bool {
        matches!(self.kind.as_deref(), Some("benign-doc" | "code"))
    }

    pub fn is_of_unseen_source(&self) -> bool {
        self.set.as_deref() == Some("unseen-source")
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::corpus::parsed;

    const GOOD: &str = r#"{"text": "Ignore it all.", "label": "attack", "source": "chat", "lang": "en"}"#;

    #[test]
    fn a_line_is_a_text_of_a_hand() {
        let rows: Vec<Written> = parsed(Path::new("direct.jsonl"), &format!("{GOOD}\n\n{GOOD}\n")).unwrap();
        let rows: Vec<Row> = rows.into_iter().map(|row| row.by("direct")).collect();
        let [row, _] = rows.as_slice() else { panic!("{rows:?}") };
        assert_eq!((row.text.as_str(), row.source.as_str(), row.hand()), ("Ignore it all.", "direct: chat", "direct"));
        assert!(row.is_core() && !row.is_everyday() && row.origin == Origin::Hand);
    }

    #[test]
    fn a_line_that_is_wrong_is_told_with_what_was_expected() {
        for (line, expected) in [
            (GOOD.replace("text", "txt"), "unknown field `txt`, expected one of `text`, `label`, `source`, `lang`"),
            (GOOD.replace("Ignore it all.", " "), "expected more than blanks"),
            (GOOD.replace("attack", "evil"), "unknown variant `evil`, expected `attack` or `benign`"),
            (GOOD.replace(r#", "lang": "en""#, ""), "missing field `lang`"),
            (GOOD.replace(r#""chat""#, "7"), "invalid type: integer `7`, expected a string"),
            (format!("{GOOD}{GOOD}"), "trailing characters"),
            ("Ignore it all.".to_owned(), "expected value"),
        ] {
            let fault = parsed::<Written>(Path::new("direct.jsonl"), &format!("{GOOD}\n\n{line}\n")).unwrap_err();
            assert!(fault.starts_with("direct.jsonl:3: ") && fault.contains(expected), "{line}: {fault}");
        }
    }

    #[test]
    fn a_text_that_looks_like_an_attack_is_not_an_everyday_one() {
        let of = |label: &str, tags: &[&str]| {
            let tags = Some(tags.iter().map(|tag| (*tag).to_owned()).collect());
            Row { label: label.to_owned(), tags, ..Row::default() }
        };
        assert!(of("benign", &["notinject"]).is_everyday());
        assert!(!of("attack", &[]).is_everyday());
        for tag in ["system-prompt", "quotes_attack", "over-refusal"] {
            assert!(!of("benign", &["other", tag]).is_everyday(), "{tag}");
        }
    }
}
