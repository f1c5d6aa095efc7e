//! `prices`: what a million tokens cost becomes what one does.

use portcullis::pattern::Pattern;
use portcullis::prelude::ConfigError;

use crate::config::{self, Money};
use crate::policy::{Price, Prices};

const MAX_PRICES: usize = 256;
const TOKENS: u64 = 1_000_000;
/// What a million tokens cost at most: a million.
const MOST: Money = Money(1_000_000 * Money::ONE);

pub(super) fn compile(written: Option<&config::Prices>) -> Result<Prices, ConfigError> {
    let Some(written) = written else { return Ok(Prices::default()) };
    if !(1..=MAX_PRICES).contains(&written.models.len()) {
        let found = format!("{} prices", written.models.len());
        return Err(ConfigError::new("prices.models", found, format!("1 to {MAX_PRICES} prices")));
    }
    let read =
        |(index, price)| one(price).map_err(|fault: ConfigError| fault.within(format!("prices.models[{index}]")));
    written.models.iter().enumerate().map(read).collect::<Result<_, _>>().map(Prices)
}

fn one(written: &config::Price) -> Result<(Pattern, Price), ConfigError> {
    let input = a_token("input", written.input)?;
    let cached = written.cached_input.map_or(Ok(input), |cached| a_token("cached_input", cached))?;
    Ok((pattern("model", &written.model)?, Price { input, cached, output: a_token("output", written.output)? }))
}

fn a_token(place: &str, million: Money) -> Result<u64, ConfigError> {
    if million > MOST {
        return Err(ConfigError::new(place, million, format!("at most {MOST} for a million tokens")));
    }
    Ok(million.0.div_ceil(TOKENS))
}

/// A pattern that fits whatever a server could take for such a name.
pub(super) fn pattern(place: &str, text: &str) -> Result<Pattern, ConfigError> {
    Pattern::parse(text).map(Pattern::loose).map_err(|expected| ConfigError::new(place, text, expected))
}
