//! What the head of a request says that asks something of a model: where it goes, to which API, with which models, and who
//! is calling. Asked of the proxy once, for every filter that decides by it.
//!
//! What two servers could read in two ways is refused before anything is decided: path, query, host and method.

use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

use crate::ai::dialect::Dialect;
use crate::ai::dialects::{Dialects, ModelIn};
use crate::ai::endpoint::Endpoint;
use crate::ai::vocabulary::{Operation, Reads};
use crate::host::{Host, HostError, Side};
use crate::http::header::{Headers, is_encoded};
use crate::http::media::is_json;
use crate::http::query::Query;
use crate::identity::{Identity, Recent, Unknown};
use crate::select::{Needs, Subject};

/// What is known of a request before its body.
#[derive(Debug)]
pub struct Head {
    /// Its fields, as they came.
    pub headers: Rc<Headers>,
    /// Host, method, path and route.
    pub subject: Subject,
    /// Which API the path belongs to.
    pub dialect: Dialect,
    /// What the API has there.
    pub endpoint: Option<&'static Endpoint>,
    /// The models that path, header and query name.
    pub models: Vec<String>,
    /// Who is calling; `None` is an anonymous caller.
    pub identity: Option<Rc<Identity>>,
}

/// Why nothing can be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unclear {
    /// Path, query, host or method is missing or can be read in two ways.
    Ambiguous,
    /// What stands in the place of an identity is none.
    IdentityMalformed,
    /// The proxy could not be asked.
    Host,
}

/// What can be done about a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// It is read by the table of its endpoint, when it is whole.
    Read,
    /// It would be, but it is in a content coding.
    Encoded,
    /// It would be, but it is said to be something else than JSON.
    OtherType,
    /// Nobody here reads it: an upload, what belongs to no API, or none at all.
    Unread,
    /// It is no body but a conversation in another protocol.
    Upgrade,
}

impl Head {
    /// Reads it; the identity, if somebody remembers those that were read.
    pub fn read(
        host: &dyn Host,
        dialects: &Dialects,
        identities: Option<&Recent>,
        needs_route: bool,
    ) -> Result<Self, Unclear> {
        let headers = host.headers(Side::Request).map_err(failed)?;
        let route = if needs_route { host.property(&["xds", "route_name"]).map_err(failed)? } else { None };
        let needs = Needs { host: true, path: true, method: true, route: needs_route };
        let subject = Subject::read(&headers, route.as_deref(), needs).map_err(|_| Unclear::Ambiguous)?;
        let path = subject.path().ok_or(Unclear::Ambiguous)?;
        let place = dialects.find(subject.method(), path);
        let mut models: Vec<String> = model(place.model, &headers)?.into_iter().collect();
        models.extend(query_models(&headers)?);
        Ok(Self {
            dialect: place.dialect,
            endpoint: place.endpoint(),
            models,
            identity: identities.map_or(Ok(None), |recent| identity(host, recent))?,
            headers,
            subject,
        })
    }

    /// Who is calling, and nothing else: for who decides by that alone.
    pub fn of_caller(host: &dyn Host, identities: Option<&Recent>) -> Result<Self, Unclear> {
        Ok(Self {
            headers: Rc::default(),
            subject: Subject::default(),
            dialect: Dialect::Unknown,
            endpoint: None,
            models: Vec::new(),
            identity: identities.map_or(Ok(None), |recent| identity(host, recent))?,
        })
    }

    /// What is done there.
    pub fn operation(&self) -> Operation {
        self.endpoint.map_or(Operation::Unknown, |endpoint| endpoint.operation)
    }

    /// The `:path`, as it came.
    pub fn path(&self) -> &[u8] {
        self.headers.first(":path").unwrap_or_default()
    }

    /// Whether there is a field of this name.
    pub fn has(&self, name: &str) -> bool {
        self.headers.first(name).is_some()
    }

    /// What can be done about the body.
    pub fn body(&self) -> Body {
        if self.has("upgrade") || self.subject.method() == "CONNECT" {
            return Body::Upgrade;
        }
        match self.endpoint.map(|endpoint| endpoint.reads) {
            Some(Reads::Whole) if is_encoded(&self.headers) => Body::Encoded,
            Some(Reads::Whole) if !self.headers.all("content-type").all(is_json) => Body::OtherType,
            Some(Reads::Whole) => Body::Read,
            Some(Reads::Stream | Reads::Head) | None => Body::Unread,
        }
    }
}

/// The caller's address as Envoy knows it: `10.0.0.1:1234`, `[::1]:1234`; a socket in the file system has none.
pub fn source(host: &dyn Host) -> Result<Option<IpAddr>, HostError> {
    let address = host.property(&["source", "address"])?;
    let address = address.as_deref().and_then(|address| std::str::from_utf8(address).ok());
    Ok(address.and_then(|address| address.parse::<SocketAddr>().ok()).map(|address| address.ip().to_canonical()))
}

fn failed(_: HostError) -> Unclear {
    Unclear::Host
}

/// Who is calling; `None` is an anonymous caller.
pub fn identity(host: &dyn Host, recent: &Recent) -> Result<Option<Rc<Identity>>, Unclear> {
    match recent.read(host) {
        Ok(identity) => Ok(Some(identity)),
        Err(Unknown::Absent) => Ok(None),
        Err(Unknown::Malformed) => Err(Unclear::IdentityMalformed),
        Err(Unknown::Host(_)) => Err(Unclear::Host),
    }
}

/// The model that the head says where the body does not: in the path, or in the header that an operator named.
pub fn model(model: ModelIn<'_>, headers: &Headers) -> Result<Option<String>, Unclear> {
    match model {
        ModelIn::Path(model) => Ok(Some(model.to_owned())),
        ModelIn::Header(name) => match headers.first(name).filter(|value| !value.is_empty()) {
            Some(value) => String::from_utf8(value.to_vec()).map(Some).map_err(|_| Unclear::Ambiguous),
            None => Ok(None),
        },
        ModelIn::Body | ModelIn::Nowhere => Ok(None),
    }
}

/// The models that the query names: servers read one there, and Azure's live conversations a deployment.
fn query_models(headers: &Headers) -> Result<Vec<String>, Unclear> {
    let query = Query::of(headers.first(":path").unwrap_or_default()).map_err(|_| Unclear::Ambiguous)?;
    let texts = |name| query.texts(name).ok_or(Unclear::Ambiguous);
    Ok([texts("model")?, texts("deployment")?].concat())
}
