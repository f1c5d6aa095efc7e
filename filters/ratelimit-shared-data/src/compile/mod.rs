//! From what was written to what it means: every check of a configuration that its types cannot make.

mod backend;
mod limits;
mod meters;
mod prices;
mod watch;

use std::collections::BTreeSet;

use portcullis::config::in_range;
use portcullis::prelude::{ConfigError, Millis};

use crate::backend::Backend;
use crate::config::Config;
use crate::policy::page::BUCKETS;
use crate::policy::{Limit, Prices};

/// Limits, and what they are about.
#[derive(Debug)]
pub struct Compiled {
    /// The limits, in the order in which they are written.
    pub limits: Vec<Limit>,
    /// Who counts for many Envoys together.
    pub backend: Option<Backend>,
    /// What tokens cost.
    pub prices: Prices,
    /// How many pages the table has.
    pub pages: u32,
    /// The headers that make buckets.
    pub headers: Vec<String>,
    /// The claims that limits look at, as paths of member names: authn's `identity.claims` must list them.
    pub claims: Vec<Vec<String>>,
}

const MAX_LIMITS: usize = 32;
const SLOTS: std::ops::RangeInclusive<u32> = 1024..=4_194_304;
const DRAIN_FOR: std::ops::RangeInclusive<Millis> = Millis(100)..=Millis(60_000);

/// Compiles a configuration.
pub fn compile(config: &Config) -> Result<Compiled, ConfigError> {
    if !(1..=MAX_LIMITS).contains(&config.limits.len()) {
        let found = format!("{} limits", config.limits.len());
        return Err(ConfigError::new("limits", found, format!("1 to {MAX_LIMITS} limits")));
    }
    in_range("slots", config.slots, SLOTS)?;
    in_range("drain_for", config.drain_for, DRAIN_FOR)?;
    let prices = prices::compile(config.prices.as_ref())?;
    let backend = backend::compile(config.backend.as_ref())?;
    let limits = limits::compile(&config.limits, config.prices.is_some(), backend.is_some())?;
    Ok(Compiled {
        headers: limits::headers(&limits),
        claims: limits::claims(&limits).into_iter().collect::<BTreeSet<_>>().into_iter().collect(),
        pages: config.slots.div_ceil(u32::try_from(BUCKETS).unwrap_or(1)),
        limits,
        backend,
        prices,
    })
}
