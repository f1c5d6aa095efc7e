//! What an operator writes. Each field says what it decides, its unit, default and range, and what follows from it.
//!
//! `schema.json` and the README's table follow this text.

use std::collections::BTreeMap;

use portcullis::prelude::Millis;
use portcullis::select::When as Select;
use serde::Deserialize;
use serde_json::Value;

/// The configuration of one instance, beside the settings that every filter has (`name`, `max_body_bytes`,
/// `memory_budget`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How rules become one decision: `first_match` or `deny_overrides`. Required, because either is surprising to who
    /// expects the other.
    pub combining: Combining,
    /// `validated_by_listener`: the listener in front checks every client certificate that it is shown against an authority
    /// that the operator trusts (`trusted_ca`, and no `trust_chain_verification: ACCEPT_UNTRUSTED`); it need not require
    /// one. Default: absent, and no certificate is looked at; what needs one is then refused at load.
    pub client_certificates: Option<Certificates>,
    /// Where roles come from, and which include which. Default: the roles of the identity.
    #[serde(default)]
    pub roles: Roles,
    /// Who may do what, at most 4096 rules. Required; `[]` denies everything.
    pub rules: Vec<Rule>,
    /// How models are treated apart from rules.
    #[serde(default)]
    pub models: Models,
    /// What is remembered of what was seen.
    #[serde(default)]
    pub inventory: Inventory,
    /// What becomes of a request that asks a server to take its method for another one (`x-http-method-override`,
    /// `x-method-override`, `x-http-method`, `_method`, `$httpMethod` and `$httpHeaders` in the query). Default `strip`.
    #[serde(default)]
    pub method_override: MethodOverride,
    /// The realm in challenges: 1 to 64 printable ASCII characters without `"` and `\`. Default: the instance's name.
    pub realm: Option<String>,
    /// Whether what is read of a body is told in filter state `portcullis.request`, so that filters behind this one need not
    /// read it: rate limits of tokens. Default `false`.
    #[serde(default)]
    pub request_state: bool,
    /// Whether the decision is written to filter state `portcullis.rbac` for access logs. Default `true`.
    #[serde(default = "yes")]
    pub verdict: bool,
}

/// How rules become one decision. A request that no rule allows is denied in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Combining {
    /// The first rule that matches decides.
    FirstMatch,
    /// A deny that matches decides, then an allow; the order of rules means nothing.
    DenyOverrides,
}

/// What becomes of a request that asks a server to take its method for another one. Rules decide on the method that is
/// written in the request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MethodOverride {
    /// The headers and the parameter are taken out of what goes on.
    #[default]
    Strip,
    /// It is refused (400).
    Refuse,
    /// It goes on as it is: for upstreams that do not know these headers, or whose rules count on them.
    Pass,
}

/// Why certificates may be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certificates {
    /// The listener checked them.
    ValidatedByListener,
}

/// Where roles come from, and which include which.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Roles {
    /// Where roles come from; all of these count. Default: `[{"identity": "roles"}]`. At least one.
    pub sources: Vec<RoleSource>,
    /// The roles that a role includes, and what those include. A circle is refused. Default: none.
    pub includes: BTreeMap<String, Vec<String>>,
    /// Roles of exact names in client certificates. Default: none.
    pub certificates: BTreeMap<String, CertificateNames>,
}

impl Default for Roles {
    fn default() -> Self {
        let source = RoleSource { identity: Some(IdentityRoles::Roles), ..RoleSource::default() };
        Self { sources: vec![source], includes: BTreeMap::new(), certificates: BTreeMap::new() }
    }
}

/// A place in which roles are found: exactly one of `identity`, `claim` and `certificate`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RoleSource {
    /// A list of the identity.
    pub identity: Option<IdentityRoles>,
    /// The path to a claim that authn's `identity.claims` lists, as member names: a text or a list of texts. For a caller
    /// without it, or with something else there, deny rules on roles count as matching.
    pub claim: Option<Vec<String>>,
    /// Whether a text of the claim is split at blanks. Default `false`.
    pub split: bool,
    /// Names in the client certificate.
    pub certificate: Option<CertificateRoles>,
    /// What is put before every value that is found there, so that a group is not mistaken for a role. Default: nothing.
    pub prefix: String,
}

/// A list of the identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityRoles {
    /// `roles`.
    Roles,
    /// `scopes`.
    Scopes,
}

/// Names in a client certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateRoles {
    /// URIs among the subject's alternative names.
    UriSan,
    /// DNS names among them.
    DnsSan,
    /// The subject, as Envoy prints it.
    Subject,
}

/// Exact names in client certificates; any of them is enough.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CertificateNames {
    /// URIs among the subject's alternative names. Default: none.
    pub uri_sans: Vec<String>,
    /// DNS names among them. Default: none.
    pub dns_sans: Vec<String>,
}

/// Who may do what, or may not. All of `who`, `select`, `what` and `when` that is given must hold.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name, in replies, verdicts and metrics: 1 to 64 lower-case letters, digits, `-` and `_`. No two rules have one
    /// name.
    pub name: String,
    /// What follows when it matches: `allow` or `deny`.
    pub effect: Effect,
    /// Whether it is only counted. Default `false`. A rule in shadow is skipped, and counted where it would have decided
    /// otherwise. No body is awaited for it: one that looks at the body is evaluated where that is read for another reason.
    #[serde(default)]
    pub shadow: bool,
    /// Who is calling. Default: anyone; an allow without any condition says `{"caller": "anyone"}`.
    pub who: Option<Who>,
    /// Where the request goes: `hosts`, `methods`, `paths`, `routes`. Default: anywhere. What the first path template that
    /// matches captures can be compared with claims. A deny rule takes a host without a port at any port.
    #[serde(default)]
    pub select: Select,
    /// What is asked for. Default: anything.
    #[serde(default)]
    pub what: What,
    /// Under which circumstances. Default: any.
    #[serde(default)]
    pub when: When,
    /// How fresh and strong the caller's login must be; with `allow` alone. Else 401 (RFC 9470). Default: no matter.
    pub step_up: Option<StepUp>,
    /// What the body is cut to; with `allow` alone. Default: it stays as it is.
    pub clamp: Option<Clamp>,
}

/// What follows when a rule matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The request may go on.
    Allow,
    /// The request is refused.
    Deny,
}

/// Who is calling. All that is given must hold; of the values in a list any (`roles_all`: all).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Who {
    /// One of these roles.
    pub roles_any: Option<Vec<String>>,
    /// All of these roles.
    pub roles_all: Option<Vec<String>>,
    /// The subject (`sub`), byte by byte.
    pub subjects: Option<Vec<String>>,
    /// The tenant.
    pub tenants: Option<Vec<String>>,
    /// The issuer of the token (`iss`).
    pub issuers: Option<Vec<String>>,
    /// The API key's id; `"*"` is any API key.
    pub api_keys: Option<Vec<String>>,
    /// Whether there must be an identity. Default: whatever the other members need.
    pub caller: Option<Caller>,
    /// A URI among the alternative names of the client certificate; needs `client_certificates`.
    pub uri_sans: Option<Vec<String>>,
}

/// Whether there must be an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Caller {
    /// There must: authn wrote one. A client certificate alone is none.
    Authenticated,
    /// There must be none.
    Anonymous,
    /// No matter.
    Anyone,
}

/// What is asked for. All that is given must hold. A request can name several models and resources: an allow rule must fit
/// all of them, and at least one; a deny rule any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct What {
    /// APIs: `openai`, `anthropic`, `google`, `bedrock`, `cohere`, `ollama`, `mcp`, `a2a`, `unknown`. Default: any.
    pub dialects: Option<Vec<String>>,
    /// Operations: `chat`, `embeddings`, `fine_tune` and so on. What no API documents is `unknown`, and has no other.
    /// Default: any.
    pub operations: Option<Vec<String>>,
    /// Models, exact or with `*` for any run of characters, at most 128 bytes each. In an allow rule case counts; a deny
    /// rule fits a name in any case, with blanks around it too, as `models/NAME`, `library/NAME` and `NAME:latest`; a further
    /// name that a provider has for the model it does not know. Default: any or none.
    pub models: Option<Vec<String>>,
    /// Files, prompts and other stored things that the body names, written as models are. Default: any or none.
    pub resources: Option<Vec<String>>,
}

/// Under which circumstances. All that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    /// Networks (`10.0.0.0/8`) or addresses of the caller as Envoy knows it; `::ffff:10.0.0.1` is `10.0.0.1`. No header is
    /// looked at here: which of them Envoy trusts is the listener's business. Default: any.
    pub source: Option<Vec<String>>,
    /// Times, one of which it must be. Default: any.
    pub times: Option<Vec<Window>>,
    /// What claims must be; all must hold. Default: none.
    pub claims: Option<Vec<Claim>>,
    /// What headers must be; all must hold. Default: none.
    pub headers: Option<Vec<Header>>,
    /// Caps that the request must respect. Default: none.
    pub request: Option<Caps>,
    /// What the request must not use: `logprobs`, `top_logprobs`, `logit_bias`, `echo`, `tools`, `response_format`,
    /// `store`, `background`, `unknown_members`. Default: none.
    pub forbids: Option<Vec<String>>,
}

/// A part of a day.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The days on which it begins: `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`. Default: every day.
    pub days: Option<Vec<Day>>,
    /// When it begins, `HH:MM`.
    pub from: String,
    /// When it has ended, `HH:MM` up to `24:00`. Before `from`: on the next day.
    pub to: String,
    /// The zone of both, as the IANA database names it: `Europe/Berlin`, `UTC`.
    pub zone: String,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Day {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

/// What a claim must be: one of `claim` and `identity`, and one of `equals`, `one_of` and `contains`. A text that is a
/// whole `{name}` is what the path captured. A claim that is missing, or a list where a value is wanted, counts against
/// the caller: an allow rule does not match, a deny rule does.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Claim {
    /// The path to a claim that authn's `identity.claims` lists, as member names: `["org", "unit"]`. A dot is a character.
    pub claim: Option<Vec<String>>,
    /// A member of the identity.
    pub identity: Option<IdentityMember>,
    /// This text, whole number or boolean; the text `"1"` is not the number 1.
    pub equals: Option<Value>,
    /// One of these.
    pub one_of: Option<Vec<Value>>,
    /// A list in which this stands.
    pub contains: Option<Value>,
}

/// A member of the identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityMember {
    /// The subject.
    Sub,
    /// The issuer.
    Iss,
    /// The tenant.
    Tenant,
    /// The list of roles, as authn wrote it.
    Roles,
    /// The list of scopes.
    Scopes,
    /// The authentication context class.
    Acr,
    /// The list of authentication methods.
    Amr,
    /// The API key's id.
    ApiKey,
}

/// What a header must be: exactly one of `exact`, `prefix`, `suffix`, `regex` and `present`.
///
/// A header can have several values: lines, and parts of a line between commas. An allow rule must fit every one, and at
/// least one, case included. A deny rule must fit any, whatever its case. `not` turns both around.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Header {
    /// Its name, in lower case.
    pub name: String,
    /// The whole value.
    pub exact: Option<String>,
    /// What it begins with.
    pub prefix: Option<String>,
    /// What it ends in.
    pub suffix: Option<String>,
    /// A regular expression for the whole value, in the syntax of the `regex` crate, with ASCII classes. A value that is
    /// not UTF-8 counts against the caller.
    pub regex: Option<String>,
    /// Whether it is there at all.
    pub present: Option<bool>,
    /// Whether none of the values may be so. Default `false`.
    pub not: bool,
}

/// Caps that a request respects. Numbers are what the body says; a body that is not read counts against the caller.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Caps {
    /// The cap on tokens of the answer must be there, and at most this.
    pub max_output_tokens: Option<u64>,
    /// So many answers at most; one where the request does not say.
    pub choices: Option<u64>,
    /// So many tools at most; 0: none.
    pub tools: Option<usize>,
    /// `false`: no images, audio, files, and nothing that is fetched from elsewhere.
    pub images: Option<bool>,
    /// Whether the answer must be streamed, or must not be.
    pub stream: Option<bool>,
    /// So many messages at most.
    pub messages: Option<u32>,
}

/// How fresh and strong a login must be. At least one member.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StepUp {
    /// One of these authentication context classes (`acr`).
    pub acr: Option<Vec<String>>,
    /// All of these authentication methods (`amr`, RFC 8176).
    pub amr: Option<Vec<String>>,
    /// How long ago the user may have logged in (`auth_time`), in whole seconds, at most `720h`.
    pub max_age: Option<Millis>,
}

/// What a body is cut to. At least one member.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Clamp {
    /// Tokens of the answer, at least 1. A request without a cap gets this one where its API has the member at the top of
    /// the body, else it is refused.
    pub max_output_tokens: Option<u64>,
    /// Answers, at least 1.
    pub choices: Option<u64>,
}

/// How models are treated apart from rules.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Models {
    /// Whether lists of models show only what the caller may use. Default `true`.
    pub filter_lists: bool,
    /// That the models of an API key bind without a rule. Always `true`: it can be written, not switched off.
    pub api_key_models: bool,
}

impl Default for Models {
    fn default() -> Self {
        Self { filter_lists: true, api_key_models: true }
    }
}

/// What is remembered of what was seen.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Inventory {
    /// How many models, operations and hosts. Default 256, 0 to 4096; 0 remembers none.
    pub entries: usize,
}

impl Default for Inventory {
    fn default() -> Self {
        Self { entries: 256 }
    }
}

fn yes() -> bool {
    true
}
