//! A signed token as it comes: three parts, one spelling, a header that means no more than we understand
//! (RFC 7515 section 7.1, RFC 8725).
//!
//! In this order:
//! 1. exactly three parts, joined by dots, each canonical base64url;
//! 2. the header is one strict JSON object; `alg` is a string, `kid` and `typ` are strings if they are there;
//! 3. `crit`, in whatever form, and `b64` are refused: no extension is understood (RFC 7515 section 4.1.11, RFC 7797),
//!    and a header that says it is there is not to be ignored;
//! 4. `cty` naming a token is refused: what is inside a nested token was signed by nobody we know.
//!
//! `jwk`, `jku`, `x5u` and `x5c` are never looked at: keys come from the operator, not from the token.
//!
//! Who signed it is asked last: [`Jws::signer`] tries the key that `kid` names, or without `kid` a few.

use portcullis::json::{self, Limits};
use serde_json::{Map, Value};

use super::denial::{Denial, Reason};
use super::jwk::{Algorithm, Key, KeyId, KeySet};
use super::signature::Signature;
use super::{Undecided, base64url};

/// A token, taken apart. Nothing about it is known to be true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jws<'a> {
    /// What the header says.
    pub header: Header,
    /// The second part, decoded.
    pub payload: Vec<u8>,
    /// What was signed: the first two parts and their dot, as they came.
    pub message: &'a [u8],
    /// The third part, decoded.
    pub signature: Vec<u8>,
}

/// The parameters that have a say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The algorithm it claims.
    pub alg: String,
    /// The key it claims.
    pub kid: Option<String>,
    /// What kind of token it claims to be.
    pub typ: Option<String>,
}

/// A header is a handful of short members; `x5c` can bring some certificates.
const LIMITS: Limits = Limits {
    depth: 8,
    duplicates: json::Duplicates::Refuse,
    exact_integers: false,
    members: 64,
    values: 256,
    name_bytes: 256,
    string_bytes: 32 << 10,
    number_bytes: 64,
    tree_bytes: 256 << 10,
};

/// Whether a text has the three parts of a signed token.
pub(super) fn has_three_parts(text: &str) -> bool {
    text.split('.').count() == 3
}

impl<'a> Jws<'a> {
    /// Takes a token apart.
    pub fn read(token: &'a str) -> Result<Self, Denial> {
        let malformed = Denial::from(Reason::MalformedToken);
        let (message, signature) = token.rsplit_once('.').ok_or(malformed)?;
        let (header, payload) = message.split_once('.').ok_or(malformed)?;
        let header = base64url::decode(header).ok_or(Reason::MalformedToken.about("header"))?;
        Ok(Self {
            header: Header::read(&header)?,
            payload: base64url::decode(payload).ok_or(Reason::MalformedToken.about("claims"))?,
            message: message.as_bytes(),
            signature: base64url::decode(signature).ok_or(Reason::MalformedToken.about("signature"))?,
        })
    }

    /// Which of the keys signed it. Each that may have is asked about, `max_keys_tried` at most: an attempt costs as much
    /// as a request.
    pub fn signer(
        &self,
        keys: &KeySet,
        algorithm: Algorithm,
        max_keys_tried: usize,
        mut is_good: impl FnMut(&Signature<'_>) -> Result<bool, Undecided>,
    ) -> Result<KeyId, Denial> {
        let candidates: Vec<&Key> = keys.candidates(algorithm, self.header.kid.as_deref()).collect();
        if candidates.is_empty() {
            return Err(Reason::UnknownKey.into());
        }
        let signature = |key| Signature::new(algorithm, key, self.message, &self.signature);
        for signature in candidates.into_iter().filter_map(signature).take(max_keys_tried) {
            if is_good(&signature).map_err(|Undecided| Reason::CannotVerify)? {
                return Ok(signature.key_id());
            }
        }
        Err(Reason::BadSignature.into())
    }
}

impl Header {
    /// The algorithm it claims, if it is one of these.
    pub fn algorithm(&self, allowed: &[Algorithm]) -> Result<Algorithm, Denial> {
        let named = allowed.iter().find(|algorithm| algorithm.name() == self.alg);
        named.copied().ok_or(Reason::AlgNotAllowed.into())
    }

    fn read(bytes: &[u8]) -> Result<Self, Denial> {
        let Ok(Value::Object(header)) = json::parse(bytes, LIMITS) else {
            return Err(Reason::MalformedToken.about("header"));
        };
        check_extensions(&header)?;
        Ok(Self {
            alg: text(&header, "alg")?.ok_or(Reason::AlgNotAllowed.about("alg"))?,
            kid: text(&header, "kid")?,
            typ: text(&header, "typ")?,
        })
    }
}

fn check_extensions(header: &Map<String, Value>) -> Result<(), Denial> {
    if header.contains_key("crit") {
        return Err(Reason::UnsupportedToken.about("crit"));
    }
    if header.contains_key("b64") {
        return Err(Reason::UnsupportedToken.about("b64"));
    }
    let is_nested = text(header, "cty")?.is_some_and(|cty| is_media_type(&cty, "jwt"));
    if is_nested { Err(Reason::UnsupportedToken.about("cty")) } else { Ok(()) }
}

fn text(header: &Map<String, Value>, name: &'static str) -> Result<Option<String>, Denial> {
    match header.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) if name == "alg" => Err(Reason::AlgNotAllowed.about(name)),
        Some(_) => Err(Reason::MalformedToken.about(name)),
    }
}

/// Whether `found` is this type: without case, with or without `application/` (RFC 7515 section 4.1.9).
pub(super) fn is_media_type(found: &str, wanted: &str) -> bool {
    bare(found).eq_ignore_ascii_case(bare(wanted))
}

fn bare(text: &str) -> &str {
    match text.split_at_checked("application/".len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case("application/") && !rest.contains('/') => rest,
        _ => text,
    }
}
