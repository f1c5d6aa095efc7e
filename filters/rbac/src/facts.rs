//! What a decision is about, asked of the proxy once and kept while a body is awaited.

use std::borrow::Cow;
use std::net::IpAddr;
use std::rc::Rc;

use portcullis::ai::dialect::Dialect;
use portcullis::ai::dialects::ModelIn;
use portcullis::ai::endpoint::Endpoint;
use portcullis::ai::vocabulary::{Operation, Reads};
use portcullis::head::{self, Unclear};
use portcullis::http::header::is_encoded;
use portcullis::http::media::is_json;
use portcullis::http::query::Query;
use portcullis::identity::Identity;
use portcullis::prelude::*;
use portcullis::select::{self, Subject};

use crate::certificate;
use crate::filter::Rbac;
use crate::policy::{Certificate, Head, ModelPlace, Reason, is_lookup};

/// Headers by which frameworks take a request's method for another.
pub(crate) const METHOD_HEADERS: &[&str] = &["x-http-method-override", "x-method-override", "x-http-method"];
/// Parameters that do the same, in frameworks and at Google, where one says other headers too.
pub(crate) const METHOD_PARAMETERS: &[&str] = &["_method", "$httpMethod", "$httpHeaders"];

/// What is known of a request before its body.
pub(crate) struct Facts {
    pub(crate) headers: Rc<Headers>,
    pub(crate) endpoint: Option<&'static Endpoint>,
    /// The name of its route, if a rule looks at it.
    pub(crate) route: Option<Vec<u8>>,
    /// Whether headers or the query would make its method another.
    pub(crate) has_override: bool,
    /// Whether what its body asks for is told to others.
    pub(crate) tells_request: bool,
    identity: Option<Rc<Identity>>,
    certificate: Option<Certificate>,
    subject: Subject,
    dialect: Dialect,
    path_model: Option<String>,
    model_place: ModelPlace,
    query_models: Vec<String>,
    source: Option<IpAddr>,
    now: u64,
}

/// How a body is decided on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plan {
    /// It is read. If it is not JSON that an API documents there, it must be none.
    Await,
    /// There is none.
    Empty,
    /// It is not read.
    Pass,
}

impl Facts {
    /// Asks for what the policy looks at. Path, host and method are always read: on them everything else depends.
    pub(crate) fn read(host: &dyn Host, rbac: &Rbac) -> Result<Self, Reason> {
        let (failed, needs) = (|_| Reason::HostFailed, rbac.policy.needs());
        let headers = host.headers(Side::Request).map_err(failed)?;
        let route = if needs.route { route(host).map_err(failed)? } else { None };
        let needed = select::Needs { host: true, path: true, method: true, route: needs.route };
        let subject = Subject::read(&headers, route.as_deref(), needed).map_err(|_| Reason::AmbiguousRequest)?;
        let query = InQuery::of(headers.first(":path").unwrap_or_default()).ok_or(Reason::AmbiguousRequest)?;
        let path = subject.path().ok_or(Reason::AmbiguousRequest)?;
        let place = rbac.dialects.find(subject.method(), path);
        let (dialect, endpoint) = (place.dialect, place.endpoint());
        let head_model = head::model(place.model, &headers)?;
        let has_header = headers.iter().any(|(name, _)| is_override(name));
        Ok(Self {
            identity: head::identity(host, &rbac.identities)?,
            certificate: if needs.certificate { certificate::read(host).map_err(failed)? } else { None },
            source: if needs.source { head::source(host).map_err(failed)? } else { None },
            now: if needs.clock { host.wall().seconds() } else { 0 },
            dialect,
            endpoint,
            path_model: head_model,
            model_place: model_place(place.model, endpoint),
            query_models: query.models,
            has_override: has_header || query.has_override,
            tells_request: rbac.tells_request,
            headers,
            subject,
            route,
        })
    }

    /// The same for the policy.
    pub(crate) fn head(&self) -> Head<'_> {
        Head {
            identity: self.identity.as_deref(),
            certificate: self.certificate.as_ref(),
            headers: &self.headers,
            subject: &self.subject,
            dialect: self.dialect,
            operation: self.operation(),
            path_model: self.path_model.as_deref(),
            model_place: self.model_place,
            query_models: &self.query_models,
            source: self.source,
            now: self.now,
        }
    }

    pub(crate) fn operation(&self) -> Operation {
        self.endpoint.map_or(Operation::Unknown, |endpoint| endpoint.operation)
    }

    /// The models that path and query name.
    pub(crate) fn models(&self) -> impl Iterator<Item = &String> {
        self.path_model.iter().chain(&self.query_models)
    }

    /// The endpoint, if its body is read.
    pub(crate) fn readable(&self) -> Option<&'static Endpoint> {
        self.endpoint.filter(|endpoint| endpoint.reads == Reads::Whole)
    }

    /// What to do about the body. A request without a length may have one over HTTP/2, so that what ends with its headers
    /// is told by awaiting it; what could stream is not held up.
    pub(crate) fn plan(&self) -> Plan {
        let has_length = self.has("content-length") || self.has("transfer-encoding");
        match self.endpoint.map(|endpoint| endpoint.reads) {
            _ if self.has("upgrade") || self.subject.method() == "CONNECT" => Plan::Pass,
            _ if self.is_empty() => Plan::Empty,
            Some(Reads::Whole) => Plan::Await,
            Some(Reads::Head) if !has_length => Plan::Await,
            None if self.is_lookup() && !has_length => Plan::Await,
            Some(Reads::Stream | Reads::Head) | None => Plan::Pass,
        }
    }

    /// Whether its method has no body but by mistake, and asks no model for an answer. A conversation that begins with
    /// `GET` is none.
    pub(crate) fn is_lookup(&self) -> bool {
        is_lookup(self.subject.method()) && !self.has("upgrade")
    }

    /// Whether a body is said to be coded, so that nobody here can read it.
    pub(crate) fn is_encoded(&self) -> bool {
        is_encoded(&self.headers)
    }

    /// Whether the body is said to be something else than JSON: a server that believes it reads it otherwise than we do.
    pub(crate) fn is_other_than_json(&self) -> bool {
        self.headers.all("content-type").any(|value| !is_json(value))
    }

    /// Whom the request asks, as it is written there.
    pub(crate) fn host(&self) -> String {
        String::from_utf8_lossy(self.headers.first(":authority").unwrap_or_default()).to_ascii_lowercase()
    }

    /// Its `:path`, as it came.
    pub(crate) fn path(&self) -> &[u8] {
        self.headers.first(":path").unwrap_or_default()
    }

    fn is_empty(&self) -> bool {
        self.headers.only("content-length") == Ok(Some(b"0")) && !self.has("transfer-encoding")
    }

    fn has(&self, name: &str) -> bool {
        self.headers.first(name).is_some()
    }
}

/// The name of the route that Envoy chose.
pub(crate) fn route(host: &dyn Host) -> Result<Option<Vec<u8>>, HostError> {
    host.property(&["xds", "route_name"])
}

/// Where else a server looks for the model: who reads JSON there looks for it in the body.
fn model_place(model: ModelIn<'_>, endpoint: Option<&Endpoint>) -> ModelPlace {
    match endpoint.map(|endpoint| endpoint.reads) {
        _ if model != ModelIn::Body => ModelPlace::Head,
        Some(Reads::Whole) => ModelPlace::Body,
        _ => ModelPlace::Query,
    }
}

impl From<Unclear> for Reason {
    fn from(unclear: Unclear) -> Self {
        match unclear {
            Unclear::Ambiguous => Self::AmbiguousRequest,
            Unclear::IdentityMalformed => Self::IdentityMalformed,
            Unclear::Host => Self::HostFailed,
        }
    }
}

fn is_override(name: &[u8]) -> bool {
    METHOD_HEADERS.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
}

/// What the query says that a decision depends on.
struct InQuery {
    models: Vec<String>,
    has_override: bool,
}

impl InQuery {
    /// `None` if it can be read in two ways.
    fn of(path: &[u8]) -> Option<Self> {
        let query = Query::of(path).ok()?;
        // Azure's live conversations name a deployment.
        let models = [query.texts("model")?, query.texts("deployment")?].concat();
        Some(Self { models, has_override: METHOD_PARAMETERS.iter().any(|name| query.values(name).next().is_some()) })
    }
}

/// The status of an answer.
pub(crate) fn status(headers: &Headers) -> Cow<'_, str> {
    String::from_utf8_lossy(headers.first(":status").unwrap_or_default())
}
