//! What an operator writes. Each field says what it decides, its unit, default and range, and what follows from it.
//!
//! `schema.json` and the README's table follow this text; a test compares the names.

use std::collections::BTreeMap;

use portcullis::config::Size;
use portcullis::prelude::Millis;
use portcullis::select::When;
use serde::Deserialize;
use serde_json::Value;

/// The configuration of one instance, beside the settings that every filter has (`name`, `max_body_bytes`,
/// `memory_budget`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where callers show credentials. Default: `authorization` with the prefix `Bearer `. A request that has two of
    /// these headers is refused, and all of them are removed before a request goes on.
    #[serde(default = "default_credentials")]
    pub credentials: Vec<Credential>,
    /// Issuers of tokens, by a name that rules use. Default: none.
    #[serde(default)]
    pub providers: BTreeMap<String, Provider>,
    /// Sets of API keys, by a name that rules use. Default: none. One provider or one set there must be.
    #[serde(default)]
    pub key_sets: BTreeMap<String, KeySet>,
    /// Which requests need what. The first rule that is about a request decides; a request that no rule is about is
    /// refused. Default: one rule, `default`, that accepts any provider and any key set.
    pub rules: Option<Vec<Rule>>,
    /// What other filters learn about the caller.
    #[serde(default)]
    pub identity: Identity,
    /// How many verified tokens are remembered, and for how long.
    #[serde(default)]
    pub token_cache: TokenCache,
    /// The `realm` of the challenge that a refused caller gets: visible ASCII without `"` and `\`, at most 64 bytes.
    /// Default: the instance's name.
    pub realm: Option<String>,
    /// Whether the decision is written to filter state `portcullis.authn` for access logs. Default `true`; `false`
    /// saves about a microsecond a request.
    #[serde(default = "yes")]
    pub verdict: bool,
}

/// A header in which credentials may stand.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// The header's name, in lower case.
    pub header: String,
    /// A scheme and one blank that stand before the credential: `Bearer `. The scheme's case does not matter. Default:
    /// none, the whole value is the credential. Behind a scheme stands an API key or a token; a bare value is an API
    /// key.
    pub prefix: Option<String>,
}

/// An issuer of tokens, and what its tokens must be.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// What `iss` must equal, byte by byte. No two providers have one issuer.
    pub issuer: String,
    /// Whom tokens may be for: one of these must be in `aud`. At least one; without this check a token for any other
    /// service of the issuer would open this one.
    pub audiences: Vec<String>,
    /// What tokens may be signed with: `RS256`, `ES256`, `EdDSA`. At least one.
    pub algorithms: Vec<String>,
    /// The issuer's public keys: a JWK set (RFC 7517). Unusable keys are skipped and counted (`keys_skipped`); a set
    /// with secrets, with two keys of one `kid` or without a usable key is refused.
    pub jwks_inline: Value,
    /// How far the issuer's clock and ours may differ, in whole seconds. Default `60s`, at most `5m`. A token is
    /// accepted that much before `nbf` and after `exp`.
    #[serde(default = "default_clock_skew")]
    pub clock_skew: Millis,
    /// The `typ` that tokens must bear, such as `at+jwt` (RFC 9068): without case, with or without `application/`.
    /// Default: any or none, so that an ID token for the same audience passes too.
    pub typ: Option<Vec<String>>,
    /// The longest token. Default `16KiB`, `256B` to `64KiB`. Longer ones are refused before anything is decoded.
    #[serde(default = "default_max_token_bytes")]
    pub max_token_bytes: Size,
    /// How many keys are tried for a token without `kid`. Default 4, 1 to 10: each costs a signature check.
    #[serde(default = "default_max_keys_tried")]
    pub max_keys_tried: usize,
    /// The path to the claim that lists roles, as member names: `["realm_access", "roles"]`. Default: no roles. A
    /// claim that is there and no list of texts refuses the token.
    pub roles_claim: Option<Vec<String>>,
    /// The path to the claim that names the tenant. Default: no tenant. A claim that is no text refuses the token.
    pub tenant_claim: Option<Vec<String>>,
    /// Whether the token stays in the request that goes to the upstream. Default `false`: an upstream that does not
    /// need it cannot leak it.
    #[serde(default)]
    pub forward: bool,
}

/// A set of API keys.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeySet {
    /// The keys. At least one.
    pub keys: Vec<ApiKey>,
}

/// An API key, by its hash.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    /// A name for the key that is no secret, unique in the configuration; other filters see it as `api_key`.
    pub id: String,
    /// The SHA-256 of the key, 64 lower-case hex digits: `printf %s "$KEY" | sha256sum`. Keys must be random (16 bytes
    /// at least); what people choose can be found from its hash.
    pub sha256: String,
    /// Who calls with it: `sub` of the identity.
    pub subject: String,
    /// Roles of the caller. Default: none.
    #[serde(default)]
    pub roles: Vec<String>,
    /// OAuth scopes of the caller. Default: none.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// The caller's tenant. Default: none.
    pub tenant: Option<String>,
    /// The models that the key is good for; rbac enforces it. Default: not limited by the key. An empty list: none.
    pub models: Option<Vec<String>>,
    /// The last second in which the key is good, since the Unix epoch. Default: no end.
    pub not_after: Option<u64>,
    /// Whether the key is switched off. Default `false`.
    #[serde(default)]
    pub disabled: bool,
}

/// Which requests need what.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The rule's name in verdicts and logs, unique.
    pub name: String,
    /// Which requests it is about: `hosts`, `methods`, `paths`, `routes`; all that are given must fit. Default: every
    /// request.
    #[serde(default)]
    pub when: When,
    /// What a caller must show.
    pub require: Requirement,
}

/// What a caller must show.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Requirement {
    /// One credential that any of these providers and key sets accepts.
    Any(Vec<String>),
    /// `true`: nothing. Credentials that are shown anyway are not looked at and do not go on. Only with `when`.
    Anonymous(bool),
}

/// What other filters learn about the caller.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Identity {
    /// Claims that are handed on as they are, each by its path of member names: `[["department"], ["org", "unit"]]`.
    /// Default: none. At most 32; what they add up to counts towards the 8 KiB of an identity.
    pub claims: Vec<Vec<String>>,
}

/// Verified tokens are remembered, so that a signature is checked once. Each takes about 0.5 KiB, at most 9 KiB.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TokenCache {
    /// The most tokens that one worker remembers. Default 4096, at most 65536; 0 remembers none.
    pub entries: usize,
    /// How long a token is good without a new check of its signature. Default `5m`, at most `1h`. Expiry is looked at
    /// with every request.
    pub max_age: Millis,
}

impl Default for TokenCache {
    fn default() -> Self {
        Self { entries: 4096, max_age: Millis(300_000) }
    }
}

fn default_credentials() -> Vec<Credential> {
    vec![Credential { header: "authorization".to_owned(), prefix: Some("Bearer ".to_owned()) }]
}

fn default_clock_skew() -> Millis {
    Millis(60_000)
}

fn default_max_token_bytes() -> Size {
    Size(16 << 10)
}

fn default_max_keys_tried() -> usize {
    4
}

fn yes() -> bool {
    true
}
