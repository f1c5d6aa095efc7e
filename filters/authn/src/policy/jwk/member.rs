//! The members of a JWK, each of its type or at fault.

use serde_json::{Map, Value};

use super::super::base64url;
use super::Fault;

pub(super) fn text<'a>(jwk: &'a Map<String, Value>, name: &'static str) -> Result<Option<&'a str>, Fault> {
    jwk.get(name).map(|value| value.as_str().ok_or(Fault::Member(name))).transpose()
}

pub(super) fn required<'a>(jwk: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, Fault> {
    text(jwk, name)?.ok_or(Fault::Member(name))
}

pub(super) fn bytes(jwk: &Map<String, Value>, name: &'static str) -> Result<Vec<u8>, Fault> {
    base64url::decode(required(jwk, name)?).ok_or(Fault::Member(name))
}

/// A coordinate is as long as its field, zeros included (RFC 7518 section 6.2.1.2).
pub(super) fn sized<const N: usize>(jwk: &Map<String, Value>, name: &'static str) -> Result<[u8; N], Fault> {
    bytes(jwk, name)?.try_into().map_err(|_| Fault::Member(name))
}
