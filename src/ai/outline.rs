//! What the body of a request asks for, in a few numbers: told by the first filter that reads it, so that those behind need
//! not read it again.
//!
//! It travels as one JSON object under `portcullis.request` in filter state, declared read-only, where no client can reach it.
//! A filter that writes the body anew tells of what it wrote. What cannot be read there is not believed: who needs it reads
//! the body.

use serde::{Deserialize, Serialize};

use super::endpoint::Endpoint;
use super::estimate::tokens;
use super::read::Reading;
use super::vocabulary::{Operation, Unread, What};

/// The name in filter state.
pub const STATE: &str = "portcullis.request";

/// The same name as the proxy's properties say it.
pub const IN_FILTER_STATE: &str = "wasm.portcullis.request";

/// The version that this code writes and the only one it reads.
const VERSION: u32 = 1;

/// The largest that is written or read, in bytes.
const MAX_BYTES: usize = 4 * 1024;

/// How many tokens a picture, a sound or a file is taken to have: a picture of 1024 by 1024 has 765 with one provider and
/// about 1,400 with another. What it had is known when the answer tells.
pub const MEDIA: u64 = 1024;

/// What a body asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outline {
    v: u32,
    /// The models that it names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// The MCP tools that it calls.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<String>,
    /// About how many tokens it has.
    pub input: u64,
    /// How many tokens each answer may have; `None` if it sets no cap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<u64>,
    /// How many answers are made.
    pub choices: u64,
    /// Whether the answer is to be streamed.
    pub streams: bool,
    /// How many bytes it has.
    pub bytes: u64,
}

impl Outline {
    /// What a body asks for that was read by the table of this endpoint.
    pub fn of(endpoint: &Endpoint, body: &[u8], reading: &Reading<'_>) -> Self {
        let noted = |what: What| reading.notes.iter().filter(move |note| note.what == what);
        let models = reading.model.iter().copied().chain(noted(What::Model).map(|note| note.text));
        let calls = noted(What::Call).filter(|_| endpoint.operation == Operation::Mcp);
        Self {
            v: VERSION,
            models: models.map(|model| model.unescaped().into_owned()).collect(),
            tools: calls.map(|note| note.text.unescaped().into_owned()).collect(),
            input: input(body, reading),
            cap: endpoint.cap(reading),
            choices: reading.choices().unwrap_or(1).max(1),
            streams: reading.stream == Some(true),
            bytes: u64::try_from(body.len()).unwrap_or(u64::MAX),
        }
    }

    /// What an empty body asks for: one answer without a cap.
    pub fn empty() -> Self {
        Self { v: VERSION, choices: 1, ..Self::default() }
    }

    /// What is taken for a body that nobody here reads.
    pub fn unread() -> Self {
        Self { input: MEDIA, ..Self::empty() }
    }

    /// The same of a body of so many bytes.
    #[must_use]
    pub fn of_bytes(self, bytes: u64) -> Self {
        Self { bytes, ..self }
    }

    /// Its form in filter state; `None` if it is larger than 4 KiB.
    pub fn to_state(&self) -> Option<Vec<u8>> {
        serde_json::to_vec(self).ok().filter(|state| state.len() <= MAX_BYTES)
    }

    /// Reads its form in filter state; `None` if it is none of this version.
    pub fn from_state(state: &[u8]) -> Option<Self> {
        if state.len() > MAX_BYTES || state.first() != Some(&b'{') {
            return None;
        }
        // Without a tree of it: a struct of known members has no other and none twice.
        #[allow(clippy::disallowed_methods)]
        let outline = serde_json::from_slice::<Self>(state).ok()?;
        (outline.v == VERSION).then_some(outline)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::LIMITS;
    use crate::ai::read::read;
    use crate::http::path::Canonical;

    fn of(path: &str, body: &str) -> Outline {
        let canonical = Canonical::read(path.as_bytes()).unwrap();
        let endpoint = Endpoint::find("POST", &canonical).unwrap().endpoint;
        let reading = read(body.as_bytes(), endpoint.request, LIMITS).unwrap();
        Outline::of(endpoint, body.as_bytes(), &reading)
    }

    #[test]
    fn an_outline_is_read_back_as_written() {
        let body = r#"{"model":"a","models":["b"],"max_tokens":5,"n":2,"stream":true,"messages":[{"role":"user","content":"Hello"}]}"#;
        let outline = of("/v1/chat/completions", body);
        assert_eq!(
            (outline.models.as_slice(), outline.cap, outline.choices),
            (&["a".into(), "b".into()][..], Some(5), 2)
        );
        assert_eq!((outline.streams, outline.bytes, outline.input > 0), (true, body.len() as u64, true));
        assert_eq!(Outline::from_state(&outline.to_state().unwrap()), Some(outline));
        assert_eq!(Outline::from_state(&Outline::empty().to_state().unwrap()), Some(Outline::empty()));
    }

    #[test]
    fn anything_else_is_not_believed() {
        for state in [
            &b""[..],
            b"{}",
            b"[1,[],[],1,null,1,false,1]",
            br#"{"v":2,"input":1,"choices":1,"streams":false,"bytes":1}"#,
            br#"{"v":1,"input":-1,"choices":1,"streams":false,"bytes":1}"#,
            br#"{"v":1,"input":1,"input":2,"choices":1,"streams":false,"bytes":1}"#,
            br#"{"v":1,"input":1,"choices":1,"streams":false,"bytes":1,"x":1}"#,
        ] {
            assert_eq!(Outline::from_state(state), None, "{}", String::from_utf8_lossy(state));
        }
        let many = Outline { models: vec!["m".repeat(100); 50], ..Outline::empty() };
        assert_eq!(many.to_state(), None);
    }

    #[test]
    fn what_is_no_text_has_tokens_too() {
        let tokens = of("/v1/embeddings", r#"{"model":"a","input":[1,2,3,4]}"#);
        assert_eq!(tokens.input, 4);
        let picture = r#"{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://a.example/b"}}]}]}"#;
        assert!((MEDIA..MEDIA + 20).contains(&of("/v1/chat/completions", picture).input));
    }
}
