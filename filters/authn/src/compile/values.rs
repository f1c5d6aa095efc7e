//! Checks that several parts of a configuration share.

use portcullis::prelude::{ConfigError, Millis};

use crate::policy::{PLAIN_TEXT, Path, is_plain};

const MAX_PATH: usize = 8;

pub(super) fn check_name(name: &str) -> Result<(), ConfigError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let is_name = (1..=64).contains(&name.len()) && name.bytes().all(fits);
    if is_name { Ok(()) } else { Err(ConfigError::new("name", name, "1 to 64 letters, digits, '-', '_' or '.'")) }
}

pub(super) fn plain(place: &str, text: &str) -> Result<String, ConfigError> {
    if is_plain(text) { Ok(text.to_owned()) } else { Err(ConfigError::new(place, text, PLAIN_TEXT)) }
}

pub(super) fn plain_texts(place: &str, texts: &[String]) -> Result<Vec<String>, ConfigError> {
    texts.iter().enumerate().map(|(index, text)| plain(&format!("{place}[{index}]"), text)).collect()
}

pub(super) fn plain_list(place: &str, texts: &[String]) -> Result<Vec<String>, ConfigError> {
    refuse_empty(place, texts.is_empty(), "at least one value")?;
    plain_texts(place, texts)
}

pub(super) fn refuse_empty(place: &str, is_empty: bool, expected: &str) -> Result<(), ConfigError> {
    if is_empty { Err(ConfigError::new(place, "[]", expected)) } else { Ok(()) }
}

pub(super) fn in_range(place: &str, found: usize, least: usize, most: usize) -> Result<usize, ConfigError> {
    let expected = format!("{least} to {most}");
    if (least..=most).contains(&found) { Ok(found) } else { Err(ConfigError::new(place, found, expected)) }
}

/// Dates in tokens have no finer unit than seconds.
pub(super) fn whole_seconds(place: &str, found: Millis, most: Millis, why: &str) -> Result<u64, ConfigError> {
    if found > most {
        return Err(ConfigError::new(place, found, format!("at most {most}{why}")));
    }
    let expected = "whole seconds: dates in tokens have no finer";
    if found.0.is_multiple_of(1000) { Ok(found.0 / 1000) } else { Err(ConfigError::new(place, found, expected)) }
}

/// A path of member names.
pub(super) fn path(place: &str, names: &[String]) -> Result<Path, ConfigError> {
    let expected = format!("1 to {MAX_PATH} member names, outermost first");
    let fits = (1..=MAX_PATH).contains(&names.len());
    if fits { Ok(names.to_vec()) } else { Err(ConfigError::new(place, format!("{names:?}"), expected)) }
}

/// Headers that a request cannot do without, or that decide what it is.
const NEEDED: &[&str] = &[
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// The name of a header that this filter removes from requests.
pub(super) fn header_name<'a>(place: &str, name: &'a str) -> Result<&'a str, ConfigError> {
    let is_name = !name.is_empty() && name.bytes().all(|byte| is_tchar(byte) && !byte.is_ascii_uppercase());
    if is_name && !NEEDED.contains(&name) {
        return Ok(name);
    }
    Err(ConfigError::new(place, name, "a header name in lower case that a request can do without, such as x-api-key"))
}

/// A character of a token (RFC 9110 section 5.6.2).
pub(super) fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
