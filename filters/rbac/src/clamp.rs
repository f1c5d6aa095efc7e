//! Cuts a body to the caps of a rule: the numbers that are too high are written anew, and no other byte.
//!
//! Rules:
//! 1. every cap on tokens of the answer that is higher becomes the rule's, and every number of answers, those that are
//!    made and thrown away included;
//! 2. a request without a cap gets one where its API has it at the top of the body; `null` there is none;
//! 3. where there is no such place, or a batch could hold a request without a cap, the request is refused;
//! 4. what was written is read again: a body that does not say what it should is refused.

use std::ops::Range;

use portcullis::ai::LIMITS;
use portcullis::ai::endpoint::Endpoint;
use portcullis::ai::read::{Reading, read};
use portcullis::ai::vocabulary::Measure;
use portcullis::json::{Raw, Reader};
use portcullis::splice::{Edit, spliced};

use crate::asked;
use crate::policy::{Asked, Clamp};

/// There is no cap to cut, and no place to put one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoPlace;

/// The body, cut; `None` if it is as it should be.
pub(crate) fn clamped(
    endpoint: &Endpoint,
    body: &[u8],
    reading: &Reading<'_>,
    asked: &Asked,
    clamp: &Clamp,
) -> Result<Option<Vec<u8>>, NoPlace> {
    let mut edits = lowered(reading, clamp);
    let is_missing = asked.max_output_tokens.is_none() && endpoint.operation.has_output();
    if let Some(cap) = clamp.max_output_tokens.filter(|_| is_missing) {
        edits.push(inserted(endpoint, body, cap)?);
    }
    if edits.is_empty() {
        return Ok(None);
    }
    let body = spliced(body, edits);
    if holds(endpoint, &body, clamp) { Ok(Some(body)) } else { Err(NoPlace) }
}

fn lowered(reading: &Reading<'_>, clamp: &Clamp) -> Vec<Edit> {
    let numbers = reading.numbers.iter().zip(&reading.places);
    let edit = |(&(measure, value), place): (&(Measure, u64), &portcullis::ai::read::Place)| {
        let cap = cap_of(measure, clamp).filter(|cap| value > *cap)?;
        Some(Edit { at: place.span.clone(), bytes: digits(cap) })
    };
    numbers.filter_map(edit).collect()
}

fn cap_of(measure: Measure, clamp: &Clamp) -> Option<u64> {
    match measure {
        Measure::MaxOutputTokens => clamp.max_output_tokens,
        Measure::Choices | Measure::BestOf => clamp.choices,
        _ => None,
    }
}

/// The cap where it is missing. A member that is there and is no number but `null` is left to nobody.
fn inserted(endpoint: &Endpoint, body: &[u8], cap: u64) -> Result<Edit, NoPlace> {
    let member = endpoint.cap_member().ok_or(NoPlace)?;
    match top(body, member) {
        Some(Top::Missing { first, is_empty }) => {
            let comma = if is_empty { "" } else { "," };
            Ok(Edit { at: first..first, bytes: format!("\"{member}\":{cap}{comma}").into_bytes() })
        }
        Some(Top::Null(at)) => Ok(Edit { at, bytes: digits(cap) }),
        None => Err(NoPlace),
    }
}

/// What the body has at a member of its own.
enum Top {
    /// Nothing. The first member begins here, if there is one.
    Missing { first: usize, is_empty: bool },
    /// `null`, here.
    Null(Range<usize>),
}

fn top(body: &[u8], member: &str) -> Option<Top> {
    let mut reader = Reader::new(body, LIMITS);
    if !matches!(reader.next_raw().ok()??, Raw::ObjectStart) {
        return None;
    }
    let (first, mut is_empty) = (reader.span().end, true);
    while let Raw::Key(name) = reader.next_raw().ok()?? {
        is_empty = false;
        if name.unescaped() != member {
            reader.skip_value().ok()?;
        } else if matches!(reader.next_raw().ok()??, Raw::Null) {
            return Some(Top::Null(reader.span()));
        } else {
            return None;
        }
    }
    Some(Top::Missing { first, is_empty })
}

fn digits(cap: u64) -> Vec<u8> {
    cap.to_string().into_bytes()
}

/// Whether a body says what the rule wants.
fn holds(endpoint: &Endpoint, body: &[u8], clamp: &Clamp) -> bool {
    let Ok(reading) = read(body, endpoint.request, LIMITS) else { return false };
    let asked = asked::asked(endpoint, endpoint.path.as_bytes(), body, &reading);
    let fits = |cap| asked.max_output_tokens.map_or(!endpoint.operation.has_output(), |value| value <= cap);
    let is_capped = clamp.max_output_tokens.is_none_or(fits);
    is_capped && clamp.choices.is_none_or(|cap| asked.choices.unwrap_or(1) <= cap)
}
