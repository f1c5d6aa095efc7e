//! Whose counter it is, as the service knows it: `limit` with the limit's name, `tier` where it has tiers, and an entry for
//! each part of its key.
//!
//! Values are as authn and the API say them, so that an operator can name them in the service's configuration. Of a header,
//! which may be a credential, and of what is long or no text the first half of its SHA-256 is told.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::proto::{Entry, RateLimitDescriptor};
use crate::config::KeyPart;
use crate::policy::{Limit, Part, Request, Unit};

/// The longest value that is told as it is, in bytes.
const MAX_VALUE: usize = 256;

/// What there is in the place of several values.
const SEVERAL: &str = "*";

/// Money is told in millionths of a unit of the currency: services count to 2^32.
const MICRO: u64 = 1_000_000;

/// The descriptor of a request under a limit, without hits.
pub(crate) fn descriptor(limit: &Limit, request: &Request<'_>) -> RateLimitDescriptor {
    let mut entries = vec![entry("limit".to_owned(), limit.name.clone())];
    if limit.tiers.is_some() {
        entries.push(entry("tier".to_owned(), limit.tier(request.identity).unwrap_or_default().to_owned()));
    }
    for part in &limit.key {
        let mut values = Vec::new();
        let is_plain = !matches!(part, KeyPart::Header(_));
        limit.tell(part, request, &mut |said| values.push(value(said, is_plain)));
        entries.extend(names(part).into_iter().zip(values).map(|(name, value)| entry(name, value)));
    }
    RateLimitDescriptor { entries, ..RateLimitDescriptor::default() }
}

/// Units as hits, rounded up.
pub(crate) fn hits(unit: Unit, units: u64) -> u64 {
    if unit == Unit::Cost { units.div_ceil(MICRO) } else { units }
}

/// Hits as units.
pub(crate) fn units(unit: Unit, hits: u64) -> u64 {
    if unit == Unit::Cost { hits.saturating_mul(MICRO) } else { hits }
}

fn entry(key: String, value: String) -> Entry {
    Entry { key, value }
}

/// The names of what a part of a key says, in its order.
fn names(part: &KeyPart) -> Vec<String> {
    let name = match part {
        KeyPart::Subject => return vec!["subject".to_owned(), "issuer".to_owned()],
        KeyPart::Claim(path) => format!("claim.{}", path.join(".")),
        KeyPart::Header(name) => format!("header.{name}"),
        KeyPart::Capture(name) => format!("capture.{name}"),
        KeyPart::Tenant => "tenant".to_owned(),
        KeyPart::ApiKey => "api_key".to_owned(),
        KeyPart::Role(_) => "role".to_owned(),
        KeyPart::Model => "model".to_owned(),
        KeyPart::Operation => "operation".to_owned(),
        KeyPart::Tool => "tool".to_owned(),
        KeyPart::Source => "source".to_owned(),
        KeyPart::SourceBlock(_) => "source_block".to_owned(),
        KeyPart::Constant(_) => "constant".to_owned(),
    };
    vec![name]
}

fn value(said: Part<'_>, is_plain: bool) -> String {
    match said {
        Part::Absent => String::new(),
        Part::Several => SEVERAL.to_owned(),
        Part::Address(address) => address.to_string(),
        Part::Is(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) if is_plain && text.len() <= MAX_VALUE && !text.contains(char::is_control) => text.to_owned(),
            _ => hashed(bytes),
        },
    }
}

fn hashed(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().take(16).fold("sha256:".to_owned(), |mut text, byte| {
        write!(text, "{byte:02x}").ok(); // a String takes all
        text
    })
}
