//! What a token must be, beside signed: the checks of RFC 7519, RFC 8725 and RFC 9068, each with its own reason.

use std::rc::Rc;

use portcullis::document::Latest;

use super::caller::Caller;
use super::claims::{Claims, Path, texts_of};
use super::condition::Condition;
use super::denial::{Denial, DocumentId, Reason};
use super::jwk::{Algorithm, KeySet};
use super::jws::{Header, is_media_type};
use super::mapping::Mapping;
use super::time::{Now, Round, Validity};

/// An issuer of tokens, and what its tokens must be.
#[derive(Debug)]
pub struct Provider {
    /// Its `iss`, compared byte by byte.
    pub issuer: String,
    /// Whom its tokens may be for; one of them must be in `audience_claim`.
    pub audiences: Vec<String>,
    /// Where a token says whom it is for.
    pub audience_claim: Path,
    /// What its tokens may be signed with.
    pub algorithms: Vec<Algorithm>,
    /// Its keys; none while they have not come or are too old.
    pub keys: Rc<Latest<KeySet>>,
    /// Where its keys come from, if not from the configuration.
    pub document: Option<DocumentId>,
    /// How far its clock and ours may differ.
    pub clock_skew_seconds: u64,
    /// The `typ` that its tokens bear; empty: any, or none.
    pub types: Vec<String>,
    /// What further claims must be.
    pub conditions: Vec<Condition>,
    /// How long ago its tokens may have been issued.
    pub max_age_seconds: Option<u64>,
    /// The longest token.
    pub max_token_bytes: usize,
    /// How many keys are tried for a token without `kid`: each try costs as much as a request.
    pub max_keys_tried: usize,
    /// How its claims become an identity.
    pub mapping: Mapping,
    /// Whether the token goes on to the upstream.
    pub forward: bool,
}

/// What a token asserts, everything but its signature checked.
#[derive(Debug)]
pub(super) struct Assertion {
    pub(super) algorithm: Algorithm,
    pub(super) validity: Validity,
    pub(super) caller: Caller,
}

impl Provider {
    /// Checks what a token says; who says it is for [`Jws::signer`](super::Jws::signer).
    pub(super) fn examine(&self, header: &Header, claims: &Claims, now: Now) -> Result<Assertion, Denial> {
        let algorithm = header.algorithm(&self.algorithms)?;
        self.check_type(header)?;
        self.check_audience(claims)?;
        let validity = self.validity(claims)?;
        validity.check(now, self.clock_skew_seconds)?;
        self.conditions.iter().try_for_each(|condition| condition.check(claims))?;
        let caller = self.mapping.caller(&self.issuer, claims)?;
        Ok(Assertion { algorithm, validity, caller })
    }

    /// The keys to check a token with.
    pub(super) fn keys(&self) -> Result<Rc<KeySet>, Denial> {
        self.keys.get().ok_or(Reason::KeysUnavailable.lacking(self.document))
    }

    fn check_type(&self, header: &Header) -> Result<(), Denial> {
        let is_wanted = |typ: &str| self.types.iter().any(|wanted| is_media_type(typ, wanted));
        let fits = self.types.is_empty() || header.typ.as_deref().is_some_and(is_wanted);
        if fits { Ok(()) } else { Err(Reason::WrongType.into()) }
    }

    /// One text or a list of texts (RFC 7519 section 4.1.3); anything else in it refuses.
    fn check_audience(&self, claims: &Claims) -> Result<(), Denial> {
        let found = claims.at(&self.audience_claim).ok_or(Reason::BadClaim.about("aud"))?;
        let named = texts_of(found, "aud")?;
        let is_ours = named.iter().any(|audience| self.audiences.iter().any(|ours| ours == audience));
        if is_ours { Ok(()) } else { Err(Reason::WrongAudience.into()) }
    }

    fn validity(&self, claims: &Claims) -> Result<Validity, Denial> {
        let ends = claims.date("exp", Round::Down)?.ok_or(Reason::BadClaim.about("exp"))?;
        let issued = claims.date("iat", Round::Up)?;
        let begins = claims.date("nbf", Round::Up)?.max(issued).unwrap_or_default();
        let ages = match self.max_age_seconds {
            Some(age) => claims.date("iat", Round::Down)?.ok_or(Reason::BadClaim.about("iat"))?.saturating_add(age),
            None => u64::MAX,
        };
        Ok(Validity { begins, ends, ages })
    }
}
