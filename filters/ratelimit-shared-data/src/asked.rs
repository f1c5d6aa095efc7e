//! What a body asks for, as limits count it.

use portcullis::ai::endpoint::Endpoint;
use portcullis::ai::estimate::tokens;
use portcullis::ai::read::Reading;
use portcullis::ai::vocabulary::{Operation, Unread, What};

use crate::policy::{Part, Secret};

/// How many tokens a picture, a sound or a file is taken to have: a picture of 1024 by 1024 has 765 with one provider and
/// about 1,400 with another. What it had is known when the answer tells.
const MEDIA: u64 = 1024;

/// What a body asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The models that it names.
    pub(crate) models: Vec<String>,
    /// The MCP tools that it calls.
    pub(crate) tools: Vec<String>,
    /// About how many tokens it has.
    pub(crate) input: u64,
    /// How many tokens each answer may have; `None` if it sets no cap.
    pub(crate) cap: Option<u64>,
    /// How many answers are made.
    pub(crate) choices: u64,
    /// Whether the answer is to be streamed.
    pub(crate) streams: bool,
}

impl Asked {
    /// What a body asks for that was read by the table of this endpoint.
    pub(crate) fn of(endpoint: &Endpoint, body: &[u8], reading: &Reading<'_>) -> Self {
        let noted = |what: What| reading.notes.iter().filter(move |note| note.what == what);
        let models = reading.model.iter().copied().chain(noted(What::Model).map(|note| note.text));
        Self {
            models: models.map(|model| model.unescaped().into_owned()).collect(),
            tools: noted(What::Call)
                .filter(|_| endpoint.operation == Operation::Mcp)
                .map(|note| note.text.unescaped().into_owned())
                .collect(),
            input: input(body, reading),
            cap: endpoint.cap(reading),
            choices: reading.choices().unwrap_or(1).max(1),
            streams: reading.stream == Some(true),
        }
    }

    /// What is taken for a body that nobody here reads.
    pub(crate) fn unread() -> Self {
        Self { input: MEDIA, choices: 1, ..Self::default() }
    }
}

/// About how many tokens a request has: those of its texts, those that it says in numbers, and a number for what is no text.
fn input(body: &[u8], reading: &Reading<'_>) -> u64 {
    let texts = reading.texts.iter().map(|text| tokens(&text.text.unescaped()));
    let others = reading.unread.iter().map(|(why, span)| match why {
        Unread::TokenIds => numbers(body.get(span.clone()).unwrap_or_default()),
        Unread::Binary | Unread::Remote | Unread::ByReference => MEDIA,
        Unread::Tokens => 0,
    });
    texts.chain(others).fold(0, u64::saturating_add)
}

/// How many numbers there are in a list.
fn numbers(list: &[u8]) -> u64 {
    list.iter().filter(|byte| **byte == b',').fold(1, |count, _| count.saturating_add(1))
}

/// What tells one prompt from another: a keyed hash of its texts.
pub(crate) fn thing(secret: &Secret, reading: &Reading<'_>) -> u64 {
    let mut key = secret.key("prompt", "");
    for text in &reading.texts {
        key.add(Part::Is(text.text.unescaped().as_bytes()));
    }
    let [first, ..] = key.fingerprint().halves();
    first
}
