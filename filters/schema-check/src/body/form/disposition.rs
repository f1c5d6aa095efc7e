//! What a part is called, and what it says it is.

use super::{Fault, Limits};
use crate::body::error::{Error, length};
use crate::body::field::{Field, Parameter};
use crate::body::media::{self, MediaType};

/// What `content-disposition` says.
pub(super) struct Disposition {
    pub(super) name: String,
    pub(super) file_name: Option<String>,
}

impl Disposition {
    /// Reads a value that stands at `at`.
    pub(super) fn read(value: &[u8], at: u64, limits: &Limits) -> Result<Self, Error<Fault>> {
        let malformed = |error: Error<media::Fault>| error.map(Fault::Parameter).behind(at);
        let mut field = Field::new(value);
        field.blanks();
        if !field.token(media::Fault::Type).is_ok_and(|kind| kind.eq_ignore_ascii_case(b"form-data")) {
            return Err(Error { at, fault: Fault::Disposition });
        }
        let (mut name, mut file_name) = (None, None);
        while let Some(parameter) = field.parameter().map_err(malformed)? {
            let text = text(&parameter, limits).map_err(|error| error.behind(at))?;
            match parameter.name.as_slice() {
                b"name" => name = Some(text),
                b"filename" if is_path(&text) => return Err(Error { at: parameter.at, fault: Fault::Path }.behind(at)),
                b"filename" => file_name = Some(text),
                _ => return Err(Error { at: parameter.at, fault: Fault::UnknownParameter }.behind(at)),
            }
        }
        match name {
            Some(name) if name == "_charset_" => Err(Error { at, fault: Fault::Charset }),
            Some(name) => Ok(Self { name, file_name }),
            None => Err(Error { at, fault: Fault::NoName }),
        }
    }
}

/// A value that every server reads alike.
fn text(parameter: &Parameter<'_>, limits: &Limits) -> Result<String, Error<Fault>> {
    let wrong = |fault| Err(Error { at: parameter.at, fault });
    if parameter.value.is_empty() {
        return wrong(Fault::NoName);
    }
    if parameter.value.len() > limits.name_bytes {
        return wrong(Fault::NameTooLong { limit: limits.name_bytes });
    }
    let Ok(text) = str::from_utf8(parameter.value) else { return wrong(Fault::Unicode) };
    // Unquoted, as .NET writes it: nothing that a sloppier parser would take for a quote or an end.
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let is_plain = parameter.is_quoted || text.bytes().all(is_bare);
    if !is_plain || text.contains(char::is_control) || text.contains("=?") || has_escaped_control(text) {
        return wrong(Fault::NameCharacter);
    }
    Ok(text.to_owned())
}

/// A control character for servers that decode escapes.
fn has_escaped_control(text: &str) -> bool {
    escapes(text).any(|(high, low)| matches!(high, b'0' | b'1') || (high == b'7' && low == b'f'))
}

/// A path for some server, or a name that is a directory.
fn is_path(text: &str) -> bool {
    let is_separator = |(high, low)| matches!((high, low), (b'2', b'f') | (b'5', b'c'));
    text.contains('/') || matches!(text, "." | "..") || escapes(text).any(is_separator)
}

/// The two digits of each escape, in lower case.
fn escapes(text: &str) -> impl Iterator<Item = (u8, u8)> {
    let digits = text.split('%').skip(1).map(str::as_bytes);
    digits.filter_map(|digits| match digits {
        [high, low, ..] => Some((high.to_ascii_lowercase(), low.to_ascii_lowercase())),
        _ => None,
    })
}

/// The type of a part, which stands at `at`.
pub(super) fn part_type(value: &[u8], at: u64) -> Result<MediaType, Error<Fault>> {
    let media = MediaType::parse(value).map_err(|error| error.map(Fault::ContentType).behind(at))?;
    let end = at.saturating_add(length(value));
    match media.kind.as_str() {
        "multipart" | "message" => Err(Error { at, fault: Fault::Nested }),
        _ if !media.is_utf8() => Err(Error { at: end, fault: Fault::PartCharset }),
        _ => Ok(media),
    }
}
