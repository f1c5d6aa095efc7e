//! What the tests of the dialects ask.

use super::endpoint::{Endpoint, Found};
use super::read::{Fault, Reading, read};
use super::shape::Is;
use super::vocabulary::{Measure, Operation, Provenance, Unread, What};
use crate::ai::LIMITS;
use crate::http::path::Canonical;

/// A request, by the tables of its path.
pub(super) fn request<'a>(path: &str, body: &'a str) -> Result<Reading<'a>, Fault> {
    read(body.as_bytes(), table(path, |found| found.endpoint.request), LIMITS)
}

/// An answer, or one event of it.
pub(super) fn answer<'a>(path: &str, body: &'a str) -> Reading<'a> {
    read(body.as_bytes(), table(path, |found| found.endpoint.answer), LIMITS).unwrap()
}

/// What a method does at a path, and the model there.
pub(super) fn found(method: &str, path: &str) -> Option<(Operation, Option<String>)> {
    let path = Canonical::read(path.as_bytes()).unwrap();
    Endpoint::find(method, &path).map(|found| (found.endpoint.operation, found.model.map(str::to_owned)))
}

fn table(path: &str, of: impl Fn(Found<'_>) -> Is) -> Is {
    let canonical = Canonical::read(path.as_bytes()).unwrap();
    of(Endpoint::find("POST", &canonical).unwrap_or_else(|| panic!("{path}")))
}

/// Every text, and where it comes from.
pub(super) fn texts(reading: &Reading<'_>) -> Vec<(Provenance, String)> {
    reading.texts.iter().map(|text| (text.provenance, text.text.unescaped().into_owned())).collect()
}

/// The words of one kind that were kept.
pub(super) fn notes(reading: &Reading<'_>, what: What) -> Vec<String> {
    reading.notes.iter().filter(|note| note.what == what).map(|note| note.text.unescaped().into_owned()).collect()
}

/// What could not be read.
pub(super) fn unread(reading: &Reading<'_>) -> Vec<Unread> {
    reading.unread.iter().map(|(why, _)| *why).collect()
}

/// A part of a request, the texts it says and what of it cannot be read.
pub(super) type Part<'a> = (&'a str, &'a [(Provenance, &'a str)], &'a [Unread]);

/// Expects that of each part, and that all its members are known; `whole` makes a request of it.
pub(super) fn expect_parts(path: &str, parts: &[Part<'_>], whole: impl Fn(&str) -> String) {
    for (part, says, hides) in parts {
        let body = whole(part);
        let reading = request(path, &body).unwrap_or_else(|fault| panic!("{part}: {fault}"));
        assert_eq!(texts(&reading), owned(says), "{part}");
        assert_eq!(unread(&reading), *hides, "{part}");
        assert_eq!(reading.unknown, [], "{part}");
    }
}

/// An answer or an event, the texts it says and the numbers.
pub(super) type Event<'a> = (&'a str, &'a [(Provenance, &'a str)], &'a [(Measure, u64)]);

/// Expects that of each, and that all its members are known.
pub(super) fn expect_events(path: &str, events: &[Event<'_>]) {
    for (event, says, counts) in events {
        let reading = answer(path, event);
        assert_eq!(texts(&reading), owned(says), "{event}");
        assert_eq!(reading.numbers, *counts, "{event}");
        assert_eq!(reading.unknown, [], "{event}");
    }
}

fn owned(texts: &[(Provenance, &str)]) -> Vec<(Provenance, String)> {
    texts.iter().map(|(provenance, text)| (*provenance, (*text).to_owned())).collect()
}
