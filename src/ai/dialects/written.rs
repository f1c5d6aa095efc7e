//! What the operator writes of paths of their own: `dialects` of a filter's configuration. `docs/dialects.md` has it as
//! tables.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::ai::dialect::Dialect;
use crate::ai::vocabulary::{Feature, Measure, Operation, Provenance, Reads, Unread, What};

/// A prefix, and whose API is below it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Where the API begins: whole segments of the canonical path, literal or a capture such as `{tenant}`; `{model}`
    /// names the model. `/` is every path. The first entry whose prefix fits decides of all that is below it.
    pub prefix: String,
    /// Whose API it is. `generic` is one that `endpoints` describes; below `unknown` nothing is known.
    pub dialect: Dialect,
    /// Whether the prefix is no part of the API's own paths. Default `false`. The request is sent on as it came: what
    /// Envoy's route rewrites is told here.
    #[serde(default)]
    pub strip_prefix: bool,
    /// What the API's own paths begin with, and the client's do not: `/v1`. Default: nothing.
    #[serde(default)]
    pub add_prefix: Option<String>,
    /// Who says the model. Default: the path if it names one, else the body.
    #[serde(default)]
    pub model_from: Option<ModelFrom>,
    /// What a `generic` API has; 1 to 64.
    #[serde(default)]
    pub endpoints: Vec<Described>,
}

/// Who says the model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelFrom {
    /// The path, where `{model}` stands. A path that names none has no model, whatever its body says.
    Path,
    /// The body, whatever the path says.
    Body,
    /// This header, in lower case, whatever path and body say. A request with two of it is refused.
    Header(String),
}

/// An endpoint of an API that nobody here knows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Described {
    /// Its path: literal segments, `{model}` and other captures, which may end in literal text (`{model}:predict`), and
    /// `*` as the last for all that follow.
    pub path: String,
    /// Its method in upper case, or `*` for any. Default `POST`.
    #[serde(default)]
    pub method: Option<String>,
    /// What it does.
    pub operation: Operation,
    /// What must be read to decide on it. Default `whole`, of `GET` and `HEAD` `head`.
    #[serde(default)]
    pub reads: Option<Reads>,
    /// What stands where in a request, by JSON Pointer; at most 256. What none names is text that nobody vouches for, and
    /// is reported as unknown.
    #[serde(default)]
    pub request: BTreeMap<String, Meaning>,
    /// The same of an answer, and of each event of one that is streamed.
    #[serde(default)]
    pub answer: BTreeMap<String, Meaning>,
}

/// What a value means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// The model: a string, or the request is refused.
    Model,
    /// Whether the answer is streamed: a boolean, or the request is refused.
    Stream,
    /// Who speaks in the object around it, which is a message: its texts `from: role`.
    Role,
    /// The number of a choice or a part, in the object around it.
    Index,
    /// A number, a switch or a word of a fixed list. A string here is not read.
    Plain,
    /// An address, or bytes in a `data:` URL. Told as unread.
    Url,
    /// In answers alone: what was said before. It is passed over, whatever is in it.
    Again,
    /// Text, and every name and string in it, from here.
    Text(Provenance),
    /// A whole number, or the request is refused.
    Number(Measure),
    /// Something that a policy may forbid. Its strings are not read.
    Feature(Feature),
    /// A word that is kept: the name of a tool, why an answer ended.
    Keep(What),
    /// What cannot be read, and why.
    Unread(Unread),
}

impl Meaning {
    /// How it is written, for a fault.
    pub fn word(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Stream => "stream",
            Self::Role => "role",
            Self::Index => "index",
            Self::Plain => "plain",
            Self::Url => "url",
            Self::Again => "again",
            Self::Text(_) => "text",
            Self::Number(_) => "number",
            Self::Feature(_) => "feature",
            Self::Keep(_) => "keep",
            Self::Unread(_) => "unread",
        }
    }
}
