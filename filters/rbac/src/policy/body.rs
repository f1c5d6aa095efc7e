//! What rules ask of bodies: which models and resources are named, caps, and what must not be used.

use portcullis::ai::vocabulary::Feature;

use super::pattern::Pattern;
use super::request::{Asked, Body, Head};
use super::rule::Effect;
use super::truth::Truth;

/// A cap that a request respects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cap {
    /// The cap on tokens of the answer is there, and at most this.
    MaxOutputTokens(u64),
    /// So many answers at most.
    Choices(u64),
    /// So many tools at most.
    Tools(usize),
    /// Text alone.
    NoImages,
    /// Whether the answer is streamed.
    Stream(bool),
    /// So many messages at most.
    Messages(u32),
}

/// What must not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forbidden {
    /// Something that a body can switch on.
    Feature(Feature),
    /// Alternatives of each token.
    TopLogprobs,
}

impl Cap {
    pub(super) fn truth(self, body: &Body<'_>) -> Truth {
        told(body, |asked| self.respects(asked).map_or(Truth::Error, Truth::from))
    }

    /// `None` if nobody knows before the answer.
    fn respects(self, asked: &Asked) -> Option<bool> {
        Some(match self {
            Self::MaxOutputTokens(most) => asked.max_output_tokens.is_some_and(|found| found <= most),
            Self::Choices(most) => asked.choices.unwrap_or(1) <= most,
            Self::Tools(most) => asked.tools <= most,
            Self::NoImages => !asked.has_media,
            Self::Stream(wanted) => asked.stream? == wanted,
            Self::Messages(most) => asked.messages <= most,
        })
    }
}

impl Forbidden {
    fn all() -> impl Iterator<Item = Self> {
        Feature::ALL.iter().copied().map(Self::Feature).chain([Self::TopLogprobs])
    }

    fn word(self) -> &'static str {
        match self {
            Self::Feature(feature) => feature.word(),
            Self::TopLogprobs => "top_logprobs",
        }
    }

    /// By its word.
    pub fn named(word: &str) -> Option<Self> {
        Self::all().find(|forbidden| forbidden.word() == word)
    }

    /// All words.
    pub fn words() -> impl Iterator<Item = &'static str> {
        Self::all().map(Self::word)
    }

    fn is_used(self, asked: &Asked) -> bool {
        match self {
            Self::TopLogprobs => asked.top_logprobs.is_some(),
            Self::Feature(Feature::Tools) if asked.tools > 0 => true,
            Self::Feature(feature) => asked.features.contains(&feature),
        }
    }
}

/// Whether none of these is used.
pub(super) fn avoids(forbidden: &[Forbidden], body: &Body<'_>) -> Truth {
    told(body, |asked| Truth::from(!forbidden.iter().any(|forbidden| forbidden.is_used(asked))))
}

/// Whether the models that are named fit: those of path and query are known before the body. One that is named where the
/// server does not look for it counts against the caller alone.
pub(super) fn models(patterns: &[Pattern], head: &Head<'_>, body: &Body<'_>, effect: Effect) -> Truth {
    let of_body = body.asked().map(|asked| asked.models.as_slice());
    match names(patterns, head.models(), of_body, body, effect) {
        Truth::Holds if effect == Effect::Allow => head.says_model(body).into(),
        truth => truth,
    }
}

/// Whether the resources that are named fit.
pub(super) fn resources(patterns: &[Pattern], body: &Body<'_>, effect: Effect) -> Truth {
    let of_body = body.asked().map(|asked| asked.resources.as_slice());
    names(patterns, std::iter::empty(), of_body, body, effect)
}

/// An allow rule must fit every name, and one at least; a deny rule any. One that decides so decides whatever follows.
fn names<'a>(
    patterns: &[Pattern],
    of_head: impl Iterator<Item = &'a str>,
    of_body: Option<&'a [String]>,
    body: &Body<'_>,
    effect: Effect,
) -> Truth {
    let mut found = of_head.chain(of_body.into_iter().flatten().map(String::as_str)).peekable();
    let is_any = found.peek().is_some();
    let mut fitting = found.map(|name| patterns.iter().any(|pattern| pattern.fits(name)));
    let decided = match effect {
        Effect::Allow if !fitting.all(|fits| fits) => Some(Truth::Fails),
        Effect::Deny if fitting.any(|fits| fits) => Some(Truth::Holds),
        Effect::Allow | Effect::Deny => None,
    };
    let known = Truth::from(effect == Effect::Allow && is_any);
    decided.unwrap_or_else(|| if of_body.is_some() { known } else { untold(body) })
}

fn told(body: &Body<'_>, holds: impl FnOnce(&Asked) -> Truth) -> Truth {
    body.asked().map_or_else(|| untold(body), holds)
}

/// Of what a body does not say yet, or never will.
fn untold(body: &Body<'_>) -> Truth {
    if body.is_unread() { Truth::Unknown } else { Truth::Error }
}
