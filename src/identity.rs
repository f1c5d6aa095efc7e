//! Who is calling: what authn writes into filter state and every other filter reads.
//!
//! It travels as one JSON object under `portcullis.identity` (`wasm.portcullis.identity` for access logs, native RBAC
//! and CEL), declared read-only, where no client can reach it. Absent means unauthenticated. What cannot be parsed, or is
//! of another version, is no identity: who reads it refuses the request (503) and decides nothing by it.

mod recent;

use std::fmt::Write as _;

pub use recent::Recent;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::host::HostError;
use crate::json;

/// The name in filter state.
pub const STATE: &str = "portcullis.identity";

/// The same name as access logs and the proxy's properties say it.
const IN_FILTER_STATE: &str = "wasm.portcullis.identity";

/// The version that this code writes and the only one it reads.
const VERSION: u32 = 1;

/// The largest identity that is written or read, in bytes.
pub const MAX_BYTES: usize = 8 * 1024;

/// Who is calling.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    v: u32,
    /// The subject: `sub` of a token, `subject` of an API key.
    pub sub: String,
    /// The issuer of the token; absent for an API key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// The tenant the caller belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The API key's id; absent for a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key: Option<String>,
    /// Roles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// OAuth scopes (RFC 6749 section 3.3).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// When the user authenticated, seconds since the epoch (OpenID Connect Core section 2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<u64>,
    /// Authentication context class (OpenID Connect Core section 2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// Authentication methods (RFC 8176).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// The token's identifier (RFC 7519 section 4.1.7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// Models that the credential itself is limited to; absent: not limited by the credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub models: Option<Vec<String>>,
    /// How the token is bound to its holder (RFC 7800).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Value>,
    /// Exactly the claims that authn's `identity.claims` lists.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub claims: Map<String, Value>,
}

/// Why there is no identity to go by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unknown {
    /// Nobody wrote one: authn did not run, or let an anonymous caller pass.
    Absent,
    /// What stands there is not an identity of this version.
    Malformed,
    /// The proxy could not be asked.
    Host(HostError),
}

impl Identity {
    /// An identity with this subject.
    pub fn of(sub: impl Into<String>) -> Self {
        Self { v: VERSION, sub: sub.into(), ..Self::default() }
    }

    /// Its form in filter state; `None` when it is larger than [`MAX_BYTES`].
    ///
    /// Access logs print it as it stands, so no character in it moves a cursor, ends a line or turns text around.
    pub fn to_state(&self) -> Option<Vec<u8>> {
        let text = printable(&serde_json::to_string(self).ok()?);
        Some(text.into_bytes()).filter(|bytes| bytes.len() <= MAX_BYTES)
    }

    /// Reads its form in filter state.
    pub fn from_state(bytes: &[u8]) -> Result<Self, Unknown> {
        if bytes.len() > MAX_BYTES {
            return Err(Unknown::Malformed);
        }
        let value = json::parse(bytes, json::Limits::default()).map_err(|_| Unknown::Malformed)?;
        let identity: Self = serde_json::from_value(value).map_err(|_| Unknown::Malformed)?;
        if identity.v == VERSION { Ok(identity) } else { Err(Unknown::Malformed) }
    }
}

/// The same JSON with `\u` escapes for what JSON lets stand and a terminal or a reader would obey: DEL and the C1
/// controls, line and paragraph separators, and the marks that reorder text. Outside strings JSON has none of them.
fn printable(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '\u{7f}'..='\u{9f}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                write!(text, "\\u{:04x}", u32::from(character)).ok();
            }
            plain => text.push(plain),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_read_back_as_written() {
        let mut alice = Identity::of("alice");
        alice.roles = vec!["user".to_owned()];
        alice.models = Some(vec![]);
        assert_eq!(Identity::from_state(&alice.to_state().unwrap()), Ok(alice));
    }

    #[test]
    fn an_identity_in_a_log_obeys_nobody() {
        let mut alice = Identity::of("alice");
        alice.tenant = Some("gr\u{fc}n \u{9b}2J\u{7f}\u{85}\u{2028}\u{202e}\r\n\u{1b}[31m".to_owned());
        let state = String::from_utf8(alice.to_state().unwrap()).unwrap();
        assert!(!state.chars().any(char::is_control), "{state:?}");
        assert!(state.contains("gr\u{fc}n \\u009b2J\\u007f\\u0085\\u2028\\u202e\\r\\n\\u001b[31m"), "{state}");
        assert_eq!(Identity::from_state(state.as_bytes()), Ok(alice));
    }

    #[test]
    fn anything_else_means_unauthenticated() {
        for state in [
            &b""[..],
            b"alice",
            br#"{"v":2,"sub":"alice"}"#,
            br#"{"sub":"alice"}"#,
            br#"{"v":1}"#,
            br#"{"v":1,"sub":"alice","sub":"admin"}"#,
            br#"{"v":1,"sub":"alice","admin":true}"#,
        ] {
            assert_eq!(Identity::from_state(state), Err(Unknown::Malformed), "{}", String::from_utf8_lossy(state));
        }
    }

    #[test]
    fn it_has_one_name() {
        assert_eq!(IN_FILTER_STATE.strip_prefix("wasm."), Some(STATE));
    }

    #[test]
    fn an_identity_over_eight_kib_is_not_written() {
        assert_eq!(Identity::of("a".repeat(MAX_BYTES)).to_state(), None);
    }
}
