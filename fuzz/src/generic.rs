//! An API as an operator describes it, with every meaning in it.

use std::sync::OnceLock;

use portcullis::ai::dialect::Dialect;
use portcullis::ai::dialects::Dialects;
use portcullis::ai::dialects::written::{Described, Mapping, Meaning};
use portcullis::ai::endpoint::Endpoint;
use portcullis::ai::vocabulary::{Feature, Measure, Operation, Provenance, Unread, What};
use portcullis::http::path::Canonical;

const REQUEST: &[(&str, Meaning)] = &[
    ("/model", Meaning::Model),
    ("/stream", Meaning::Stream),
    ("/inputs", Meaning::Text(Provenance::User)),
    ("/messages/*/role", Meaning::Role),
    ("/messages/*/content", Meaning::Text(Provenance::Role)),
    ("/messages/*/content/*/text", Meaning::Text(Provenance::Role)),
    ("/messages/*/content/*/image", Meaning::Url),
    ("/parameters/max_new_tokens", Meaning::Number(Measure::MaxOutputTokens)),
    ("/parameters/details", Meaning::Feature(Feature::Logprobs)),
    ("/parameters/{}", Meaning::Plain),
    ("/tools/*/name", Meaning::Keep(What::Tool)),
    ("/tools/*/{}", Meaning::Text(Provenance::ToolDefinition)),
    ("/session", Meaning::Unread(Unread::ByReference)),
    ("/graph/{}/prompt", Meaning::Text(Provenance::User)),
    ("/a~1b", Meaning::Text(Provenance::Document)),
];

const ANSWER: &[(&str, Meaning)] = &[
    ("/model", Meaning::Model),
    ("/generated_text", Meaning::Text(Provenance::Assistant)),
    ("/choices/*/n", Meaning::Index),
    ("/choices/*/text", Meaning::Text(Provenance::Assistant)),
    ("/choices/*/end", Meaning::Keep(What::Finish)),
    ("/error", Meaning::Keep(What::Error)),
    ("/details/tokens", Meaning::Number(Measure::OutputTokens)),
    ("/prompt", Meaning::Again),
];

const PATHS: [&str; 2] = ["/chat", "/models/{model}:predict"];

/// The block, compiled once: its tables are leaked.
pub(crate) fn dialects() -> &'static Dialects {
    static DIALECTS: OnceLock<Dialects> = OnceLock::new();
    DIALECTS.get_or_init(|| Dialects::compile(&[mapping()]).expect("a good block"))
}

/// What it has.
pub(crate) fn endpoints() -> Vec<&'static Endpoint> {
    let find = |path: &str| {
        let path = Canonical::read(path.as_bytes()).expect("a plain path");
        dialects().find("POST", &path).endpoint().expect("an endpoint")
    };
    vec![find("/ml/chat"), find("/ml/models/m:predict")]
}

fn mapping() -> Mapping {
    let described = |path: &&str| Described {
        path: (*path).to_owned(),
        method: None,
        operation: Operation::Chat,
        reads: None,
        request: REQUEST.iter().map(|(pointer, meaning)| ((*pointer).to_owned(), *meaning)).collect(),
        answer: ANSWER.iter().map(|(pointer, meaning)| ((*pointer).to_owned(), *meaning)).collect(),
    };
    Mapping {
        prefix: "/ml".to_owned(),
        dialect: Dialect::Generic,
        strip_prefix: true,
        add_prefix: None,
        model_from: None,
        endpoints: PATHS.iter().map(described).collect(),
    }
}
