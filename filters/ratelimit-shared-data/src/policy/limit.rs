//! One limit: whom it is about, whose bucket it is, and how much may be in it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use portcullis::ai::vocabulary::Operation;
use portcullis::identity::Identity;
use portcullis::pattern::{Pattern, aliases};
use portcullis::select::Matcher;
use serde_json::Value;

use super::account::Terms;
use super::bucket::Meter;
use super::key::{Fingerprint, Part, Secret};
use super::quota::Quota;
use super::request::Request;
use super::unit::Unit;
use super::watch::Risk;
pub use crate::config::{Block, KeyPart};

/// A limit.
#[derive(Debug)]
pub struct Limit {
    /// Its name.
    pub name: String,
    /// What makes a bucket: buckets of another form are others.
    pub form: String,
    /// In what requests must be alike.
    pub key: Vec<KeyPart>,
    /// What is counted.
    pub unit: Unit,
    /// How, and what is watched.
    pub terms: Terms,
    /// How much.
    pub quota: Quota,
    /// Other quotas for callers with a claim.
    pub tiers: Option<Tiers>,
    /// Where requests go that it is about.
    pub select: Matcher,
    /// What they ask for.
    pub operations: Option<Vec<Operation>>,
    /// The models that they name.
    pub models: Option<Vec<Pattern>>,
    /// How many tokens an answer has at most whose request sets no cap.
    pub default_output: Vec<(Pattern, u64)>,
    /// Whether it only counts.
    pub is_shadow: bool,
    /// Whether a streamed answer ends where it has no more.
    pub cuts: bool,
    /// Whether the service counts that counts for many Envoys.
    pub is_remote: bool,
}

/// Other quotas for callers with a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tiers {
    /// The path to it.
    pub claim: Vec<String>,
    /// The quota of each value.
    pub quotas: Vec<(String, Quota)>,
}

impl Limit {
    /// What follows where a request was found risky.
    pub fn risk(&self) -> Option<Risk> {
        self.terms.watch.and_then(|watch| watch.risk)
    }

    /// How it counts.
    pub fn meter(&self) -> Meter {
        self.terms.meter
    }

    /// Whether it is about requests like this, by what the head of one says.
    pub fn is_about_head(&self, request: &Request<'_>) -> bool {
        self.operations.as_deref().is_none_or(|operations| operations.contains(&request.operation))
            && self.select.matches(request.subject)
            && (!(self.unit.counts_tokens() || self.unit == Unit::Distinct) || spends(request))
    }

    /// Whether it is about this request. Call it when the models are known.
    pub fn is_about(&self, request: &Request<'_>) -> bool {
        self.models.as_deref().is_none_or(|patterns| names_one(request, patterns)) && self.is_about_head(request)
    }

    /// Whether it looks at anything but who is calling, and from where.
    pub fn looks_at_head(&self) -> bool {
        let in_head = |part: &KeyPart| {
            matches!(
                part,
                KeyPart::Model | KeyPart::Tool | KeyPart::Operation | KeyPart::Header(_) | KeyPart::Capture(_)
            )
        };
        let counts_more = !matches!(self.unit, Unit::Requests | Unit::Concurrent);
        counts_more
            || self.operations.is_some()
            || self.models.is_some()
            || self.select != Matcher::default()
            || self.key.iter().any(in_head)
    }

    /// Whether it must know what the body says.
    pub fn needs_body(&self) -> bool {
        let in_body = |part: &KeyPart| matches!(part, KeyPart::Model | KeyPart::Tool);
        let counts = self.unit.counts_tokens() || self.unit == Unit::Distinct;
        counts || self.models.is_some() || self.key.iter().any(in_body)
    }

    /// How much the caller may spend.
    pub fn quota(&self, identity: Option<&Identity>) -> &Quota {
        self.tier_of(identity).map_or(&self.quota, |(_, quota)| quota)
    }

    /// The value of the claim that gives the caller another quota, if there is one.
    pub fn tier(&self, identity: Option<&Identity>) -> Option<&str> {
        self.tier_of(identity).map(|(is, _)| is.as_str())
    }

    fn tier_of(&self, identity: Option<&Identity>) -> Option<&(String, Quota)> {
        let tiers = self.tiers.as_ref()?;
        let value = claim(identity?, &tiers.claim)?.as_str()?;
        tiers.quotas.iter().find(|(is, _)| is == value)
    }

    /// How many tokens an answer to this request has at most if it sets no cap; of several models the most.
    pub fn default_output(&self, models: &[String]) -> u64 {
        let of_one = |model: &str| self.default_output.iter().find(|(pattern, _)| pattern.fits(model));
        let of_none = of_one("").map_or(0, |(_, tokens)| *tokens);
        models.iter().filter_map(|model| of_one(model)).map(|(_, tokens)| *tokens).max().unwrap_or(of_none)
    }

    /// Whose bucket a request is counted in.
    pub fn fingerprint(&self, secret: &Secret, request: &Request<'_>) -> Fingerprint {
        self.fingerprint_in(&self.form, secret, request)
    }

    /// The same of what is kept in another form.
    pub fn fingerprint_in(&self, form: &str, secret: &Secret, request: &Request<'_>) -> Fingerprint {
        let mut key = secret.key(&self.name, form);
        for part in &self.key {
            self.tell(part, request, &mut |said| key.add(said));
        }
        key.fingerprint()
    }

    /// Whether its bucket is a caller's, and nobody knows who calls. Strangers would all be in one, and each could use up
    /// what the others need; an address tells them apart.
    pub fn lacks_caller(&self, request: &Request<'_>) -> bool {
        request.identity.is_none()
            && self.key.iter().any(KeyPart::is_of_identity)
            && !self.key.iter().any(KeyPart::is_of_address)
    }

    /// Tells what a request says where a part of the key looks: once, but for `Subject`, which is two.
    pub fn tell(&self, part: &KeyPart, request: &Request<'_>, add: &mut dyn FnMut(Part<'_>)) {
        let identity = request.identity;
        let address = |block| request.source.map_or(Part::Absent, |address| block_of(address, block));
        let mut add_text = |text: Option<&str>| add(text.map_or(Part::Absent, |text| Part::Is(text.as_bytes())));
        match part {
            KeyPart::Subject => {
                add_text(identity.map(|identity| identity.sub.as_str()));
                add_text(identity.and_then(|identity| identity.iss.as_deref()));
            }
            KeyPart::Tenant => add_text(identity.and_then(|identity| identity.tenant.as_deref())),
            KeyPart::ApiKey => add_text(identity.and_then(|identity| identity.api_key.as_deref())),
            KeyPart::Role(roles) => {
                let has = |role: &&String| identity.is_some_and(|identity| identity.roles.contains(role));
                add_text(roles.iter().find(has).map(String::as_str));
            }
            KeyPart::Claim(path) => {
                let value = identity.and_then(|identity| claim(identity, path)).map(Value::to_string);
                add_text(value.as_deref());
            }
            KeyPart::Operation => add_text(Some(request.operation.word())),
            KeyPart::Constant(text) => add_text(Some(text)),
            KeyPart::Capture(name) => add_text(self.select.capture(request.subject, name)),
            KeyPart::Model => add_one(named(request), add),
            KeyPart::Tool => add_one(request.tools.iter().cloned(), add),
            KeyPart::Header(name) => {
                let value = request.headers.first(name).map(<[u8]>::trim_ascii).filter(|value| !value.is_empty());
                add(value.map_or(Part::Absent, Part::Is));
            }
            KeyPart::Source => add(address(HOST)),
            KeyPart::SourceBlock(block) => add(address(*block)),
        }
    }
}

/// What one customer has of either kind of address.
const HOST: Block = Block { ipv4: 32, ipv6: 64 };

/// Whether a request may spend tokens at all. What looks something up does not, unless it begins a conversation.
fn spends(request: &Request<'_>) -> bool {
    let spends_none = matches!(
        request.operation,
        Operation::Models | Operation::Files | Operation::Admin | Operation::Mcp | Operation::CountTokens
    );
    !spends_none && !is_lookup(request)
}

/// Whether its method asks no model for an answer. One that begins a conversation, or brings a body that some server may
/// read, could.
fn is_lookup(request: &Request<'_>) -> bool {
    let Request { headers, subject, .. } = request;
    let has_body = headers.first("content-length").is_some_and(|length| length != b"0")
        || headers.first("transfer-encoding").is_some();
    let is_more = has_body || headers.first("upgrade").is_some();
    matches!(subject.method(), "GET" | "HEAD" | "DELETE" | "OPTIONS") && !is_more
}

/// Whether one of the models is such. Who names none, or names it where nobody here reads, may mean any.
fn names_one(request: &Request<'_>, patterns: &[Pattern]) -> bool {
    if named(request).next().is_none() {
        return request.operation.names_a_model() && !is_lookup(request);
    }
    request.models.iter().any(|model| patterns.iter().any(|pattern| pattern.fits(model)))
}

/// The models that a request names. A name without a character is none: servers take their default for it.
fn named(request: &Request<'_>) -> impl Iterator<Item = String> {
    request.models.iter().map(|model| canonical(model)).filter(|model| !model.is_empty())
}

/// One name for all that a server may take for it.
fn canonical(model: &str) -> String {
    aliases(model).into_iter().min_by_key(|name| (name.len(), name.clone())).unwrap_or_default()
}

/// Tells the one that there is; several that are alike are one.
fn add_one(mut names: impl Iterator<Item = String>, add: &mut dyn FnMut(Part<'_>)) {
    match names.next() {
        None => add(Part::Absent),
        Some(first) if names.all(|name| name == first) => add(Part::Is(first.as_bytes())),
        Some(_) => add(Part::Several),
    }
}

/// The block that an address is in, as its first.
fn block_of(address: IpAddr, block: Block) -> Part<'static> {
    Part::Address(match address {
        IpAddr::V4(address) => Ipv4Addr::from_bits(masked_v4(address.to_bits(), block.ipv4)).into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(masked_v6(address.to_bits(), block.ipv6)).into(),
    })
}

fn masked_v4(bits: u32, prefix: u8) -> u32 {
    let mask = u32::MAX.checked_shl(32_u32.saturating_sub(u32::from(prefix))).unwrap_or_default();
    bits & mask
}

fn masked_v6(bits: u128, prefix: u8) -> u128 {
    let mask = u128::MAX.checked_shl(128_u32.saturating_sub(u32::from(prefix))).unwrap_or_default();
    bits & mask
}

fn claim<'i>(identity: &'i Identity, path: &[String]) -> Option<&'i Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(identity.claims.get(first)?, |value, name| value.get(name))
}
