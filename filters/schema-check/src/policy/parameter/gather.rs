//! Where the value of a parameter stands in a request, and what it is there.

use portcullis::http::cookie::Cookies;
use portcullis::http::header::Headers;
use portcullis::http::query::Query;

use super::kinds::Kinds;
use super::style::{array, members, whole};
use super::text::decoded;
use crate::openapi::document::{Parameter, Place, Style, Value};

/// What a request says beside its body.
pub(crate) struct Given<'a> {
    captures: Vec<(&'a str, &'a str)>,
    headers: &'a Headers,
    cookies: Cookies<'a>,
    /// Names and raw values of the query, and whether a parameter was found there.
    query: Vec<(String, &'a [u8], bool)>,
    raw_query: &'a [u8],
}

/// A name or value that two servers read differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unclear;

/// What was found of a parameter.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing.
    Absent,
    /// What it can be, as JSON; any of it will do.
    Values(Vec<String>),
    /// Several values where one belongs, or nothing of its style.
    Bad(Fault),
}

/// What is wrong with how a parameter is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It stands there more than once.
    Repeated,
    /// It is not written in its style, or an escape in it is broken.
    Style,
}

impl<'a> Given<'a> {
    /// What a request says.
    pub(crate) fn of(captures: Vec<(&'a str, &'a str)>, headers: &'a Headers) -> Result<Self, Unclear> {
        let path = headers.first(":path").unwrap_or_default();
        let query = Query::of(path).map_err(|_| Unclear)?;
        let named = |(name, value): (&[u8], &'a [u8])| Some((String::from_utf8(name.to_vec()).ok()?, value, false));
        let query: Option<Vec<_>> = query.iter().map(named).collect();
        let raw_query = path.splitn(2, |byte| *byte == b'?').nth(1).unwrap_or_default();
        Ok(Self {
            captures,
            headers,
            cookies: Cookies::of(headers.all("cookie")),
            query: query.ok_or(Unclear)?,
            raw_query,
        })
    }

    /// Whether something stands in the query that no parameter took.
    pub(crate) fn has_more(&self) -> bool {
        self.query.iter().any(|(_, _, is_taken)| !is_taken)
    }

    /// Every value of this name in the query, raw.
    fn taken(&mut self, name: &str) -> Vec<&'a [u8]> {
        let mut values = Vec::new();
        for (found, value, is_taken) in &mut self.query {
            if found == name {
                *is_taken = true;
                values.push(*value);
            }
        }
        values
    }
}

/// Finds a parameter.
pub(crate) fn gather(parameter: &Parameter, kinds: &Kinds, given: &mut Given<'_>) -> Found {
    match parameter.place {
        Place::Path => {
            let value =
                given.captures.iter().find(|(name, _)| *name == parameter.name).map(|(_, value)| value.as_bytes());
            one(parameter, kinds, value.as_slice(), true)
        }
        Place::Header => {
            let values: Vec<&[u8]> = given.headers.all(&parameter.name).map(<[u8]>::trim_ascii).collect();
            // Lines of a list are one list (RFC 9110 section 5.3).
            let joined = [values.join(&b", "[..])];
            let joined: Vec<&[u8]> = joined.iter().filter(|_| !values.is_empty()).map(Vec::as_slice).collect();
            let is_list = kinds.is_array() || kinds.is_object();
            one(parameter, kinds, if is_list { &joined } else { &values }, true)
        }
        Place::Cookie => {
            let values: Vec<&[u8]> = given.cookies.values(&parameter.name).collect();
            one(parameter, kinds, &values, parameter.style == Style::Cookie)
        }
        Place::Query => in_query(parameter, kinds, given),
        Place::QueryString => whole_query(parameter, kinds, given),
    }
}

/// A value that stands at one place.
fn one(parameter: &Parameter, kinds: &Kinds, values: &[&[u8]], is_decoded: bool) -> Found {
    match values {
        [] => Found::Absent,
        [value] => match &parameter.value {
            Value::Content(media, _) => content(media, value, is_decoded),
            Value::Schema(_) => found(whole(parameter, kinds, value, is_decoded)),
        },
        _ => Found::Bad(Fault::Repeated),
    }
}

fn found(values: Vec<String>) -> Found {
    if values.is_empty() { Found::Bad(Fault::Style) } else { Found::Values(values) }
}

/// A text of a media type.
fn content(media: &str, raw: &[u8], is_decoded: bool) -> Found {
    let text = if is_decoded { String::from_utf8(raw.to_vec()).ok() } else { decoded(raw, true) };
    let is_json = media.split(';').next().is_some_and(|media| media.ends_with("/json") || media.ends_with("+json"));
    let value = text.map(|text| if is_json { text } else { serde_json::Value::from(text).to_string() });
    found(value.into_iter().collect())
}

fn in_query(parameter: &Parameter, kinds: &Kinds, given: &mut Given<'_>) -> Found {
    let is_schema = matches!(parameter.value, Value::Schema(_));
    if is_schema && parameter.style == Style::DeepObject {
        return deep(parameter, kinds, given);
    }
    let apart = is_schema && parameter.explode && parameter.style == Style::Form;
    if apart && kinds.is_object() && !kinds.is_scalar() {
        return exploded(kinds, given);
    }
    let values = given.taken(&parameter.name);
    if apart && kinds.is_array() && !values.is_empty() {
        let texts: Option<Vec<String>> = values.iter().map(|value| decoded(value, true)).collect();
        let list = texts.as_ref().and_then(|texts| array(kinds, texts));
        // One value can be one that is no array, if the schema says so.
        let alone = texts.filter(|texts| texts.len() == 1 && kinds.is_scalar()).into_iter().flatten();
        return found(list.into_iter().chain(alone.flat_map(|text| kinds.values(&text))).collect());
    }
    one(parameter, kinds, &values, false)
}

/// `name[member]=value`; what is deeper has no meaning in `OpenAPI`.
fn deep(parameter: &Parameter, kinds: &Kinds, given: &mut Given<'_>) -> Found {
    let mut pairs = Vec::new();
    for (name, value, is_taken) in &mut given.query {
        let inner = name.strip_prefix(parameter.name.as_str()).and_then(|rest| rest.strip_prefix('['));
        let Some(member) = inner.and_then(|rest| rest.strip_suffix(']')).filter(|name| !name.contains(['[', ']']))
        else {
            continue;
        };
        *is_taken = true;
        let Some(value) = decoded(value, true) else { return Found::Bad(Fault::Style) };
        pairs.push((member.to_owned(), value));
    }
    if pairs.is_empty() { Found::Absent } else { Found::Values(vec![members(kinds, &pairs)]) }
}

/// An object whose members are parameters of their own: those that it names.
fn exploded(kinds: &Kinds, given: &mut Given<'_>) -> Found {
    let mut pairs = Vec::new();
    for name in kinds.names() {
        for value in given.taken(name) {
            let Some(value) = decoded(value, true) else { return Found::Bad(Fault::Style) };
            pairs.push((name.to_owned(), value));
        }
    }
    if pairs.is_empty() { Found::Absent } else { Found::Values(vec![members(kinds, &pairs)]) }
}

/// The query as one value (`OpenAPI` 3.2).
fn whole_query(parameter: &Parameter, kinds: &Kinds, given: &mut Given<'_>) -> Found {
    given.query.iter_mut().for_each(|(_, _, is_taken)| *is_taken = true);
    if given.raw_query.is_empty() {
        return Found::Absent;
    }
    let Value::Content(media, _) = &parameter.value else { return Found::Bad(Fault::Style) };
    if media != "application/x-www-form-urlencoded" {
        return content(media, given.raw_query, false);
    }
    let pair = |(name, value, _): &(String, &[u8], bool)| Some((name.clone(), decoded(value, true)?));
    let pairs: Option<Vec<_>> = given.query.iter().map(pair).collect();
    found(pairs.map(|pairs| members(kinds, &pairs)).into_iter().collect())
}
