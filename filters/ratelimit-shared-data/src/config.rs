//! What an operator writes. Each field says what it decides, its unit, default and range, and what follows from it.
//!
//! `schema.json` and the README's table follow this text.

use std::fmt;

use portcullis::ai::vocabulary::Operation;
use portcullis::prelude::Millis;
use portcullis::select::When;
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

/// The configuration of one instance, beside the settings that every filter has (`name`, `max_body_bytes`,
/// `memory_budget`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The limits, 1 to 32. All that are about a request must let it pass.
    pub limits: Vec<Limit>,
    /// How many buckets the table has that all workers share: 1,024 to 4,194,304, rounded up to whole pages of 8. Default
    /// 65,536. Each limit needs one for each of its keys; four times as many as are in use at once leave no page full.
    #[serde(default = "slots")]
    pub slots: u32,
    /// What becomes of a request for whose key there is no room in the table. Default `overflow`.
    #[serde(default)]
    pub on_full: OnFull,
    /// What becomes of a request whose bucket others changed at each of 16 attempts. Default `deny`: 503.
    #[serde(default)]
    pub on_contention: OnContention,
    /// Who counts for many Envoys together. Default: nobody, each Envoy counts for itself.
    pub backend: Option<Backend>,
    /// What tokens cost, for limits of unit `cost`.
    pub prices: Option<Prices>,
    /// Which header fields tell a client what is left.
    #[serde(default)]
    pub fields: Fields,
    /// How what a streamed answer of `OpenAI`'s chat and completions used is known. Default `estimate`.
    #[serde(default)]
    pub stream_usage: StreamUsage,
    /// What becomes of an answer that was cut (`overrun: cut`), after its last event. Default `drain`.
    #[serde(default)]
    pub after_stop: AfterStop,
    /// How long the rest of an answer that was cut is swallowed at most. `"100ms"` to `"60s"`, default `"10s"`.
    #[serde(default = "drain_for")]
    pub drain_for: Millis,
    /// Whether the decision is written to filter state `portcullis.ratelimit` for access logs. Default `true`.
    #[serde(default = "yes")]
    pub verdict: bool,
}

/// What becomes of a request for whose key there is no room.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFull {
    /// It shares one bucket with all others without room: together they get what one key gets.
    #[default]
    Overflow,
    /// It is refused: 503.
    Deny,
}

/// What becomes of a request whose bucket others keep changing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnContention {
    /// It is refused: 503.
    #[default]
    Deny,
    /// It passes without being counted. The gauge `portcullis_ratelimit_open` is then 1.
    Allow,
}

/// How the usage of a streamed answer is known that tells none unless it is asked to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamUsage {
    /// It is estimated from the text, unless the client asked for it.
    #[default]
    Estimate,
    /// It is asked for: `stream_options.include_usage` is put into the request, and the event that tells it is taken out of
    /// the answer if the client did not ask.
    Inject,
}

/// What becomes of an answer that was cut.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterStop {
    /// The rest is swallowed and the client's stream ends cleanly; the upstream works on, for `drain_for` at most.
    #[default]
    Drain,
    /// The stream is reset with the upstream's next piece: the upstream stops, and some clients tell a broken stream.
    Cut,
}

/// Who counts for many Envoys together.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Backend {
    /// A service that speaks Envoy's Rate Limit Service protocol: envoyproxy/ratelimit, Limitador. It must know each limit
    /// that it counts, with the same numbers.
    Rls(Rls),
}

/// A Rate Limit Service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rls {
    /// The name of the Envoy cluster that leads to it, which speaks HTTP/2.
    pub cluster: String,
    /// The domain of its limits, which Limitador calls namespace: 1 to 128 visible ASCII characters. Default `portcullis`.
    #[serde(default = "domain")]
    pub domain: String,
    /// `:authority` of calls. Default: the cluster's name.
    pub authority: Option<String>,
    /// How long a call may take, and a request waits for it. `"5ms"` to `"10s"`, default `"100ms"`.
    #[serde(default = "timeout")]
    pub timeout: Millis,
    /// What becomes of a request that the service does not answer for. Default `deny`.
    #[serde(default)]
    pub on_unavailable: OnUnavailable,
    /// What becomes of a request that the service says it has no limit for: its configuration lacks one. Limitador does not
    /// say so. Default `deny`.
    #[serde(default)]
    pub on_unmatched: OnUnmatched,
    /// How much of a limit each Envoy lets through with `on_unavailable: local`, in percent, 1 to 100. With N Envoys, 100/N
    /// keeps their sum. Default 100.
    pub local_percent: Option<u64>,
    /// Whether the service takes back what an answer did not use. Default `none`.
    #[serde(default)]
    pub refunds: Refunds,
    /// That units are leased from the service, so that most requests need not wait for it. Default: each request asks.
    pub local_first: Option<LocalFirst>,
}

/// What becomes of a request that the service does not answer for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnUnavailable {
    /// It is refused: 503 `backend_unavailable`.
    #[default]
    Deny,
    /// This Envoy counts it by itself, as long as the service is away.
    Local,
    /// It passes without being counted. The gauge `portcullis_ratelimit_open` is then 1.
    Allow,
}

/// What becomes of a request that the service has no limit for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnUnmatched {
    /// It is refused: 503 `backend_unmatched`.
    #[default]
    Deny,
    /// It passes. The gauge `portcullis_ratelimit_open` is then 1.
    Allow,
}

/// Whether the service takes hits back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refunds {
    /// It does not: a request is charged for its own tokens when it comes, and for its answer's after it.
    #[default]
    None,
    /// It does (`is_negative_hits`: envoyproxy/ratelimit since June 2026): the most that a request may use is charged when it
    /// comes, and what it did not use is given back. A service that does not know the field would charge it again.
    NegativeHits,
}

/// How units are leased from the service.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalFirst {
    /// How much of a limit an Envoy takes at once, in percent, 1 to 50. N Envoys can hold up to N times as much that others
    /// are then refused. Default 5.
    #[serde(default = "percent")]
    pub percent: u64,
    /// How long what it took is good, within the window of the service; longer than most answers take, for what they do
    /// not use comes back as long as it is. `"100ms"` to `"1h"`, default `"1m"`.
    #[serde(default = "lasting")]
    pub lease: Millis,
}

/// Who counts a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountedBy {
    /// This Envoy, for itself.
    Envoy,
    /// The backend, for all that ask it.
    Backend,
}

/// How much of what, for whom, in which time.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Its name, in replies, verdicts and logs: 1 to 64 lower-case letters, digits, `-` and `_`. No two have one name.
    pub name: String,
    /// Who shares a bucket: all requests that are alike in each of these, 0 to 8. `[]`: all requests do.
    pub key: Vec<KeyPart>,
    /// What is counted.
    pub unit: Unit,
    /// How much in each window, more than zero; of `cost` a decimal in quotes (`"12.50"`).
    pub limit: Amount,
    /// The window: `"1s"` to `"8784h"`. Longer than `"1h"` needs `volatile`. Required but for `concurrent`, which has none.
    pub window: Option<Millis>,
    /// How spending counts over time. Required but for `concurrent` and `distinct`, which take none.
    pub algorithm: Option<Algorithm>,
    /// How much `gcra` lets through at once. Default: `limit`. With another algorithm it is refused.
    pub burst: Option<Amount>,
    /// That a restart of Envoy may forget what was spent, and each Envoy counts by itself. Required as `true` for windows
    /// longer than an hour. Default `false`.
    #[serde(default)]
    pub volatile: bool,
    /// How long what a request reserves is held if nobody settles it: `"10s"` to `"1h"`, default `"5m"`. An answer that
    /// streams longer renews it.
    #[serde(default = "lease")]
    pub lease: Millis,
    /// Where the request goes: `hosts`, `methods`, `paths`, `routes`. Default: anywhere.
    #[serde(default)]
    pub select: When,
    /// Which operations. Default: any.
    pub operations: Option<Vec<Operation>>,
    /// Which models, as patterns with `*`: a request that names one of them, in any spelling. Default: any, and none.
    pub models: Option<Vec<String>>,
    /// Who counts it. Default: `backend` where there is one, but for `concurrent` and `distinct`, which only `envoy` counts.
    pub counted_by: Option<CountedBy>,
    /// What follows when a key spends much faster than it used to. Default: nobody looks.
    pub spike: Option<Spike>,
    /// What follows when another filter found a request of a key risky (`portcullis.risk`). Default: nobody looks.
    pub risk: Option<Risk>,
    /// Whether it refuses. Default `enforce`.
    #[serde(default)]
    pub mode: Mode,
    /// Other quotas for callers with a claim.
    pub tiers: Option<Tiers>,
    /// How many tokens an answer is taken to have at most whose request sets no cap, by model; the first that fits counts.
    /// The last is for `"*"`. Required for `output_tokens`, `reasoning_tokens`, `total_tokens` and `cost`.
    #[serde(default)]
    pub default_output_tokens: Vec<DefaultOutput>,
    /// What follows when an answer uses more than was reserved and the limit has no more. Default `debit`.
    #[serde(default)]
    pub overrun: Overrun,
}

/// What follows when a key spends much faster than it used to: in about a window so many times what it spent in those
/// before, as far as 24 windows back, and a tenth of the limit at least. It is counted and told in the verdict.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spike {
    /// How many times, 2 to 20. Spending that jumps to ten times looks like six times after a window or two.
    pub factor: u32,
    /// How long it counts as one after it was seen last. `"1s"` to `"24h"`.
    pub r#for: Millis,
    /// How much of the limit the key has meanwhile, in percent, 0 to 100. Default 100.
    #[serde(default = "all")]
    pub percent: u64,
}

/// What follows when another filter found a request risky. It counts from the next request of its key on.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Risk {
    /// From which risk on: above 0, up to 1.
    pub threshold: f64,
    /// How long the limit is smaller for its key. `"1s"` to `"24h"`.
    pub r#for: Millis,
    /// How much of the limit the key has meanwhile, in percent, 0 to 99. Default 0: nothing, a quarantine.
    #[serde(default)]
    pub percent: u64,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Requests.
    Requests,
    /// Tokens of requests, those read from a cache included.
    InputTokens,
    /// Tokens of answers, those that the model thought included.
    OutputTokens,
    /// Both.
    TotalTokens,
    /// Tokens of requests that were read from a cache.
    CachedTokens,
    /// Tokens of answers that the model thought.
    ReasoningTokens,
    /// Bytes of the bodies of requests and answers.
    Bytes,
    /// Money, by `prices`.
    Cost,
    /// Requests under way.
    Concurrent,
    /// Different prompts, approximately, against who asks a model about everything to copy it.
    Distinct,
}

/// How spending counts over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    /// A bucket that leaks (ITU-T I.371): `burst` at once, `limit` in each window after that.
    Gcra,
    /// At most `limit` in any stretch of time as long as the window.
    SlidingWindow,
    /// At most `limit` in each window; windows are aligned to the calendar in UTC.
    FixedWindow,
}

/// Whether a limit refuses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// It does.
    #[default]
    Enforce,
    /// It counts, and tells what it would have refused.
    Shadow,
}

/// What follows when an answer uses more than was reserved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overrun {
    /// It goes on, and the next request pays.
    #[default]
    Debit,
    /// A streamed answer ends where the limit has no more, as one does that reached its length.
    Cut,
}

/// In what requests must be alike to share a bucket. What a request does not have is alike in all that do not have it; but a
/// request of nobody is refused by a limit of callers that has no address in its key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyPart {
    /// The caller's subject with its issuer, as authn wrote them.
    Subject,
    /// The caller's tenant.
    Tenant,
    /// The id of the caller's API key.
    ApiKey,
    /// The first of these roles that the caller has.
    Role(Vec<String>),
    /// A claim that authn's `identity.claims` lists, as a path of member names.
    Claim(Vec<String>),
    /// The model; requests that name several share a bucket.
    Model,
    /// What is asked for: `chat`, `embeddings`.
    Operation,
    /// The MCP tool that is called; requests that call several share a bucket.
    Tool,
    /// The value of this request header. A request that repeats it is refused.
    Header(String),
    /// The caller's address as Envoy knows it; of IPv6 its first 64 bits, which one customer has.
    Source,
    /// The block of addresses that the caller's is in.
    SourceBlock(Block),
    /// What the first path template of `select.paths` that fits captures under this name.
    Capture(String),
    /// This text: limits with other texts have other buckets.
    Constant(String),
}

impl KeyPart {
    /// Whether it is of who calls, as authn wrote it.
    pub fn is_of_identity(&self) -> bool {
        matches!(self, Self::Subject | Self::Tenant | Self::ApiKey | Self::Role(_) | Self::Claim(_))
    }

    /// Whether it is of where a request comes from.
    pub fn is_of_address(&self) -> bool {
        matches!(self, Self::Source | Self::SourceBlock(_))
    }
}

/// How many leading bits of an address count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// Of IPv4: 8 to 32.
    pub ipv4: u8,
    /// Of IPv6: 16 to 128.
    pub ipv6: u8,
}

/// Other quotas for callers with a claim.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tiers {
    /// The claim, as a path of member names; authn's `identity.claims` must list it. Whoever has none, or another value,
    /// has the limit's own quota.
    pub claim: Vec<String>,
    /// The quotas, 1 to 32.
    pub quotas: Vec<Tier>,
}

/// The quota of callers whose claim has a value.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// The value, a text.
    pub is: String,
    /// As [`Limit::limit`].
    pub limit: Amount,
    /// As [`Limit::burst`].
    pub burst: Option<Amount>,
}

/// How many tokens an answer of these models is taken to have at most.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultOutput {
    /// A pattern with `*`.
    pub model: String,
    /// 1 to 10,000,000.
    pub tokens: u64,
}

/// What tokens cost.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// By model, 1 to 256; the first that fits counts. A request for a model without a price is refused (403 `no_price`).
    pub models: Vec<Price>,
}

/// What a million tokens of a model cost, as decimals in quotes, in the currency of the limits.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// A pattern with `*`.
    pub model: String,
    /// Of requests.
    pub input: Money,
    /// Of requests, read from a cache. Default: as `input`.
    pub cached_input: Option<Money>,
    /// Of answers.
    pub output: Money,
}

/// Which header fields tell a client what is left.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fields {
    /// `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers). Default `refused`.
    pub ratelimit: Show,
    /// `x-ratelimit-limit-requests`, `-remaining-requests`, `-reset-requests`, and the same of tokens, as `OpenAI` tells
    /// them. Default `never`.
    pub openai: Hide,
}

/// Where fields are told that are told of refusals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Show {
    /// In refusals.
    #[default]
    Refused,
    /// In every answer.
    Always,
    /// Nowhere.
    Never,
}

/// Where fields are told that are told nowhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hide {
    /// Nowhere.
    #[default]
    Never,
    /// In refusals.
    Refused,
    /// In every answer.
    Always,
}

/// How much: a whole number, or money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// So many.
    Count(u64),
    /// So much money.
    Money(Money),
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => count.fmt(f),
            Self::Money(money) => money.fmt(f),
        }
    }
}

/// Money, in millionths of a millionth of a unit of the currency, so that the price of one token is a whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money(pub u64);

impl Money {
    /// One unit of the currency.
    pub const ONE: u64 = 1_000_000_000_000;

    /// A decimal with up to six digits behind the point: `"12.50"`.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, rest) = text.split_once('.').unwrap_or((text, "0"));
        let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(whole) || !is_number(rest) || rest.len() > 6 {
            return None;
        }
        let whole = whole.parse::<u64>().ok()?.checked_mul(Self::ONE)?;
        let rest = format!("{rest:0<12}").parse::<u64>().ok()?;
        whole.checked_add(rest).map(Self)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / Self::ONE, self.0 % Self::ONE);
        let rest = format!("{rest:012}");
        write!(f, "{whole}.{:0<2}", rest.trim_end_matches('0'))
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::invalid_value(de::Unexpected::Str(&text), &MONEY))
    }
}

const MONEY: &str = "a decimal in quotes with up to six digits behind the point, such as \"12.50\"";

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnAmount)
    }
}

struct AnAmount;

impl Visitor<'_> for AnAmount {
    type Value = Amount;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number, or money as a decimal in quotes")
    }

    fn visit_u64<E: de::Error>(self, count: u64) -> Result<Amount, E> {
        Ok(Amount::Count(count))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Amount, E> {
        Money::parse(text).map(Amount::Money).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &MONEY))
    }
}

fn slots() -> u32 {
    65_536
}

fn domain() -> String {
    "portcullis".to_owned()
}

fn timeout() -> Millis {
    Millis(100)
}

fn percent() -> u64 {
    5
}

fn lasting() -> Millis {
    Millis(60_000)
}

fn all() -> u64 {
    100
}

fn drain_for() -> Millis {
    Millis(10_000)
}

fn lease() -> Millis {
    Millis(300_000)
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_exact() {
        for (text, expected) in [
            ("12.50", Some((12_500_000_000_000, "12.50"))),
            ("0.000001", Some((1_000_000, "0.000001"))),
            ("3", Some((3_000_000_000_000, "3.00"))),
            ("0.0000001", None),
            ("18446744.073709", Some((18_446_744_073_709_000_000, "18446744.073709"))),
            ("18446745", None),
            ("-1", None),
            ("1e3", None),
            ("1,5", None),
            ("", None),
            (".5", None),
            ("5.", None),
        ] {
            let money = Money::parse(text);
            assert_eq!(money.map(|money| money.0), expected.map(|(number, _)| number), "{text}");
            if let Some((_, shown)) = expected {
                assert_eq!(money.unwrap().to_string(), shown);
            }
        }
    }
}
