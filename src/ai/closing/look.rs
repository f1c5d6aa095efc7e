//! A look at the few members of a frame that close a stream. The frame was read by its table before: here is no rule that
//! could refuse it, and what is something else than the API documents is not there.

use std::borrow::Cow;

use serde_json::Value;

use crate::ai::LIMITS;
use crate::json::{Error, Raw, Reader, parse};

/// The values of these members of an object, as they stand there.
pub(super) fn members<'d, const N: usize>(object: &'d [u8], names: [&str; N]) -> [Option<&'d [u8]>; N] {
    let mut found = [None; N];
    match find(object, names, &mut found) {
        Ok(()) => found,
        Err(_) => [None; N],
    }
}

fn find<'d, const N: usize>(
    object: &'d [u8],
    names: [&str; N],
    found: &mut [Option<&'d [u8]>; N],
) -> Result<(), Error> {
    let mut reader = Reader::new(object, LIMITS);
    if reader.next_raw()? != Some(Raw::ObjectStart) {
        return Ok(());
    }
    while let Some(Raw::Key(name)) = reader.next_raw()? {
        let name = name.unescaped();
        let slot = names.iter().position(|known| *known == name).and_then(|at| found.get_mut(at));
        let span = reader.skip_value()?;
        if let Some((slot, span)) = slot.zip(span) {
            *slot = object.get(span);
        }
    }
    reader.finish()
}

/// Each element of an array.
pub(super) fn each(array: &[u8], each: &mut dyn FnMut(&[u8])) {
    let mut reader = Reader::new(array, LIMITS);
    if !matches!(reader.next_raw(), Ok(Some(Raw::ArrayStart))) {
        return;
    }
    while let Ok(Some(span)) = reader.skip_value() {
        each(array.get(span).unwrap_or_default());
    }
}

/// What a string says.
pub(super) fn text(value: Option<&[u8]>) -> Option<Cow<'_, str>> {
    match Reader::new(value?, LIMITS).next_raw() {
        Ok(Some(Raw::String(text))) => Some(text.unescaped()),
        _ => None,
    }
}

/// A string that says something: some servers write an empty one for none.
pub(super) fn is_word(value: Option<&[u8]>) -> bool {
    text(value).is_some_and(|text| !text.is_empty())
}

/// A string that is short enough to be kept, unless one is already.
pub(super) fn keep(kept: &mut Option<String>, value: Option<&[u8]>) {
    if kept.is_none() {
        *kept = text(value).filter(|text| (1..=MAX_WORD).contains(&text.len())).map(Cow::into_owned);
    }
}

/// A natural number.
pub(super) fn number(value: Option<&[u8]>) -> Option<u64> {
    match Reader::new(value?, LIMITS).next_raw() {
        Ok(Some(Raw::Number(number))) => number.as_u64(),
        _ => None,
    }
}

/// The value as a tree.
pub(super) fn tree(value: &[u8]) -> Value {
    parse(value, LIMITS).unwrap_or_default()
}

/// The longest word that is kept: ids and times of day.
const MAX_WORD: usize = 256;
