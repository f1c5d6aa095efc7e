//! What the suites of signatures and keys have in common: vectors as strict JSON, and questions that a judge answers.

use std::fs;
use std::path::Path;

use authn::policy::{Algorithm, KeySet};
use portcullis::json::{self, Limits};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use verifier::Question;

use crate::suite::{Fault, Verdict, Verdicts};

/// A vector: its name, what its label says, and what is asked about it.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) label: Verdict,
    pub(crate) question: Question,
}

/// Whoever answers questions, in their order: this process, or a module in an Envoy.
pub(crate) type Judge<'a> = &'a mut dyn FnMut(&[Question]) -> Result<Vec<Verdict>, Fault>;

/// Our code in this process, with no proxy to ask.
pub(crate) fn here(questions: &[Question]) -> Result<Vec<Verdict>, Fault> {
    let verdict = |question: &Question| match question.is_accepted(|signature| Ok(signature.is_good())) {
        Ok(is_accepted) => Ok(Verdict::of(is_accepted)),
        Err(_) => Err(Fault::Table(format!("expected a question that can be read, found {question:?}"))),
    };
    questions.iter().map(verdict).collect()
}

/// What the labels say.
pub(crate) fn labels(cases: &[Case]) -> Verdicts {
    cases.iter().map(|case| (case.name.clone(), case.label)).collect()
}

/// What the judge says.
pub(crate) fn verdicts(cases: &[Case], judge: Judge<'_>) -> Result<Verdicts, Fault> {
    let questions: Vec<Question> = cases.iter().map(|case| case.question.clone()).collect();
    let verdicts = judge(&questions)?;
    Ok(cases.iter().map(|case| case.name.clone()).zip(verdicts).collect())
}

/// A file of vectors.
pub(crate) fn read<T: DeserializeOwned>(file: &Path) -> Result<T, Fault> {
    let fault = |what: String| Fault::Surroundings(format!("{}: {what}", file.display()));
    let bytes = fs::read(file).map_err(|error| fault(error.to_string()))?;
    let limits = Limits {
        duplicates: json::Duplicates::Allow,
        values: 1 << 20,
        members: 1 << 12,
        tree_bytes: 256 << 20,
        ..Limits::default()
    };
    let value = json::parse(&bytes, limits).map_err(|error| fault(error.to_string()))?;
    serde_json::from_value(value).map_err(|error| fault(error.to_string()))
}

/// Whether every key of a set is a secret. Such a set is an operator's own; every other one is an issuer's.
pub(crate) fn are_secret(keys: &Value) -> bool {
    let entries = keys.get("keys").and_then(Value::as_array).filter(|entries| !entries.is_empty());
    entries.is_some_and(|entries| entries.iter().all(|key| key.get("kty").is_some_and(|kty| kty == "oct")))
}

/// Whether a set has keys that we use.
pub(crate) fn are_read(keys: &Value) -> bool {
    let read =
        if are_secret(keys) { KeySet::secrets(keys, Algorithm::SECRET) } else { KeySet::read(keys, Algorithm::PUBLIC) };
    read.is_ok()
}

/// A question about a token and a set of keys.
pub(crate) fn token(keys: Value, token: &str) -> Question {
    Question::Token { are_secret: are_secret(&keys), keys, token: token.to_owned() }
}

/// The public half of a key pair, which is what a verifier has.
pub(crate) fn public(pair: &Map<String, Value>) -> Map<String, Value> {
    let is_private = |name: &str| ["d", "p", "q", "dp", "dq", "qi", "oth"].contains(&name);
    pair.iter().filter(|(name, _)| !is_private(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_a_set_of_secrets_alone_is_an_operators_own() {
        let (oct, ec) = (json!({"kty": "oct"}), json!({"kty": "EC"}));
        for (keys, own) in [
            (json!({"keys": [oct, oct]}), true),
            (json!({"keys": [oct, ec]}), false),
            (json!({"keys": [ec]}), false),
            (json!({"keys": []}), false),
            (json!({}), false),
        ] {
            assert_eq!(are_secret(&keys), own, "{keys}");
        }
    }
}
