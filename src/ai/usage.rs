//! What an answer cost, as its API counts: one form for all of them.
//!
//! APIs count in two ways. Some tell cached and thought tokens within the others, some beside them; here they are always
//! within. Streams tell a number several times and each is the sum so far, so the largest is the last.

use super::vocabulary::Measure;

/// Tokens of a request and its answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    numbers: [Option<u64>; 8],
}

/// Which of the numbers each measure is; those of requests are none.
const fn place(measure: Measure) -> Option<usize> {
    match measure {
        Measure::InputTokens => Some(0),
        Measure::CachedTokens => Some(1),
        Measure::CacheTokensBeside => Some(2),
        Measure::CachedTokensBeside => Some(3),
        Measure::OutputTokens => Some(4),
        Measure::ReasoningTokens => Some(5),
        Measure::ReasoningTokensBeside => Some(6),
        Measure::TotalTokens => Some(7),
        Measure::MaxOutputTokens | Measure::Choices | Measure::BestOf | Measure::TopLogprobs => None,
    }
}

impl Usage {
    /// Takes in what a part of the answer says.
    pub fn take(&mut self, numbers: &[(Measure, u64)]) {
        for (measure, number) in numbers {
            if let Some(slot) = place(*measure).and_then(|place| self.numbers.get_mut(place)) {
                *slot = (*slot).max(Some(*number));
            }
        }
    }

    /// Tokens of the request, cached ones included; `None` if the answer did not say.
    pub fn input(&self) -> Option<u64> {
        let beside = self.count(Measure::CacheTokensBeside).saturating_add(self.count(Measure::CachedTokensBeside));
        self.number(Measure::InputTokens).map(|input| input.saturating_add(beside))
    }

    /// Those of them that were read from a cache.
    pub fn cached(&self) -> Option<u64> {
        self.number(Measure::CachedTokens).or(self.number(Measure::CachedTokensBeside))
    }

    /// Tokens of the answer, those that the model thought included.
    pub fn output(&self) -> Option<u64> {
        let beside = self.count(Measure::ReasoningTokensBeside);
        self.number(Measure::OutputTokens).map(|output| output.saturating_add(beside))
    }

    /// Those of them that the model thought.
    pub fn reasoning(&self) -> Option<u64> {
        self.number(Measure::ReasoningTokens).or(self.number(Measure::ReasoningTokensBeside))
    }

    /// Both together; what the API says if that is more.
    pub fn total(&self) -> Option<u64> {
        let sum = self.input().zip(self.output()).map(|(input, output)| input.saturating_add(output));
        sum.max(self.number(Measure::TotalTokens))
    }

    fn count(&self, measure: Measure) -> u64 {
        self.number(measure).unwrap_or_default()
    }

    /// A number as the API told it.
    pub fn number(&self, measure: Measure) -> Option<u64> {
        place(measure).and_then(|place| self.numbers.get(place).copied()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_of_a_stream_is_its_last() {
        let mut usage = Usage::default();
        usage.take(&[(Measure::InputTokens, 10), (Measure::OutputTokens, 1)]);
        usage.take(&[(Measure::OutputTokens, 25), (Measure::Choices, 9)]);
        assert_eq!((usage.input(), usage.output(), usage.total()), (Some(10), Some(25), Some(35)));
        assert_eq!((usage.cached(), usage.reasoning(), Usage::default().total()), (None, None, None));
    }

    #[test]
    fn what_is_counted_beside_is_counted_in() {
        let mut usage = Usage::default();
        usage.take(&[
            (Measure::InputTokens, 10),
            (Measure::CacheTokensBeside, 100),
            (Measure::CachedTokensBeside, 1000),
            (Measure::OutputTokens, 5),
            (Measure::ReasoningTokensBeside, 7),
        ]);
        assert_eq!((usage.input(), usage.cached()), (Some(1110), Some(1000)));
        assert_eq!((usage.output(), usage.reasoning()), (Some(12), Some(7)));
    }
}
