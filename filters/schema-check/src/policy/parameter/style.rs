//! How values are written in paths, queries, headers and cookies (`OpenAPI` 3.1, "Style Values"; RFC 6570), read back into
//! JSON. What could be read in two ways is nothing.

use super::kinds::Kinds;
use super::text::decoded;
use crate::openapi::document::{Parameter, Place, Style};

/// The JSON that a parameter can be; none if what is written is nothing of its style.
pub(super) type Candidates = Vec<String>;

/// Most members and elements of one parameter.
const MAX_PARTS: usize = 1000;

/// What is written of one value where arrays and objects are written as a whole: in a path, a header, a cookie, or in a
/// query without `explode`.
pub(super) fn whole(parameter: &Parameter, kinds: &Kinds, raw: &[u8], is_decoded: bool) -> Candidates {
    let plus = parameter.style == Style::Form || parameter.style == Style::SpaceDelimited;
    // Blanks around the parts of a header are no part of them (RFC 9110 section 5.6.1).
    let trimmed = |part: &[u8]| if parameter.place == Place::Header { part.trim_ascii() } else { part }.to_vec();
    let read = |part: &[u8]| if is_decoded { String::from_utf8(trimmed(part)).ok() } else { decoded(part, plus) };
    if kinds.is_array() || kinds.is_object() {
        let parts = split(&separator(parameter, raw), read);
        let of_parts = parts
            .and_then(|parts| if kinds.is_array() { array(kinds, &parts) } else { object(parameter, kinds, &parts) });
        match of_parts {
            Some(value) => return vec![value],
            None if !kinds.is_scalar() => return Vec::new(),
            None => {}
        }
    }
    let raw = if parameter.style == Style::Label { raw.strip_prefix(b".") } else { Some(raw) };
    raw.and_then(read).map(|text| kinds.values(&text)).unwrap_or_default()
}

/// What stands between the parts, and how many bytes of it are at the beginning.
fn separator<'r>(parameter: &Parameter, raw: &'r [u8]) -> Separator<'r> {
    let (by, rest): (&'static [&'static [u8]], &[u8]) = match parameter.style {
        Style::SpaceDelimited => (&[b"%20", b"+"], raw),
        Style::PipeDelimited => (&[b"|", b"%7C", b"%7c"], raw),
        Style::Label if parameter.explode => (&[b"."], raw.strip_prefix(b".").unwrap_or_default()),
        Style::Label => (&[b","], raw.strip_prefix(b".").unwrap_or_default()),
        _ => (&[b","], raw),
    };
    Separator { by, rest }
}

struct Separator<'r> {
    by: &'static [&'static [u8]],
    rest: &'r [u8],
}

fn split(separator: &Separator<'_>, read: impl Fn(&[u8]) -> Option<String>) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let mut left = separator.rest;
    if left.is_empty() {
        return Some(parts);
    }
    loop {
        let found = separator.by.iter().filter_map(|by| Some((find(left, by)?, by.len()))).min();
        let (part, rest) = match found {
            Some((at, length)) => (left.get(..at)?, left.get(at.checked_add(length)?..)),
            None => (left, None),
        };
        parts.push(read(part)?);
        match rest {
            Some(rest) if parts.len() < MAX_PARTS => left = rest,
            Some(_) => return None,
            None => return Some(parts),
        }
    }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

/// An array of texts.
pub(super) fn array(kinds: &Kinds, parts: &[String]) -> Option<String> {
    let items: Option<Vec<String>> = parts.iter().map(|part| kinds.item().values(part).into_iter().next()).collect();
    items.map(|items| format!("[{}]", items.join(",")))
}

/// An object: `a=1,b=2`, or without `explode` `a,1,b,2`.
fn object(parameter: &Parameter, kinds: &Kinds, parts: &[String]) -> Option<String> {
    let mut pairs = Vec::new();
    if parameter.explode {
        for part in parts {
            let (name, value) = part.split_once('=')?;
            pairs.push((name.to_owned(), value.to_owned()));
        }
    } else {
        for pair in parts.chunks(2) {
            let [name, value] = pair else { return None };
            pairs.push((name.clone(), value.clone()));
        }
    }
    Some(members(kinds, &pairs))
}

/// An object of these members. One that stands there twice is left for the reader to refuse.
pub(super) fn members(kinds: &Kinds, pairs: &[(String, String)]) -> String {
    let any = Kinds::default();
    let member = |(name, value): &(String, String)| {
        let values = kinds.member(name).unwrap_or(&any).values(value);
        format!("{}:{}", serde_json::Value::from(name.as_str()), values.first().map_or("null", String::as_str))
    };
    format!("{{{}}}", pairs.iter().map(member).collect::<Vec<_>>().join(","))
}
