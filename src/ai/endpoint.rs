//! What an API has at its paths: the operation, what must be read to decide on it, and the tables of what is asked and
//! answered.
//!
//! A path is compared segment by segment, as [`Canonical`] reads it. `{model}` stands for a segment and names the model,
//! `{}` stands for any other; what follows a brace in its segment must follow there (`{model}:generateContent`). `*` at
//! the end stands for all that follow, and for none.
//!
//! ```
//! use portcullis::ai::endpoint::Endpoint;
//! use portcullis::ai::vocabulary::Operation;
//! use portcullis::http::path::Canonical;
//!
//! let path = Canonical::read(b"/openai/deployments/small/chat/completions?api-version=1").unwrap();
//! let found = Endpoint::find("POST", &path).unwrap();
//! assert_eq!((found.endpoint.operation, found.model), (Operation::Chat, Some("small")));
//! assert!(Endpoint::find("DELETE", &path).is_none());
//! ```

use super::dialect::Dialect;
use super::shape::Is;
use super::vocabulary::{Feature, Operation, Reads};
use crate::http::path::Canonical;

/// Something that an API does at a path.
#[derive(Debug)]
pub struct Endpoint {
    /// Whose it is.
    pub dialect: Dialect,
    /// The method; `*` is any.
    pub method: &'static str,
    /// The path, with `{model}` and `{}`.
    pub path: &'static str,
    /// What it does.
    pub operation: Operation,
    /// What must be read to decide on it.
    pub reads: Reads,
    /// What the body of a request is.
    pub request: Is,
    /// What an answer is, and each event of one that is streamed.
    pub answer: Is,
}

/// An endpoint, and what its path says.
#[derive(Debug, Clone, Copy)]
pub struct Found<'p> {
    /// The endpoint.
    pub endpoint: &'static Endpoint,
    /// The model in the path.
    pub model: Option<&'p str>,
}

impl Endpoint {
    /// What the API does unless a request says `false`: answers of OpenAI's Responses and Google's interactions are
    /// stored.
    pub fn uses_unasked(&self) -> Option<Feature> {
        let stores = self.operation == Operation::Responses || self.path.ends_with("/interactions");
        (stores && self.method == "POST").then_some(Feature::Store)
    }

    /// What a method does at a path that an API documents, by comparing all of them, which takes tens of microseconds:
    /// for tests and tools. [`Dialects`](super::dialects::Dialects) is quick, and knows an operator's paths too, and which
    /// methods a path is known with.
    pub fn find<'p>(method: &str, path: &'p Canonical) -> Option<Found<'p>> {
        let segments: Vec<&str> = path.segments().iter().map(String::as_str).collect();
        Self::all().filter(|endpoint| endpoint.takes(method)).find_map(|endpoint| endpoint.at(&segments))
    }

    /// Every endpoint of every dialect.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        DIALECTS.iter().flat_map(|endpoints| endpoints.iter())
    }

    /// Whether it is asked for by this method.
    pub(super) fn takes(&self, method: &str) -> bool {
        self.method == "*" || self.method == method
    }

    /// Whether these segments are its path, whatever the method.
    pub(super) fn at<'p>(&'static self, segments: &[&'p str]) -> Option<Found<'p>> {
        let mut model = None;
        let mut segments = segments.iter();
        for pattern in self.path.split('/').filter(|pattern| !pattern.is_empty()) {
            if pattern == "*" {
                return Some(Found { endpoint: self, model });
            }
            let segment = segments.next()?;
            let Some((name, rest)) = pattern.strip_prefix('{').and_then(|pattern| pattern.split_once('}')) else {
                if pattern != *segment {
                    return None;
                }
                continue;
            };
            let value = segment.strip_suffix(rest).filter(|value| !value.is_empty())?;
            if name == "model" {
                model = Some(value);
            }
        }
        segments.next().is_none().then_some(Found { endpoint: self, model })
    }
}

/// Each dialect's endpoints; where two match, the first is meant.
static DIALECTS: &[&[Endpoint]] = &[
    super::openai::ASKED,
    super::openai::OWN,
    super::openai::KEPT,
    super::anthropic::ENDPOINTS,
    super::google::OF_OTHERS,
    super::google::OF_MODELS,
    super::google::STORED,
    super::google::INTERACTIONS,
    super::bedrock::ENDPOINTS,
    super::cohere::ENDPOINTS,
    super::ollama::ENDPOINTS,
    super::a2a::ENDPOINTS,
    super::mcp::ENDPOINTS,
];

/// Whose paths there are, without the tables: a filter that only checks what an operator says of paths carries none.
pub(super) static PATHS: [(Dialect, &str); COUNT] = paths();

const COUNT: usize = {
    let (mut count, mut rest): (usize, &[&[Endpoint]]) = (0, DIALECTS);
    while let [endpoints, after @ ..] = rest {
        count = count.saturating_add(endpoints.len());
        rest = after;
    }
    count
};

#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)] // by the compiler, which tells
const fn paths() -> [(Dialect, &'static str); COUNT] {
    let (mut paths, mut at) = ([(Dialect::Unknown, ""); COUNT], 0);
    let mut rest: &[&[Endpoint]] = DIALECTS;
    while let [endpoints, after @ ..] = rest {
        let mut own: &[Endpoint] = endpoints;
        while let [endpoint, others @ ..] = own {
            paths[at] = (endpoint.dialect, endpoint.path);
            (at, own) = (at + 1, others);
        }
        rest = after;
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(method: &str, path: &str) -> Option<(Operation, Option<String>)> {
        let path = Canonical::read(path.as_bytes()).unwrap();
        Endpoint::find(method, &path).map(|found| (found.endpoint.operation, found.model.map(str::to_owned)))
    }

    #[test]
    fn paths_are_those_of_the_endpoints() {
        let of_endpoints = Endpoint::all().map(|endpoint| (endpoint.dialect, endpoint.path));
        assert!(PATHS.iter().copied().eq(of_endpoints));
    }

    #[test]
    fn a_path_is_matched_whole() {
        assert_eq!(find("POST", "/v1/chat/completions"), Some((Operation::Chat, None)));
        assert_eq!(find("POST", "/v1/chat/completions/x/y"), None);
        assert_eq!(find("POST", "/v1/chatx"), None);
        assert_eq!(find("GET", "/v1/models/a"), Some((Operation::Models, Some("a".to_owned()))));
    }

    #[test]
    fn no_two_endpoints_of_a_dialect_are_one() {
        let mut seen = std::collections::BTreeSet::new();
        for endpoint in Endpoint::all() {
            assert!(seen.insert((endpoint.dialect.word(), endpoint.method, endpoint.path)), "{endpoint:?}");
            assert!(endpoint.path.starts_with('/'), "{endpoint:?}");
        }
    }
}
