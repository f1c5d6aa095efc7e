//! What tokens cost: whole millionths of a millionth of a unit of the currency, for each token.

use portcullis::pattern::Pattern;

use super::unit::Use;

/// What one token of a model costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    /// Of a request.
    pub input: u64,
    /// Of a request, read from a cache.
    pub cached: u64,
    /// Of an answer.
    pub output: u64,
}

/// The prices of models; the first that fits counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prices(pub Vec<(Pattern, Price)>);

impl Price {
    /// What something costs.
    pub fn of(&self, used: &Use) -> u64 {
        let cached = used.cached.min(used.input);
        let fresh = used.input.saturating_sub(cached).saturating_mul(self.input);
        let output = used.output.saturating_mul(self.output);
        fresh.saturating_add(cached.saturating_mul(self.cached)).saturating_add(output)
    }

    /// What it costs at most, whatever of it is read from a cache.
    pub fn at_most(&self, most: &Use) -> u64 {
        let input = most.input.saturating_mul(self.input.max(self.cached));
        input.saturating_add(most.output.saturating_mul(self.output))
    }

    /// What is dearer of both, each for itself.
    #[must_use]
    fn max(self, other: Self) -> Self {
        Self {
            input: self.input.max(other.input),
            cached: self.cached.max(other.cached),
            output: self.output.max(other.output),
        }
    }
}

impl Prices {
    /// The price of a request that names these models: of several the dearest. `None` if one has no price, or none is
    /// named and there is none for any.
    pub fn of(&self, models: &[String]) -> Option<Price> {
        if models.is_empty() {
            return self.of_one("");
        }
        let mut prices = models.iter().map(|model| self.of_one(model));
        let first = prices.next()??;
        prices.try_fold(first, |dearest, price| Some(dearest.max(price?)))
    }

    fn of_one(&self, model: &str) -> Option<Price> {
        self.0.iter().find(|(pattern, _)| pattern.fits(model)).map(|(_, price)| *price)
    }
}
