//! Checks that several parts of a configuration share.

use portcullis::prelude::{ConfigError, Millis};

const MAX_PATH: usize = 8;
const MAX_TEXT: usize = 1024;

pub(super) fn refuse_empty(place: &str, is_empty: bool, expected: &str) -> Result<(), ConfigError> {
    if is_empty { Err(ConfigError::new(place, "[]", expected)) } else { Ok(()) }
}

pub(super) fn in_range(place: &str, found: usize, least: usize, most: usize) -> Result<usize, ConfigError> {
    let expected = format!("{least} to {most}");
    if (least..=most).contains(&found) { Ok(found) } else { Err(ConfigError::new(place, found, expected)) }
}

/// A text that something is compared with, byte by byte.
pub(super) fn text(place: &str, text: &str) -> Result<String, ConfigError> {
    let is_text = (1..=MAX_TEXT).contains(&text.len()) && !text.contains(char::is_control) && text.trim() == text;
    let expected = "1 to 1024 bytes without control characters and without blanks around them";
    if is_text { Ok(text.to_owned()) } else { Err(ConfigError::new(place, text, expected)) }
}

pub(super) fn texts(place: &str, written: &[String]) -> Result<Vec<String>, ConfigError> {
    each(place, written, |place, written| text(place, written))
}

/// What a list holds: at least one, and each but once.
pub(super) fn each<W: PartialEq + std::fmt::Debug, T>(
    place: &str,
    written: &[W],
    read: impl Fn(&str, &W) -> Result<T, ConfigError>,
) -> Result<Vec<T>, ConfigError> {
    refuse_empty(place, written.is_empty(), "at least one value: an empty list would match nothing")?;
    let mut values = Vec::with_capacity(written.len());
    for (index, value) in written.iter().enumerate() {
        let place = format!("{place}[{index}]");
        if written.iter().take(index).any(|other| other == value) {
            return Err(ConfigError::new(place, format!("{value:?}"), "each value once"));
        }
        values.push(read(&place, value)?);
    }
    Ok(values)
}

/// A path of member names.
pub(super) fn path(place: &str, names: &[String]) -> Result<Vec<String>, ConfigError> {
    let expected = format!("1 to {MAX_PATH} member names, outermost first");
    let fits = (1..=MAX_PATH).contains(&names.len());
    if fits { Ok(names.to_vec()) } else { Err(ConfigError::new(place, format!("{names:?}"), expected)) }
}

/// Dates in tokens have no finer unit than seconds.
pub(super) fn whole_seconds(place: &str, found: Millis, most: Millis) -> Result<u64, ConfigError> {
    if found > most {
        return Err(ConfigError::new(place, found, format!("at most {most}")));
    }
    let expected = "whole seconds: dates in tokens have no finer";
    if found.0.is_multiple_of(1000) { Ok(found.0 / 1000) } else { Err(ConfigError::new(place, found, expected)) }
}

/// A header's name in lower case (RFC 9110 section 5.6.2).
pub(super) fn header_name(place: &str, name: &str) -> Result<String, ConfigError> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let is_name = !name.is_empty() && name.bytes().all(fits);
    if is_name { Ok(name.to_owned()) } else { Err(ConfigError::new(place, name, "a header name in lower case")) }
}
