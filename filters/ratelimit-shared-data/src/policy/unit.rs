//! What is counted: of what a request may use at most, and of what it did use.

use super::price::Price;
pub use crate::config::Unit;

/// What a request and its answer use, or may use at most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Use {
    /// Tokens of the request, those read from a cache included.
    pub input: u64,
    /// Those of them that were read from a cache.
    pub cached: u64,
    /// Tokens of the answer, those that the model thought included.
    pub output: u64,
    /// Those of them that the model thought.
    pub reasoning: u64,
    /// Both together; what the API says if that is more.
    pub total: u64,
    /// Bytes of both bodies.
    pub bytes: u64,
}

impl Use {
    /// The most that so many tokens of a request, answered by so many, can be by any measure but money.
    pub fn at_most(input: u64, output: u64, bytes: u64) -> Self {
        Self { input, cached: input, output, reasoning: output, total: input.saturating_add(output), bytes }
    }
}

impl Unit {
    /// The units of what is used. A price is asked for by `Cost` alone.
    pub fn of(self, used: &Use, price: Option<&Price>) -> u64 {
        match self {
            Self::Requests | Self::Concurrent => 1,
            Self::InputTokens => used.input,
            Self::OutputTokens => used.output,
            Self::TotalTokens => used.total,
            Self::CachedTokens => used.cached,
            Self::ReasoningTokens => used.reasoning,
            Self::Bytes => used.bytes,
            Self::Cost => price.map_or(u64::MAX, |price| price.of(used)),
            Self::Distinct => 0,
        }
    }

    /// The units of the most that it can be: of a request whose cache nobody knows nothing is cheaper for it.
    pub fn at_most(self, most: &Use, price: Option<&Price>) -> u64 {
        match self {
            Self::Cost => price.map_or(u64::MAX, |price| price.at_most(most)),
            _ => self.of(most, price),
        }
    }

    /// Whether it is known only when the answer is.
    pub fn is_known_at_end(self) -> bool {
        !matches!(self, Self::Requests | Self::Concurrent | Self::Distinct)
    }

    /// Whether it counts tokens, or what they cost.
    pub fn counts_tokens(self) -> bool {
        self.is_known_at_end() && self != Self::Bytes
    }

    /// Whether it counts what a model writes.
    pub fn counts_output(self) -> bool {
        matches!(self, Self::OutputTokens | Self::TotalTokens | Self::ReasoningTokens | Self::Cost)
    }

    /// Its word, as an operator writes it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::InputTokens => "input_tokens",
            Self::OutputTokens => "output_tokens",
            Self::TotalTokens => "total_tokens",
            Self::CachedTokens => "cached_tokens",
            Self::ReasoningTokens => "reasoning_tokens",
            Self::Bytes => "bytes",
            Self::Cost => "cost",
            Self::Concurrent => "concurrent",
            Self::Distinct => "distinct",
        }
    }
}
