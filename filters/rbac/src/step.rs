//! What comes next for a request, told from its head, and from its body if that was awaited. Nothing is done here: the
//! filter does it, and the command line tells it.

use portcullis::ai::LIMITS;
use portcullis::ai::endpoint::Endpoint;
use portcullis::ai::outline::Outline;
use portcullis::ai::read::{Fault, Reading, read};

use crate::asked::asked;
use crate::clamp::{NoPlace, clamped};
use crate::facts::{Facts, Plan};
use crate::policy::{Asked, Body, Clamp, Decision, Outcome, Policy, Reason};
use crate::refusal::Denial;

/// What comes after the head.
pub(crate) enum Step<'p> {
    /// The body, whole: it has a say, or is to be cut.
    Await,
    /// Nothing: the body has a say, and nobody here can read it.
    Unreadable(Decision<'p>, Denial),
    /// Nothing that could change this.
    Judged(Judged<'p>),
}

/// What the rules say to a request, and what they were told of its body.
pub(crate) struct Judged<'p> {
    pub(crate) decision: Decision<'p>,
    pub(crate) told: Told,
    /// The body that goes on, if it is another.
    pub(crate) cut: Result<Option<Vec<u8>>, NoPlace>,
    /// What the body that goes on asks for, if others want to know it.
    pub(crate) outline: Option<Box<Outline>>,
}

/// What the rules were told of a body.
#[derive(Debug)]
pub(crate) enum Told {
    /// Nothing: the head is enough.
    NotNeeded,
    /// That there is none; its path may ask for a stream.
    Empty(Asked),
    /// That it is none that is read.
    NotRead,
    /// This.
    Read(Asked),
}

impl Told {
    fn empty(facts: &Facts) -> Self {
        let stream = facts.endpoint.and_then(|endpoint| endpoint.wants_stream(facts.path(), None));
        Self::Empty(Asked { stream: Some(stream == Some(true)), ..Asked::NOTHING.clone() })
    }

    pub(crate) fn body(&self) -> Body<'_> {
        match self {
            Self::NotNeeded => Body::Unread,
            Self::NotRead => Body::None,
            Self::Empty(asked) | Self::Read(asked) => Body::Read(asked),
        }
    }

    /// The models that the body names.
    pub(crate) fn models(&self) -> &[String] {
        match self {
            Self::Read(asked) => &asked.models,
            _ => &[],
        }
    }
}

impl Judged<'_> {
    /// Why the request does not go on, if it does not.
    pub(crate) fn denial(&self) -> Option<Denial> {
        match (self.decision.outcome, &self.cut) {
            (Outcome::Allow { .. }, Ok(_)) => None,
            (Outcome::Allow { .. }, Err(NoPlace)) => Some(Reason::CapRequired.into()),
            _ => Some(self.decision.reason.into()),
        }
    }
}

/// What the head says.
pub(crate) fn of_head<'p>(policy: &'p Policy, facts: &Facts) -> Step<'p> {
    let decision = policy.decide(&facts.head(), &Body::Unread);
    let wants_body = decision.outcome == Outcome::NeedsBody || cuts(facts, &decision).is_some();
    match facts.plan() {
        _ if !wants_body => Step::Judged(Judged { decision, told: Told::NotNeeded, cut: Ok(None), outline: None }),
        Plan::Await => unreadable(facts).map_or(Step::Await, |denial| Step::Unreadable(decision, denial)),
        Plan::Empty => Step::Judged(without(policy, facts, Told::empty(facts))),
        Plan::Pass => Step::Judged(without(policy, facts, Told::NotRead)),
    }
}

/// Why a body could not be read that some table describes.
fn unreadable(facts: &Facts) -> Option<Denial> {
    facts.readable()?;
    if facts.is_encoded() {
        return Some(Denial::ContentEncoding);
    }
    facts.is_other_than_json().then_some(Denial::ContentType)
}

/// What a body that was awaited says.
pub(crate) fn of_body<'p>(policy: &'p Policy, facts: &Facts, body: &[u8]) -> Result<Judged<'p>, Fault> {
    match facts.readable() {
        _ if body.is_empty() => Ok(without(policy, facts, Told::empty(facts))),
        None => Ok(without(policy, facts, Told::NotRead)),
        Some(endpoint) => with(policy, facts, endpoint, body),
    }
}

/// Of a request whose body says nothing, because there is none or because it is not read.
fn without<'p>(policy: &'p Policy, facts: &Facts, told: Told) -> Judged<'p> {
    let decision = policy.decide(&facts.head(), &told.body());
    let is_uncut =
        matches!(told, Told::NotRead) && cuts(facts, &decision).is_some_and(|clamp| clamp.is_about(facts.operation()));
    Judged { decision, told, cut: if is_uncut { Err(NoPlace) } else { Ok(None) }, outline: None }
}

fn with<'p>(policy: &'p Policy, facts: &Facts, endpoint: &Endpoint, body: &[u8]) -> Result<Judged<'p>, Fault> {
    let reading = read(body, endpoint.request, LIMITS)?;
    let asked = asked(endpoint, facts.path(), body, &reading);
    let decision = policy.decide(&facts.head(), &Body::Read(&asked));
    let cut = match decision.outcome {
        Outcome::Allow { clamp: Some(clamp) } => clamped(endpoint, body, &reading, &asked, clamp),
        _ => Ok(None),
    };
    let outline = if facts.tells_request { outline(endpoint, body, &reading, &cut) } else { None };
    Ok(Judged { decision, told: Told::Read(asked), cut, outline })
}

/// What the body asks for that goes on.
fn outline(
    endpoint: &Endpoint,
    body: &[u8],
    reading: &Reading<'_>,
    cut: &Result<Option<Vec<u8>>, NoPlace>,
) -> Option<Box<Outline>> {
    let outline = match cut {
        Ok(None) => Some(Outline::of(endpoint, body, reading)),
        Ok(Some(body)) => {
            read(body, endpoint.request, LIMITS).ok().map(|reading| Outline::of(endpoint, body, &reading))
        }
        Err(NoPlace) => None,
    };
    outline.map(Box::new)
}

/// What a rule cuts of what the request says.
fn cuts<'p>(facts: &Facts, decision: &Decision<'p>) -> Option<&'p Clamp> {
    match decision.outcome {
        Outcome::Allow { clamp } if !facts.is_lookup() => clamp,
        _ => None,
    }
}
