//! Which API is at a path: what the operator says of paths of their own, and what the APIs document.
//!
//! Rules:
//! 1. of the entries of `dialects` the first whose prefix fits decides of everything below it: the dialect, also of
//!    refusals, and the endpoints, which are those of that dialect alone. No entry: the paths that the APIs document;
//! 2. what is no endpoint is told apart: a path that is known with other methods (405), and one that is not known (404);
//! 3. a path that can be read in two ways is no [`Canonical`], and so no endpoint. One whose prefix and endpoint name two
//!    different models is not known.
//!
//! ```
//! use portcullis::ai::dialect::Dialect;
//! use portcullis::ai::dialects::{Dialects, ModelIn};
//! use portcullis::ai::vocabulary::Operation;
//! use portcullis::http::path::Canonical;
//!
//! let block = serde_json::json!([
//!     {"prefix": "/llm/{tenant}", "dialect": "openai", "strip_prefix": true, "model_from": {"header": "x-model"}},
//! ]);
//! let dialects = Dialects::compile(&serde_json::from_value::<Vec<_>>(block).unwrap()).unwrap();
//!
//! let path = Canonical::read(b"/llm/acme/v1/chat/completions").unwrap();
//! let asked = dialects.find("POST", &path);
//! assert_eq!((asked.dialect, asked.operation()), (Dialect::OpenAi, Operation::Chat));
//! assert_eq!(asked.model, ModelIn::Header("x-model"));
//! assert_eq!(dialects.find("PUT", &path).allow().as_deref(), Some("POST, GET"));
//! ```

mod compile;
mod prefix;
pub mod written;

use std::cell::{OnceCell, RefCell};

use self::prefix::Prefix;
use self::written::ModelFrom;
use super::dialect::Dialect;
use super::endpoint::Endpoint;
use super::generic::Draft;
use super::paths::Paths;
use super::vocabulary::Operation;
use crate::http::path::Canonical;

/// What an operator said of paths of their own, compiled.
#[derive(Debug, Default)]
pub struct Dialects {
    places: Vec<Place>,
    /// The endpoints that the APIs document, once somebody looks for one.
    documented: OnceCell<Paths>,
}

/// A prefix, and what is below it.
#[derive(Debug)]
struct Place {
    prefix: Prefix,
    dialect: Dialect,
    strip_prefix: bool,
    add_prefix: Vec<String>,
    model_from: Option<ModelFrom>,
    /// What an operator described, until somebody looks for it.
    described: RefCell<Vec<Draft>>,
    /// The endpoints below it, once somebody looks for one: not every filter does. No closure that is made when this is
    /// compiled: it would link the tables into every filter.
    endpoints: OnceCell<Paths>,
}

/// What a request asks for, by its method and path.
#[derive(Debug, Clone)]
pub struct Asked<'p> {
    /// Whose API it is.
    pub dialect: Dialect,
    /// What the API has there.
    pub target: Target,
    /// Where the model is said.
    pub model: ModelIn<'p>,
}

/// What an API has at a path.
#[derive(Debug, Clone)]
pub enum Target {
    /// This, by this method.
    Endpoint(&'static Endpoint),
    /// Something, by these other methods: 405, with `allow`.
    OtherMethod(Vec<&'static str>),
    /// Nothing that is known: 404.
    Unknown,
}

/// Where the model of a request is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelIn<'p> {
    /// In the path: this one.
    Path(&'p str),
    /// In the body.
    Body,
    /// In the header of this name.
    Header(&'p str),
    /// Nowhere: only the path would count, and it names none.
    Nowhere,
}

impl Asked<'_> {
    /// The endpoint, if there is one by this method.
    pub fn endpoint(&self) -> Option<&'static Endpoint> {
        match self.target {
            Target::Endpoint(endpoint) => Some(endpoint),
            Target::OtherMethod(_) | Target::Unknown => None,
        }
    }

    /// What the endpoint does; [`Operation::Unknown`] if there is none.
    pub fn operation(&self) -> Operation {
        self.endpoint().map(|endpoint| endpoint.operation).unwrap_or_default()
    }

    /// The value of `allow` (RFC 9110 section 10.2.1) for a path that is known with other methods.
    pub fn allow(&self) -> Option<String> {
        match &self.target {
            Target::OtherMethod(methods) => Some(methods.join(", ")),
            Target::Endpoint(_) | Target::Unknown => None,
        }
    }
}

impl<'p> ModelIn<'p> {
    fn of(from: Option<&'p ModelFrom>, in_path: Option<&'p str>) -> Self {
        match (from, in_path) {
            (None | Some(ModelFrom::Path), Some(name)) => Self::Path(name),
            (None, None) | (Some(ModelFrom::Body), _) => Self::Body,
            (Some(ModelFrom::Path), None) => Self::Nowhere,
            (Some(ModelFrom::Header(header)), _) => Self::Header(header),
        }
    }
}

impl Dialects {
    /// What a method asks for at a path.
    pub fn find<'p>(&'p self, method: &str, path: &'p Canonical) -> Asked<'p> {
        let path: Vec<&str> = path.segments().iter().map(String::as_str).collect();
        if let Some(asked) = self.places.iter().find_map(|place| place.find(method, &path)) {
            return asked;
        }
        let documented = self.documented.get_or_init(|| Endpoint::all().collect());
        let (target, model) = look_up(documented, method, &path);
        let dialect = match &target {
            Target::Endpoint(endpoint) => endpoint.dialect,
            _ => Dialect::of_path(format!("/{}", path.join("/")).as_bytes()),
        };
        Asked { dialect, target, model: ModelIn::of(None, model) }
    }

    /// The dialect of a `:path`, for refusals: also of a path that is refused because it can be read in two ways.
    pub fn of_path(&self, path: &[u8]) -> Dialect {
        let own = if self.places.is_empty() { None } else { self.of_own_path(path) };
        own.unwrap_or_else(|| Dialect::of_path(path))
    }

    fn of_own_path(&self, path: &[u8]) -> Option<Dialect> {
        let canonical = Canonical::read(path);
        let plain = path.split(|byte| *byte == b'?').next().and_then(|path| std::str::from_utf8(path).ok());
        let segments: Vec<&str> = match &canonical {
            Ok(canonical) => canonical.segments().iter().map(String::as_str).collect(),
            Err(_) => plain?.split('/').filter(|segment| !segment.is_empty()).collect(),
        };
        self.places.iter().find(|place| place.prefix.below(&segments).is_some()).map(|place| place.dialect)
    }

    /// The headers that say a model: each may stand only once in a request.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        self.places.iter().filter_map(|place| match &place.model_from {
            Some(ModelFrom::Header(name)) => Some(name.as_str()),
            _ => None,
        })
    }
}

impl Place {
    /// What is asked for, if the path is below the prefix.
    fn find<'p>(&'p self, method: &str, path: &[&'p str]) -> Option<Asked<'p>> {
        let below = self.prefix.below(path)?;
        let kept = if self.strip_prefix { below.rest } else { path };
        let path: Vec<&str> = self.add_prefix.iter().map(String::as_str).chain(kept.iter().copied()).collect();
        let (target, model) = look_up(self.endpoints(), method, &path);
        let names_two = below.model.is_some() && model.is_some() && below.model != model;
        Some(Asked {
            dialect: self.dialect,
            target: if names_two { Target::Unknown } else { target },
            model: ModelIn::of(self.model_from.as_ref(), model.or(below.model)),
        })
    }

    fn endpoints(&self) -> &Paths {
        self.endpoints.get_or_init(|| match self.dialect {
            Dialect::Generic => self.described.take().into_iter().map(Draft::leak).collect(),
            dialect => Endpoint::all().filter(|endpoint| endpoint.dialect == dialect).collect(),
        })
    }
}

/// The first of the endpoints that is at the path by this method, or by which methods one is; and the model in the path.
fn look_up<'p>(endpoints: &Paths, method: &str, path: &[&'p str]) -> (Target, Option<&'p str>) {
    let mut others = Vec::new();
    for found in endpoints.find(path) {
        if found.endpoint.takes(method) {
            return (Target::Endpoint(found.endpoint), found.model);
        }
        if !others.contains(&found.endpoint.method) {
            others.push(found.endpoint.method);
        }
    }
    (if others.is_empty() { Target::Unknown } else { Target::OtherMethod(others) }, None)
}

#[cfg(test)]
mod tests;
