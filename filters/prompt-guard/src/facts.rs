//! What the head of a request says, asked of the proxy once and kept while its body is awaited.

use std::rc::Rc;

use portcullis::ai::dialects::{Dialects, ModelIn};
use portcullis::ai::endpoint::Endpoint;
use portcullis::ai::vocabulary::{Operation, Reads};
use portcullis::http::header::is_encoded;
use portcullis::http::media::is_json;
use portcullis::http::query::Query;
use portcullis::identity::{Recent, Unknown};
use portcullis::prelude::*;
use portcullis::select::{Needs, Subject};

use crate::policy::Asked;
use crate::refusal::Reason;

/// What is known of a request before its body.
pub(crate) struct Facts {
    headers: Rc<Headers>,
    subject: Subject,
    tenant: Option<String>,
    pub(crate) endpoint: Option<&'static Endpoint>,
    pub(crate) dialect: &'static str,
    /// The models that the head names, and then those of the body.
    models: Vec<String>,
}

/// What can be done about a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plan {
    /// It is read by the table of its endpoint.
    Read,
    /// Nobody here can read it, for this reason, if there is one at all.
    Unreadable(Reason),
    /// It is no body but a conversation in another protocol.
    Upgrade,
}

impl Facts {
    pub(crate) fn read(
        host: &dyn Host,
        dialects: &Dialects,
        identities: &Recent,
        needs_route: bool,
    ) -> Result<Self, Reason> {
        let failed = |_| Reason::HostFailed;
        let headers = host.headers(Side::Request).map_err(failed)?;
        let route = if needs_route { host.property(&["xds", "route_name"]).map_err(failed)? } else { None };
        let needs = Needs { host: true, path: true, method: true, route: needs_route };
        let subject = Subject::read(&headers, route.as_deref(), needs).map_err(|_| Reason::Ambiguous)?;
        let path = subject.path().ok_or(Reason::Ambiguous)?;
        let place = dialects.find(subject.method(), path);
        let mut models: Vec<String> = head_model(place.model, &headers)?.into_iter().collect();
        models.extend(query_models(&headers)?);
        Ok(Self {
            tenant: tenant(host, identities)?,
            endpoint: place.endpoint(),
            dialect: place.dialect.word(),
            models,
            headers,
            subject,
        })
    }

    /// The same with the models that a body names.
    pub(crate) fn naming(&mut self, models: impl Iterator<Item = String>) {
        self.models.extend(models);
    }

    pub(crate) fn asked(&self) -> Asked<'_> {
        Asked {
            subject: &self.subject,
            tenant: self.tenant.as_deref(),
            operation: self.operation(),
            models: &self.models,
        }
    }

    /// The `:path` as it came.
    pub(crate) fn path(&self) -> &[u8] {
        self.headers.first(":path").unwrap_or_default()
    }

    pub(crate) fn operation(&self) -> Operation {
        self.endpoint.map_or(Operation::Unknown, |endpoint| endpoint.operation)
    }

    /// What can be done about its body.
    pub(crate) fn plan(&self) -> Plan {
        if self.has("upgrade") || self.subject.method() == "CONNECT" {
            return Plan::Upgrade;
        }
        if self.is_encoded() {
            return Plan::Unreadable(Reason::ContentEncoding);
        }
        match self.endpoint.map(|endpoint| endpoint.reads) {
            Some(Reads::Whole) if self.is_json() => Plan::Read,
            Some(Reads::Whole | Reads::Stream) => Plan::Unreadable(Reason::ContentType),
            Some(Reads::Head) | None => Plan::Unreadable(Reason::UnknownOperation),
        }
    }

    /// Whether the head says that there is a body. Over HTTP/2 there may be one without a word.
    pub(crate) fn announces_a_body(&self) -> bool {
        let length = self.headers.first("content-length");
        length.is_some_and(|length| length != b"0") || self.has("transfer-encoding")
    }

    /// Whether the bytes of the body are signed, so that nobody can write them anew: AWS Signature Version 4, also in the query, HTTP message
    /// signatures (RFC 9421), digests (RFC 9530, RFC 3230).
    pub(crate) fn is_signed(&self) -> bool {
        const SIGNATURES: [&str; 6] =
            ["x-amz-content-sha256", "signature", "content-digest", "repr-digest", "digest", "content-md5"];
        let is_aws = |value: &[u8]| value.starts_with(b"AWS4-") || value.starts_with(b"AWS ");
        let in_query = || Query::of(self.path()).is_ok_and(|query| query.values("X-Amz-Signature").next().is_some());
        SIGNATURES.iter().any(|name| self.has(name)) || self.headers.all("authorization").any(is_aws) || in_query()
    }

    pub(crate) fn is_encoded(&self) -> bool {
        is_encoded(&self.headers)
    }

    fn is_json(&self) -> bool {
        let mut types = self.headers.all("content-type");
        types.next().is_some_and(is_json) && types.next().is_none()
    }

    fn has(&self, name: &str) -> bool {
        self.headers.first(name).is_some()
    }
}

/// The tenant of the caller, as authn wrote it.
fn tenant(host: &dyn Host, identities: &Recent) -> Result<Option<String>, Reason> {
    match identities.read(host) {
        Ok(identity) => Ok(identity.tenant.clone()),
        Err(Unknown::Absent) => Ok(None),
        Err(Unknown::Malformed) => Err(Reason::IdentityMalformed),
        Err(Unknown::Host(_)) => Err(Reason::HostFailed),
    }
}

/// The models that the query names: servers read one there, and Azure's live conversations a deployment.
fn query_models(headers: &Headers) -> Result<Vec<String>, Reason> {
    let query = Query::of(headers.first(":path").unwrap_or_default()).map_err(|_| Reason::Ambiguous)?;
    let texts = |name| query.texts(name).ok_or(Reason::Ambiguous);
    Ok([texts("model")?, texts("deployment")?].concat())
}

/// The model that the head says where the body does not.
fn head_model(model: ModelIn<'_>, headers: &Headers) -> Result<Option<String>, Reason> {
    match model {
        ModelIn::Path(model) => Ok(Some(model.to_owned())),
        ModelIn::Header(name) => match headers.first(name).filter(|value| !value.is_empty()) {
            Some(value) => String::from_utf8(value.to_vec()).map(Some).map_err(|_| Reason::Ambiguous),
            None => Ok(None),
        },
        ModelIn::Body | ModelIn::Nowhere => Ok(None),
    }
}
