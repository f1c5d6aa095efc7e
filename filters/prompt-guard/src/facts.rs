//! What the head of a request says, asked of the proxy once and kept while its body is awaited.

use portcullis::ai::dialects::Dialects;
use portcullis::ai::endpoint::Endpoint;
use portcullis::ai::vocabulary::{Operation, Reads};
use portcullis::head::{Body, Head, Unclear};
use portcullis::http::header::is_encoded;
use portcullis::http::query::Query;
use portcullis::identity::Recent;
use portcullis::prelude::*;

use crate::policy::Asked;
use crate::refusal::Reason;

/// What is known of a request before its body.
pub(crate) struct Facts(Head);

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
        Head::read(host, dialects, Some(identities), needs_route).map(Self).map_err(|unclear| match unclear {
            Unclear::Ambiguous => Reason::Ambiguous,
            Unclear::IdentityMalformed => Reason::IdentityMalformed,
            Unclear::Host => Reason::HostFailed,
        })
    }

    pub(crate) fn endpoint(&self) -> Option<&'static Endpoint> {
        self.0.endpoint
    }

    pub(crate) fn dialect(&self) -> &'static str {
        self.0.dialect.word()
    }

    /// The same with the models that a body names.
    pub(crate) fn naming(&mut self, models: impl Iterator<Item = String>) {
        self.0.models.extend(models);
    }

    pub(crate) fn asked(&self) -> Asked<'_> {
        Asked {
            subject: &self.0.subject,
            tenant: self.0.identity.as_ref().and_then(|identity| identity.tenant.as_deref()),
            operation: self.operation(),
            models: &self.0.models,
        }
    }

    /// The `:path` as it came.
    pub(crate) fn path(&self) -> &[u8] {
        self.0.path()
    }

    pub(crate) fn operation(&self) -> Operation {
        self.0.operation()
    }

    /// What can be done about its body.
    pub(crate) fn plan(&self) -> Plan {
        match (self.0.body(), self.0.endpoint.map(|endpoint| endpoint.reads)) {
            (Body::Upgrade, _) => Plan::Upgrade,
            _ if self.is_encoded() => Plan::Unreadable(Reason::ContentEncoding),
            (Body::Read, _) if self.0.has("content-type") => Plan::Read,
            (_, Some(Reads::Whole | Reads::Stream)) => Plan::Unreadable(Reason::ContentType),
            (_, Some(Reads::Head) | None) => Plan::Unreadable(Reason::UnknownOperation),
        }
    }

    /// Whether the head says that there is a body. Over HTTP/2 there may be one without a word.
    pub(crate) fn announces_a_body(&self) -> bool {
        let length = self.0.headers.first("content-length");
        length.is_some_and(|length| length != b"0") || self.has("transfer-encoding")
    }

    /// Whether the bytes of the body are signed, so that nobody can write them anew: AWS Signature Version 4, also in the query, HTTP message
    /// signatures (RFC 9421), digests (RFC 9530, RFC 3230).
    pub(crate) fn is_signed(&self) -> bool {
        const SIGNATURES: [&str; 6] =
            ["x-amz-content-sha256", "signature", "content-digest", "repr-digest", "digest", "content-md5"];
        let is_aws = |value: &[u8]| value.starts_with(b"AWS4-") || value.starts_with(b"AWS ");
        let in_query = || Query::of(self.path()).is_ok_and(|query| query.values("X-Amz-Signature").next().is_some());
        SIGNATURES.iter().any(|name| self.has(name)) || self.0.headers.all("authorization").any(is_aws) || in_query()
    }

    pub(crate) fn is_encoded(&self) -> bool {
        is_encoded(&self.0.headers)
    }

    fn has(&self, name: &str) -> bool {
        self.0.has(name)
    }
}
