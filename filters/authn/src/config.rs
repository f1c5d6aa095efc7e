//! What an operator writes. Each field says what it decides, its unit, default and range, and what follows from it.
//!
//! `schema.json` and the README's table follow this text; a test compares the names.

use std::collections::BTreeMap;

use portcullis::config::{Secret, Size};
use portcullis::document::Fetch;
use portcullis::prelude::Millis;
use portcullis::select::When;
use serde::Deserialize;
use serde_json::Value;

/// The configuration of one instance, beside the settings that every filter has (`name`, `max_body_bytes`,
/// `memory_budget`, `dialects`, `shadow`, `candidate`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where callers show credentials. Default: `authorization` with the prefix `Bearer `. A request that shows more of
    /// them than its rule wants is refused. They are removed before a request goes on, but for tokens of a provider that
    /// says `forward`, and not under a rule in `shadow`.
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
    /// What others learn about the caller.
    #[serde(default)]
    pub identity: Identity,
    /// Resources whose metadata (RFC 9728) is served to anybody on their well-known paths and named in challenges.
    /// Default: none.
    #[serde(default)]
    pub protected_resources: Vec<ProtectedResource>,
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

/// A place in which a credential may stand: exactly one of `header`, `query` and `cookie`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Credential {
    /// A header's name, in lower case.
    pub header: Option<String>,
    /// A query parameter's name. Queries end in logs and browser histories: only for callers that cannot do else.
    pub query: Option<String>,
    /// A cookie's name. Browsers send cookies for other sites too: put Envoy's `csrf` filter before this one.
    pub cookie: Option<String>,
    /// A scheme and one blank that stand before the credential in a header: `Bearer `. The scheme's case does not
    /// matter. Default: none, the whole value is the credential.
    pub prefix: Option<String>,
    /// What may stand there: `api_key`, `token`, or `any`. Default: `any` behind a prefix, `api_key` elsewhere.
    pub form: Option<Form>,
}

/// What a credential may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// An API key, or a token if no key set of the rule has it: `OpenAI`'s SDK sends keys as `Bearer`.
    Any,
    /// An API key.
    ApiKey,
    /// A token (RFC 7519).
    Token,
}

/// An issuer of tokens, and what its tokens must be.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// The product that issues: `okta`, `auth0`, `cognito`, `entra`, `google`, `keycloak`. It fills in what its
    /// documentation says of its access tokens (Google: ID tokens), and only what is not written here. Default: none.
    pub preset: Option<Preset>,
    /// What `iss` must equal, byte by byte. No two providers have one issuer.
    pub issuer: String,
    /// Whom tokens may be for: one of these must be in `aud`. At least one; without this check a token for any other
    /// service of the issuer would open this one.
    pub audiences: Vec<String>,
    /// The path to the claim that says whom a token is for, where that is not `aud`: `["client_id"]` in Cognito's access
    /// tokens. Default: `["aud"]`, or the preset's.
    pub audience_claim: Option<Vec<String>>,
    /// What tokens may be signed with: `RS256`, `RS384`, `RS512`, `PS256`, `PS384`, `PS512`, `ES256`, `ES384`, `EdDSA`;
    /// or, with secrets alone, `HS256`, `HS384`, `HS512`. At least one, here or from the preset.
    pub algorithms: Option<Vec<String>>,
    /// The issuer's public keys: a JWK set (RFC 7517). Unusable keys are skipped and counted (`keys_skipped`); a set
    /// with secrets, with two keys of one `kid` or without a usable key is refused. Exactly one of `jwks_inline`,
    /// `jwks_uri`, `oidc_discovery`, `hmac_secret` and `hmac_jwks` is given.
    pub jwks_inline: Option<Value>,
    /// Where the issuer publishes its JWK set.
    pub jwks_uri: Option<Remote>,
    /// That the issuer says itself where its JWK set is (`OpenID` Connect Discovery).
    pub oidc_discovery: Option<Discovery>,
    /// What issuer and gateway both know. At least as long as the hash of the longest algorithm (RFC 7518 section 3.2).
    pub hmac_secret: Option<Secret>,
    /// Several such secrets as a JWK set of `oct` keys, for rotation by `kid`.
    pub hmac_jwks: Option<Secret>,
    /// How far the issuer's clock and ours may differ, in whole seconds. Default `60s`, at most `5m`. A token is
    /// accepted that much before `nbf` and after `exp`.
    #[serde(default = "default_clock_skew")]
    pub clock_skew: Millis,
    /// The `typ` that tokens must bear, such as `at+jwt` (RFC 9068): without case, with or without `application/`.
    /// Default: the preset's, else any or none, so that an ID token for the same audience passes too.
    pub typ: Option<Vec<String>>,
    /// What further claims must be. All must hold; those of the preset too. Default: none.
    #[serde(default)]
    pub required_claims: Vec<Condition>,
    /// How long ago a token may have been issued; `iat` is then required. Whole seconds, at most `720h`. Default: as long
    /// as it is valid.
    pub max_token_age: Option<Millis>,
    /// The longest token. Default `16KiB`, `256B` to `64KiB`. Longer ones are refused before anything is decoded.
    #[serde(default = "default_max_token_bytes")]
    pub max_token_bytes: Size,
    /// How many keys are tried for a token without `kid`. Default 4, 1 to 10: each costs a signature check.
    #[serde(default = "default_max_keys_tried")]
    pub max_keys_tried: usize,
    /// The path to the claim that lists roles, as member names: `["realm_access", "roles"]`. Default: the preset's, else
    /// no roles. A claim that is there and no list of texts refuses the token.
    pub roles_claim: Option<Vec<String>>,
    /// The path to the claim that names the tenant. Default: the preset's, else no tenant. A claim that is no text refuses
    /// the token.
    pub tenant_claim: Option<Vec<String>>,
    /// Whether the token stays in the request that goes to the upstream. Default `false`: an upstream that does not
    /// need it cannot leak it.
    #[serde(default)]
    pub forward: bool,
}

/// A product that issues tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Okta, custom authorization servers.
    Okta,
    /// Auth0, access tokens of either profile.
    Auth0,
    /// Amazon Cognito user pools, access tokens.
    Cognito,
    /// Microsoft Entra ID, access tokens of version 2.0.
    Entra,
    /// Google, ID tokens.
    Google,
    /// Keycloak, access tokens.
    Keycloak,
}

/// A document on the network.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remote {
    /// Its URL, `https` or `http`; the cluster decides whether the connection is encrypted.
    pub uri: String,
    /// The Envoy cluster that leads there.
    pub cluster: String,
    /// How it is fetched and how long it lasts.
    #[serde(default)]
    pub fetch: Fetch,
}

/// `OpenID` Connect Discovery.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discovery {
    /// The URL of the issuer's configuration. Default: the issuer and `/.well-known/openid-configuration`. Its `issuer`
    /// must equal the provider's.
    pub uri: Option<String>,
    /// The Envoy cluster for every host that `uri` and the configuration's `jwks_uri` may name, as `host` or `host:port`.
    /// Any other host is refused.
    pub clusters: BTreeMap<String, String>,
    /// How both documents are fetched and how long they last.
    #[serde(default)]
    pub fetch: Fetch,
}

/// What a claim must be: exactly one of `equals`, `any_of` and `contains`. A claim that is absent or of another type
/// does not fit.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The path to the claim.
    pub claim: Vec<String>,
    /// A text, number or boolean that it must equal.
    pub equals: Option<Value>,
    /// Texts, numbers or booleans of which it must equal one.
    pub any_of: Option<Vec<Value>>,
    /// A text, number or boolean that must be one of the claim's items; the claim is an array.
    pub contains: Option<Value>,
}

/// A set of API keys: `keys`, or a `document` that holds them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeySet {
    /// The keys. At least one.
    pub keys: Option<Vec<ApiKey>>,
    /// Where the keys are published: a JSON object with an array `keys`, each as here. A bad key in it refuses the whole
    /// document, and the last good one stays in force.
    pub document: Option<Remote>,
    /// A secret that is hashed with each key (HMAC-SHA-256), so that whoever reads the hashes cannot test guesses. At least
    /// 32 bytes. Its keys have `hmac_sha256` instead of `sha256`. Default: none.
    pub pepper: Option<Secret>,
}

/// An API key, by its hash. `portcullis hash-key` prints one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    /// A name for the key that is no secret, unique in the configuration; other filters see it as `api_key`.
    pub id: String,
    /// The SHA-256 of the key, 64 lower-case hex digits: `printf %s "$KEY" | sha256sum`. Keys must be random (16 bytes
    /// at least); what people choose can be found from its hash.
    pub sha256: Option<String>,
    /// The HMAC-SHA-256 of the key with the set's pepper, 64 lower-case hex digits. Only in a set with a pepper, and there
    /// required.
    pub hmac_sha256: Option<String>,
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
    /// `enforce`, or `shadow`: what would be refused is counted and written into the verdict, and passes without an
    /// identity; no credential is removed. Default `enforce`.
    #[serde(default)]
    pub mode: Mode,
}

/// What a caller must show.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Requirement {
    /// One credential that any of these providers and key sets accepts.
    Any(Vec<String>),
    /// As many credentials as there are names, each in a place of its own, and each name accepts one of them. The first
    /// name says who is calling; a key set among the others adds `api_key` and `models` to the identity. At most 4.
    All(Vec<String>),
    /// `true`: nothing. Credentials that are shown anyway are not looked at and do not go on. Only with `when`.
    Anonymous(bool),
}

/// What becomes of a refusal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// It refuses.
    #[default]
    Enforce,
    /// It is counted, and the request passes.
    Shadow,
}

/// What others learn about the caller.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Identity {
    /// Claims that other filters get as they are, each by its path of member names: `[["department"], ["org", "unit"]]`.
    /// Default: none. At most 32; what they add up to counts towards the 8 KiB of an identity.
    pub claims: Vec<Vec<String>>,
    /// Headers that tell the upstream who is calling. Default: none, at most 16. Every request loses headers of these
    /// names first, whatever rule it meets.
    pub headers: Vec<IdentityHeader>,
    /// Those of these headers by which routes of Envoy may be chosen. Nothing is done with it here: `portcullis check` tells of
    /// routes that follow another, because filters that stand before authn saw another route. Default: none.
    pub routes_by: Vec<String>,
}

/// A header that tells the upstream something of the identity.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityHeader {
    /// The header's name, in lower case.
    pub header: String,
    /// The path in the identity: `["sub"]`, `["tenant"]`, `["roles"]`, `["claims", "department"]`. Absent there: the
    /// header is not sent. Text and numbers are written as they are, a list of texts with commas between; a value with
    /// other characters than visible ASCII and blanks, or with a comma inside a list, refuses the caller (`bad_claim`).
    pub value: Vec<String>,
}

/// A protected resource (RFC 9728).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProtectedResource {
    /// Its identifier: an `https` URL without query and fragment. Its path says where the metadata is served
    /// (`/.well-known/oauth-protected-resource` and that path) and whose challenges name it: the resource with the longest
    /// path that begins the request's.
    pub resource: String,
    /// Issuers whose tokens it accepts. Default: those of all providers.
    pub authorization_servers: Option<Vec<String>>,
    /// Scopes that callers may ask for. Default: not said.
    #[serde(default)]
    pub scopes_supported: Vec<String>,
    /// Its name for people. Default: not said.
    pub resource_name: Option<String>,
    /// Where its documentation is. Default: not said.
    pub resource_documentation: Option<String>,
}

/// Verified tokens are remembered, so that a signature is checked once. Each takes about 0.5 KiB, at most 9 KiB.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TokenCache {
    /// The most tokens that one worker remembers. Default 4096, at most 65536; 0 remembers none.
    pub entries: usize,
    /// How long a token is good without a new check of its signature. Default `5m`, at most `1h`. Expiry, and whether its
    /// key is still in the issuer's set, is looked at with every request.
    pub max_age: Millis,
}

impl Default for TokenCache {
    fn default() -> Self {
        Self { entries: 4096, max_age: Millis(300_000) }
    }
}

fn default_credentials() -> Vec<Credential> {
    let header = Some("authorization".to_owned());
    vec![Credential { header, prefix: Some("Bearer ".to_owned()), ..Credential::default() }]
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
