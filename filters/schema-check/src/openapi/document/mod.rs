//! What an enforcing filter needs of a document: operations, their parameters, bodies and answers, and where the schema
//! of each stands. References between objects are followed here; those between schemas are the validator's.
//!
//! Only `paths` are read: webhooks and callbacks are requests that the API itself makes.

mod follow;
mod media;
mod parameter;
mod read;
mod servers;

use std::collections::{BTreeMap, BTreeSet};

use super::Version;
use super::template::Template;

/// The JSON pointer of a schema in the document.
pub type Where = String;

/// A contract.
#[derive(Debug, Clone)]
pub struct Document {
    /// What it is written to.
    pub version: Version,
    /// The path prefixes of its servers, without a slash at the end; one that is empty if it has no servers.
    pub bases: Vec<String>,
    /// Its operations, in the order of their paths.
    pub operations: Vec<Operation>,
}

/// What can be done at a path.
#[derive(Debug, Clone)]
pub struct Operation {
    /// As it stands in a request: `GET`.
    pub method: String,
    /// The path, without a base.
    pub template: Template,
    /// The path prefixes below which it is found: of its own servers, those of its path, or those of the document.
    pub bases: Vec<String>,
    /// Its `operationId`.
    pub id: Option<String>,
    /// Where it stands.
    pub pointer: String,
    /// Those of its path and its own, without headers that are not parameters (Accept, Content-Type, Authorization).
    pub parameters: Vec<Parameter>,
    /// The body of a request; none: nothing is said about it.
    pub body: Option<Body>,
    /// What may be answered.
    pub responses: Vec<Response>,
}

/// A value beside the body.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools)] // The specification's own.
pub struct Parameter {
    /// Its name; of a header in any case.
    pub name: String,
    /// Where it stands in a request.
    pub place: Place,
    /// Whether it must be there.
    pub required: bool,
    /// How a value is written.
    pub style: Style,
    /// Whether each item or member of a value stands apart.
    pub explode: bool,
    /// Whether reserved characters stand in it unescaped.
    pub allow_reserved: bool,
    /// Whether it can be there without a value.
    pub allow_empty: bool,
    /// What it is.
    pub value: Value,
    /// Where it is described.
    pub pointer: String,
}

/// What a parameter or header is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Written by its style, it fits this schema.
    Schema(Where),
    /// A text of a media type, which fits the schema if there is one.
    Content(String, Option<Where>),
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// An expression of the path.
    Path,
    /// A field of the query.
    Query,
    /// A header.
    Header,
    /// A cookie.
    Cookie,
    /// The whole query.
    QueryString,
}

/// How arrays and objects are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `;name=value`
    Matrix,
    /// `.value`
    Label,
    /// `a,b`
    Simple,
    /// `name=a,b`
    Form,
    /// `a%20b`
    SpaceDelimited,
    /// `a|b`
    PipeDelimited,
    /// `name[member]=value`
    DeepObject,
    /// `name=value; name=value`, nothing escaped.
    Cookie,
}

/// The body of a request.
#[derive(Debug, Clone)]
pub struct Body {
    /// Whether there must be one.
    pub required: bool,
    /// What it may be.
    pub content: Vec<Media>,
}

/// What content of a media type is.
#[derive(Debug, Clone)]
pub struct Media {
    /// `application/json`, `image/*` or `*/*`, in lower case, with parameters if the document has them.
    pub range: String,
    /// What the whole is.
    pub schema: Option<Where>,
    /// What each item of a sequence is (3.2).
    pub item_schema: Option<Where>,
    /// How members of forms are written, by name.
    pub encoding: BTreeMap<String, Encoding>,
    /// How the parts of a multipart body are written, by position (3.2).
    pub prefix_encoding: Vec<Encoding>,
    /// The same of the parts behind those (3.2).
    pub item_encoding: Option<Encoding>,
}

/// How a part or a field of a form is written.
#[derive(Debug, Clone)]
pub struct Encoding {
    /// The media types that it may have, in lower case; empty: the default for its schema.
    pub content_types: Vec<String>,
    /// Headers of the part.
    pub headers: Vec<Header>,
    /// How its value is written; none: by its media type.
    pub style: Option<Style>,
    /// Whether each item or member stands apart.
    pub explode: bool,
    /// Whether reserved characters stand in it unescaped.
    pub allow_reserved: bool,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Response {
    /// To which statuses this applies.
    pub statuses: Statuses,
    /// Its headers, without Content-Type.
    pub headers: Vec<Header>,
    /// What its body may be; empty: nothing is said about it.
    pub content: Vec<Media>,
    /// Where it is described.
    pub pointer: String,
}

/// The statuses of an answer; the first kind here wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Statuses {
    /// `404`
    Exact(u16),
    /// `4XX`: its first digit.
    Class(u8),
    /// Any other.
    Default,
}

/// A header, written in style simple.
#[derive(Debug, Clone)]
pub struct Header {
    /// Its name, in any case.
    pub name: String,
    /// Whether it must be there.
    pub required: bool,
    /// Whether members of an object are written `a=b`.
    pub explode: bool,
    /// What it is.
    pub value: Value,
}

impl Document {
    /// The schemas that its operations need, each once.
    pub fn schemas(&self) -> BTreeSet<&str> {
        self.operations.iter().flat_map(Operation::schemas).collect()
    }
}

impl Operation {
    /// The schemas that it needs.
    pub fn schemas(&self) -> impl Iterator<Item = &str> {
        let parameters = self.parameters.iter().filter_map(|parameter| parameter.value.schema());
        parameters.chain(self.request_schemas()).chain(self.responses.iter().flat_map(Response::schemas))
    }

    fn request_schemas(&self) -> impl Iterator<Item = &str> {
        self.body.iter().flat_map(|body| &body.content).flat_map(Media::schemas)
    }
}

impl Response {
    /// The schemas that it needs.
    pub fn schemas(&self) -> impl Iterator<Item = &str> {
        let headers = self.headers.iter().filter_map(|header| header.value.schema());
        headers.chain(self.content.iter().flat_map(Media::schemas))
    }
}

impl Media {
    /// The schemas that it needs.
    pub fn schemas(&self) -> impl Iterator<Item = &str> {
        let encodings = self.encoding.values().chain(&self.prefix_encoding).chain(&self.item_encoding);
        let headers = encodings.flat_map(|encoding| &encoding.headers).filter_map(|header| header.value.schema());
        self.schema.as_deref().into_iter().chain(self.item_schema.as_deref()).chain(headers)
    }
}

impl Value {
    /// Its schema.
    pub fn schema(&self) -> Option<&str> {
        match self {
            Self::Schema(at) => Some(at),
            Self::Content(_, at) => at.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests;
