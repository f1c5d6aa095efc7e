//! What a token must be, beside signed: the checks of RFC 7519, RFC 8725 and RFC 9068, each with its own reason.

use std::rc::Rc;

use super::claims::Claims;
use super::denial::{Denial, Reason};
use super::jwk::{Algorithm, KeySet};
use super::jws::{Header, is_media_type};
use super::mapping::Mapping;
use super::time::{Now, Round, Validity};

/// An issuer of tokens, and what its tokens must be.
#[derive(Debug)]
pub struct Provider {
    /// Its `iss`, compared byte by byte.
    pub issuer: String,
    /// Whom its tokens may be for; one of them must be in `aud`.
    pub audiences: Vec<String>,
    /// What its tokens may be signed with.
    pub algorithms: Vec<Algorithm>,
    /// Its keys.
    pub keys: KeySet,
    /// How far its clock and ours may differ.
    pub clock_skew_seconds: u64,
    /// The `typ` that its tokens bear; empty: any, or none.
    pub types: Vec<String>,
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
    pub(super) state: Rc<[u8]>,
}

impl Provider {
    /// Checks what a token says; who says it is for [`Jws::signer`](super::Jws::signer).
    pub(super) fn examine(&self, header: &Header, claims: &Claims, now: Now) -> Result<Assertion, Denial> {
        let algorithm = header.algorithm(&self.algorithms)?;
        self.check_type(header)?;
        self.check_audience(claims)?;
        let validity = validity(claims)?;
        validity.check(now, self.clock_skew_seconds)?;
        let state = self.mapping.state(&self.issuer, claims)?;
        Ok(Assertion { algorithm, validity, state: state.into() })
    }

    fn check_type(&self, header: &Header) -> Result<(), Denial> {
        let is_wanted = |typ: &str| self.types.iter().any(|wanted| is_media_type(typ, wanted));
        let fits = self.types.is_empty() || header.typ.as_deref().is_some_and(is_wanted);
        if fits { Ok(()) } else { Err(Reason::WrongType.into()) }
    }

    /// `aud` is one text or a list of texts (RFC 7519 section 4.1.3); anything else in it refuses.
    fn check_audience(&self, claims: &Claims) -> Result<(), Denial> {
        let named = match claims.get("aud") {
            Some(serde_json::Value::String(one)) => vec![one.clone()],
            Some(_) => claims.texts("aud")?,
            None => return Err(Reason::BadClaim.about("aud")),
        };
        let is_ours = named.iter().any(|audience| self.audiences.contains(audience));
        if is_ours { Ok(()) } else { Err(Reason::WrongAudience.into()) }
    }
}

fn validity(claims: &Claims) -> Result<Validity, Denial> {
    let ends = claims.date("exp", Round::Down)?.ok_or(Reason::BadClaim.about("exp"))?;
    let begins = claims.date("nbf", Round::Up)?.max(claims.date("iat", Round::Up)?);
    Ok(Validity { begins: begins.unwrap_or_default(), ends })
}
