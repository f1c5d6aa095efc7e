//! `limits`: each checked in itself, and against the others.

use portcullis::config::in_range;
use portcullis::pattern::Pattern;
use portcullis::prelude::ConfigError;
use portcullis::select::{Matcher, When};

use super::backend::is_remote;
use super::meters::{meter, quota};
use super::prices::pattern;
use super::watch::watch;
use crate::config::{self, Block, KeyPart, Mode, Overrun};
use crate::policy::{Limit, Terms, Tiers, Unit};

const MAX_PARTS: usize = 8;
const MAX_TIERS: usize = 32;
const MAX_PATTERNS: usize = 64;
const MAX_OUTPUT: u64 = 10_000_000;
const MAX_TEXT: usize = 256;

pub(super) fn compile(
    written: &[config::Limit],
    has_prices: bool,
    has_backend: bool,
) -> Result<Vec<Limit>, ConfigError> {
    let read = |(index, limit): (usize, &config::Limit)| {
        let is_twice = written.iter().take(index).any(|other| other.name == limit.name);
        let unique = if is_twice {
            Err(ConfigError::new("name", &limit.name, "a name that no other limit has"))
        } else {
            Ok(())
        };
        unique
            .and_then(|()| one(limit, has_prices, has_backend))
            .map_err(|fault| fault.within(format!("limits[{index}]")))
    };
    written.iter().enumerate().map(read).collect()
}

fn one(written: &config::Limit, has_prices: bool, has_backend: bool) -> Result<Limit, ConfigError> {
    name(&written.name)?;
    if written.unit == Unit::Cost && !has_prices {
        return Err(ConfigError::new("unit", "cost", "prices in the configuration"));
    }
    let select = Matcher::compile(&with_ports(&written.select)).map_err(|fault| fault.within("select"))?;
    key(&written.key, &select)?;
    let cuts = written.overrun == Overrun::Cut;
    if cuts && !written.unit.counts_output() {
        return Err(ConfigError::new("overrun", "cut", "debit: only what counts the tokens of answers can cut them"));
    }
    if written.operations.as_ref().is_some_and(Vec::is_empty) {
        return Err(ConfigError::new("operations", "[]", "at least one operation: an empty list would match nothing"));
    }
    let is_remote = is_remote(written, has_backend)?;
    let (meter, quota) = (meter(written)?, quota(written, is_remote, written.limit, written.burst)?);
    let watch = watch(written, is_remote)?;
    Ok(Limit {
        name: written.name.clone(),
        form: format!("{:?} {meter:?} {} {}", written.unit, quota.window, watch.is_some()),
        key: written.key.clone(),
        unit: written.unit,
        terms: Terms { meter, watch },
        quota,
        tiers: tiers(written, is_remote)?,
        select,
        operations: written.operations.clone(),
        models: written.models.as_deref().map(models).transpose()?,
        default_output: default_output(written)?,
        is_shadow: written.mode == Mode::Shadow,
        cuts,
        is_remote,
    })
}

fn name(name: &str) -> Result<(), ConfigError> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    let is_name = (1..=64).contains(&name.len()) && name.bytes().all(fits);
    let expected = "1 to 64 lower-case letters, digits, '-' and '_'";
    if is_name { Ok(()) } else { Err(ConfigError::new("name", name, expected)) }
}

/// A limit on a host without a port is one with each port, which a client can name.
fn with_ports(written: &When) -> When {
    let with_port = |host: &String| if host.contains(':') { host.clone() } else { format!("{host}:*") };
    let hosts = written.hosts.as_ref().map(|hosts| hosts.iter().map(with_port).collect());
    When { hosts, ..written.clone() }
}

fn key(parts: &[KeyPart], select: &Matcher) -> Result<(), ConfigError> {
    if parts.len() > MAX_PARTS {
        return Err(ConfigError::new("key", format!("{} parts", parts.len()), format!("at most {MAX_PARTS} parts")));
    }
    let check =
        |(index, part)| part_of(part, select).map_err(|fault: ConfigError| fault.within(format!("key[{index}]")));
    parts.iter().enumerate().try_for_each(check)
}

fn part_of(part: &KeyPart, select: &Matcher) -> Result<(), ConfigError> {
    match part {
        KeyPart::Role(roles) => texts("role", roles),
        KeyPart::Claim(path) => claim_path("claim", path),
        KeyPart::Constant(constant) => text("constant", constant),
        KeyPart::Header(name) => header_name(name),
        KeyPart::Capture(name) if !select.captures(name) => {
            Err(ConfigError::new("capture", name, "a name that each template of select.paths captures"))
        }
        KeyPart::SourceBlock(block) => of_block(*block),
        _ => Ok(()),
    }
}

fn of_block(block: Block) -> Result<(), ConfigError> {
    in_range("source_block.ipv4", block.ipv4, 8..=32)?;
    in_range("source_block.ipv6", block.ipv6, 16..=128)
}

/// A header's name in lower case (RFC 9110 section 5.6.2).
fn header_name(name: &str) -> Result<(), ConfigError> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let is_name = !name.is_empty() && name.bytes().all(fits);
    if is_name { Ok(()) } else { Err(ConfigError::new("header", name, "a header name in lower case")) }
}

fn texts(place: &str, texts: &[String]) -> Result<(), ConfigError> {
    if texts.is_empty() {
        return Err(ConfigError::new(place, "[]", "at least one value"));
    }
    texts.iter().try_for_each(|one| text(place, one))
}

fn text(place: &str, text: &str) -> Result<(), ConfigError> {
    let is_text = (1..=MAX_TEXT).contains(&text.len()) && !text.contains(char::is_control);
    let expected = "1 to 256 bytes without control characters";
    if is_text { Ok(()) } else { Err(ConfigError::new(place, text, expected)) }
}

fn claim_path(place: &str, path: &[String]) -> Result<(), ConfigError> {
    let fits = (1..=8).contains(&path.len());
    if fits {
        Ok(())
    } else {
        Err(ConfigError::new(place, format!("{path:?}"), "1 to 8 member names, outermost first"))
    }
}

fn models(written: &[String]) -> Result<Vec<Pattern>, ConfigError> {
    if !(1..=MAX_PATTERNS).contains(&written.len()) {
        return Err(ConfigError::new("models", format!("{} patterns", written.len()), "1 to 64 patterns"));
    }
    written.iter().enumerate().map(|(index, text)| pattern(&format!("models[{index}]"), text)).collect()
}

fn tiers(written: &config::Limit, is_remote: bool) -> Result<Option<Tiers>, ConfigError> {
    let Some(tiers) = &written.tiers else { return Ok(None) };
    let within = |fault: ConfigError| fault.within("tiers");
    if written.unit == Unit::Distinct {
        return Err(ConfigError::new("tiers", "quotas", "none: distinct has one limit for all"));
    }
    claim_path("claim", &tiers.claim).map_err(within)?;
    if !(1..=MAX_TIERS).contains(&tiers.quotas.len()) {
        return Err(ConfigError::new("tiers.quotas", format!("{} quotas", tiers.quotas.len()), "1 to 32 quotas"));
    }
    let read = |(index, tier): (usize, &config::Tier)| {
        let is_twice = tiers.quotas.iter().take(index).any(|other| other.is == tier.is);
        let unique =
            if is_twice { Err(ConfigError::new("is", &tier.is, "each value once")) } else { text("is", &tier.is) };
        let quota = unique.and_then(|()| quota(written, is_remote, tier.limit, tier.burst));
        let quota = quota.map_err(|fault| fault.within(format!("quotas[{index}]")).within("tiers"))?;
        Ok((tier.is.clone(), quota))
    };
    let quotas = tiers.quotas.iter().enumerate().map(read).collect::<Result<_, ConfigError>>()?;
    Ok(Some(Tiers { claim: tiers.claim.clone(), quotas }))
}

fn default_output(written: &config::Limit) -> Result<Vec<(Pattern, u64)>, ConfigError> {
    const PLACE: &str = "default_output_tokens";
    let defaults = &written.default_output_tokens;
    let has_last = defaults.last().is_some_and(|last| last.model == "*");
    match (written.unit.counts_output(), defaults.is_empty()) {
        (false, true) => return Ok(Vec::new()),
        (false, false) => return Err(ConfigError::new(PLACE, "a list", "none: the unit counts no tokens of answers")),
        (true, _) if !has_last => {
            return Err(ConfigError::missing(PLACE, "a list of model and tokens, the last for the model \"*\""));
        }
        (true, _) => {}
    }
    if defaults.len() > MAX_PATTERNS {
        return Err(ConfigError::new(PLACE, format!("{} entries", defaults.len()), "at most 64 entries"));
    }
    let read = |(index, default): (usize, &config::DefaultOutput)| {
        let tokens = in_range("tokens", default.tokens, 1..=MAX_OUTPUT);
        let read = tokens.and_then(|()| Ok((pattern("model", &default.model)?, default.tokens)));
        read.map_err(|fault| fault.within(format!("{PLACE}[{index}]")))
    };
    defaults.iter().enumerate().map(read).collect()
}

/// The headers that make buckets.
pub(super) fn headers(limits: &[Limit]) -> Vec<String> {
    let mut names: Vec<String> = limits
        .iter()
        .flat_map(|limit| &limit.key)
        .filter_map(|part| if let KeyPart::Header(name) = part { Some(name.clone()) } else { None })
        .collect();
    names.sort();
    names.dedup();
    names
}

/// The claims that limits look at.
pub(super) fn claims(limits: &[Limit]) -> Vec<Vec<String>> {
    let of_keys = limits.iter().flat_map(|limit| &limit.key);
    let of_keys = of_keys.filter_map(|part| if let KeyPart::Claim(path) = part { Some(path.clone()) } else { None });
    let of_tiers = limits.iter().filter_map(|limit| limit.tiers.as_ref()).map(|tiers| tiers.claim.clone());
    of_keys.chain(of_tiers).collect()
}
