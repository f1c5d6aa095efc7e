//! A labelled text.

use serde::Deserialize;

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
