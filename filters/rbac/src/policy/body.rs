//! What rules ask of bodies: which models and resources are named, caps, and what must not be used.

use portcullis::ai::vocabulary::Feature;

use super::condition::Facts;
use super::names::Names;
use super::request::{Asked, Body};
use super::rule::Effect;
use super::truth::Truth;
use portcullis::pattern::Pattern;

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
    /// Members that nobody documents: a server may take them for what no rule sees.
    UnknownMembers,
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
        Feature::ALL.iter().copied().map(Self::Feature).chain([Self::TopLogprobs, Self::UnknownMembers])
    }

    fn word(self) -> &'static str {
        match self {
            Self::Feature(feature) => feature.word(),
            Self::TopLogprobs => "top_logprobs",
            Self::UnknownMembers => "unknown_members",
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
            Self::UnknownMembers => asked.has_unknown,
            Self::Feature(Feature::Tools) if asked.tools > 0 => true,
            // How many alternatives, said alone, is how some APIs ask for them.
            Self::Feature(Feature::Logprobs) if asked.top_logprobs.is_some() => true,
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
pub(super) fn models(patterns: &[Pattern], facts: &Facts<'_>, effect: Effect) -> Truth {
    match names(patterns, &facts.models, facts.body, effect) {
        Truth::Holds if effect == Effect::Allow => facts.head.says_model(facts.body).into(),
        truth => truth,
    }
}

/// Whether the resources that are named fit.
pub(super) fn resources(patterns: &[Pattern], facts: &Facts<'_>, effect: Effect) -> Truth {
    names(patterns, &facts.resources, facts.body, effect)
}

/// An allow rule must fit every name, and one at least; a deny rule any. One that decides so decides whatever follows.
fn names(patterns: &[Pattern], names: &Names<'_>, body: &Body<'_>, effect: Effect) -> Truth {
    match effect {
        Effect::Allow if !names.all_fit(patterns) => Truth::Fails,
        Effect::Deny if names.one_could_fit(patterns) => Truth::Holds,
        _ if body.asked().is_none() => untold(body),
        Effect::Allow => (!names.is_empty()).into(),
        Effect::Deny => Truth::Fails,
    }
}

fn told(body: &Body<'_>, holds: impl FnOnce(&Asked) -> Truth) -> Truth {
    body.asked().map_or_else(|| untold(body), holds)
}

/// Of what a body does not say yet, or never will.
fn untold(body: &Body<'_>) -> Truth {
    if body.is_unread() { Truth::Unknown } else { Truth::Error }
}
