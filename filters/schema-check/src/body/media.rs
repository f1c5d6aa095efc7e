//! What a `content-type` says (RFC 9110 section 8.3), to every server alike, and which of several ranges fits it best.
//!
//! ```
//! use schema_check::body::media::{MediaRange, MediaType, best};
//!
//! let jpeg = MediaType::parse(b"Image/JPEG; quality=\"high\"").unwrap();
//! assert_eq!((jpeg.essence(), jpeg.parameter("quality")), ("image/jpeg".to_owned(), Some("high")));
//! assert_eq!(MediaType::parse(b"image/png, text/html").unwrap_err().code(), "media_separator");
//!
//! let ranges = ["*/*", "image/*"].map(|text| MediaRange::parse(text).unwrap());
//! assert_eq!(best(ranges.iter(), |range| range, &jpeg), Some(&ranges[1]));
//! ```

use std::fmt;

use super::error::{self, Error, offset};
use super::field::Field;

/// The longest value, in bytes. The longest in use, of videos with their codecs, have less than 100.
const MAX_BYTES: usize = 512;

/// A media type with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaType {
    /// `image` of `image/png`; in lower case.
    pub kind: String,
    /// `png` of `image/png`; in lower case.
    pub subtype: String,
    /// In order, each name once and in lower case, each value without its quotes; ASCII.
    pub parameters: Vec<(String, String)>,
}

impl MediaType {
    /// Reads the one value of a `content-type`. Refused are a value of more than 512 bytes, more than one type, and
    /// parameters that servers read differently: twice the same, `charset*`, backslashes or `;` in quotes.
    pub fn parse(value: &[u8]) -> Result<Self, Error<Fault>> {
        if value.len() > MAX_BYTES {
            return Err(Error { at: offset(MAX_BYTES), fault: Fault::TooLong });
        }
        let mut field = Field::new(value);
        field.blanks();
        let kind = lower(field.token(Fault::Type)?);
        field.expect(b'/', Fault::Type)?;
        let subtype = lower(field.token(Fault::Type)?);
        let mut parameters = Vec::new();
        while let Some(parameter) = field.parameter()? {
            let ascii = str::from_utf8(parameter.value).ok().filter(|text| text.is_ascii());
            let text = ascii.ok_or(Error { at: parameter.at, fault: Fault::Character })?;
            parameters.push((lower(&parameter.name), text.to_owned()));
        }
        Ok(Self { kind, subtype, parameters })
    }

    /// `image/png`, without parameters.
    pub fn essence(&self) -> String {
        format!("{}/{}", self.kind, self.subtype)
    }

    /// Whether it is this type, whatever its parameters. `essence` is in any case.
    pub fn is(&self, essence: &str) -> bool {
        let halves = essence.split_once('/');
        halves.is_some_and(|(kind, sub)| self.kind.eq_ignore_ascii_case(kind) && self.subtype.eq_ignore_ascii_case(sub))
    }

    /// The value of a parameter; `name` is in lower case.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether its text is UTF-8 or a part of it, or nothing is said: no `charset`, or one of `utf-8`, `utf8`,
    /// `us-ascii`. Another one makes readers that believe it see another text than we do (UTF-7, UTF-16, IBM037 have
    /// carried attacks past gateways).
    pub fn is_utf8(&self) -> bool {
        let known = |value: &str| ["utf-8", "utf8", "us-ascii"].iter().any(|name| value.eq_ignore_ascii_case(name));
        self.parameter("charset").is_none_or(known)
    }
}

/// The types that a contract means: `*/*`, `image/*`, `image/png`, or one with parameters that must be there too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaRange(MediaType);

impl MediaRange {
    /// Reads a range; the error says what was expected.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let named = MediaType::parse(text.as_bytes()).map_err(|_| EXPECTED)?;
        let is_whole = |part: &str| part == "*" || !part.contains('*');
        let is_range = is_whole(&named.kind) && is_whole(&named.subtype) && (named.kind != "*" || named.subtype == "*");
        if is_range { Ok(Self(named)) } else { Err(EXPECTED) }
    }

    /// Whether a type is one of them. Values of parameters are compared with case, save that of `charset`.
    pub fn fits(&self, media: &MediaType) -> bool {
        let part = |range: &str, part: &str| range == "*" || range == part;
        let value = |(name, value): &(String, String)| match media.parameter(name) {
            Some(found) if name == "charset" => found.eq_ignore_ascii_case(value),
            Some(found) => found == value,
            None => false,
        };
        part(&self.0.kind, &media.kind) && part(&self.0.subtype, &media.subtype) && self.0.parameters.iter().all(value)
    }

    /// The type itself; a part of it may be `*`.
    pub fn media(&self) -> &MediaType {
        &self.0
    }

    /// More for ranges that say more: first the type, then the subtype, then the number of parameters.
    pub fn specificity(&self) -> (bool, bool, usize) {
        (self.0.kind != "*", self.0.subtype != "*", self.0.parameters.len())
    }
}

/// The most specific of those whose range fits; the first of several that are alike (OpenAPI 3.1, media type keys).
pub fn best<T>(all: impl IntoIterator<Item = T>, range: impl Fn(&T) -> &MediaRange, media: &MediaType) -> Option<T> {
    let fitting = all.into_iter().filter(|item| range(item).fits(media));
    fitting.reduce(|best, item| if range(&item).specificity() > range(&best).specificity() { item } else { best })
}

fn lower(ascii: &[u8]) -> String {
    String::from_utf8_lossy(ascii).to_ascii_lowercase()
}

const EXPECTED: &str = "a media type such as image/png, or a range such as image/* or */*";

/// What is wrong with a media type, or with the parameters of another header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No type, slash and subtype.
    Type,
    /// Something else than `;` behind a type or a parameter: a comma, a second value.
    Separator,
    /// A parameter without a name.
    Name,
    /// A parameter without a value, or blanks around the `=`.
    Equals,
    /// An empty value, or one that would have to be quoted.
    Value,
    /// Quotes without an end.
    Quote,
    /// A character in quotes that servers read differently: `\`, `;`, a control character, in a media type also one that
    /// is not ASCII.
    Character,
    /// A parameter with a `*`.
    Extended,
    /// A parameter for the second time.
    Duplicate,
    /// More than 512 bytes.
    TooLong,
}

impl error::Fault for Fault {
    fn code(self) -> &'static str {
        match self {
            Fault::Type => "media_type",
            Fault::Separator => "media_separator",
            Fault::Name => "media_parameter_name",
            Fault::Equals => "media_parameter_equals",
            Fault::Value => "media_parameter_value",
            Fault::Quote => "media_unterminated_quote",
            Fault::Character => "media_character",
            Fault::Extended => "media_extended_parameter",
            Fault::Duplicate => "media_duplicate_parameter",
            Fault::TooLong => "media_too_long",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fault::Type => "expected a type, a slash and a subtype",
            Fault::Separator => "expected a semicolon or the end of the value",
            Fault::Name => "expected the name of a parameter",
            Fault::Equals => "expected an equals sign right behind the parameter's name",
            Fault::Value => "expected a token, or a value in double quotes",
            Fault::Quote => "expected the closing quote",
            Fault::Character => "expected no backslash, semicolon or control character in quotes, and ASCII in a type",
            Fault::Extended => "expected no parameter with an asterisk in its name",
            Fault::Duplicate => "expected a parameter that was not there before",
            Fault::TooLong => "expected at most 512 bytes",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_has_two_halves_and_parameters_that_every_server_finds() {
        for (value, essence, parameters) in [
            ("image/png", "image/png", &[][..]),
            (" Image/PNG ", "image/png", &[]),
            ("text/plain;", "text/plain", &[]),
            ("text/plain;charset=UTF-8", "text/plain", &[("charset", "UTF-8")]),
            ("text/plain \t; Charset=\"utf-8\" ;", "text/plain", &[("charset", "utf-8")]),
            ("audio/webm; codecs=\"vp8, opus\"", "audio/webm", &[("codecs", "vp8, opus")]),
            ("application/vnd.a+json; a=1; b=\"\"", "application/vnd.a+json", &[("a", "1"), ("b", "")]),
        ] {
            let media = MediaType::parse(value.as_bytes()).unwrap();
            let found: Vec<_> = media.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!((media.essence().as_str(), found.as_slice()), (essence, parameters), "{value}");
            assert!(media.is(&essence.to_uppercase()));
        }
    }

    #[test]
    fn what_servers_read_differently_is_refused_where_it_stands() {
        for (value, at, fault) in [
            ("", 0, Fault::Type),
            ("png", 3, Fault::Type),
            ("image/", 6, Fault::Type),
            ("/png", 0, Fault::Type),
            ("image /png", 5, Fault::Type),
            ("image/png, text/html", 9, Fault::Separator),
            ("image/png text/html", 10, Fault::Separator),
            ("image/png\0", 9, Fault::Separator),
            ("image/png;;a=1", 10, Fault::Name),
            ("image/png;=1", 10, Fault::Name),
            ("image/png;a", 11, Fault::Equals),
            ("image/png;a =1", 11, Fault::Equals),
            ("image/png;a=", 12, Fault::Value),
            ("image/png;a= 1", 12, Fault::Value),
            ("image/png;a='b c'", 15, Fault::Separator),
            ("image/png;a=\"1", 14, Fault::Quote),
            ("image/png;a=\"\\\"\"", 13, Fault::Character),
            ("image/png;a=\"1;b=2\"", 14, Fault::Character),
            ("image/png;a=\"\t\"", 13, Fault::Character),
            ("image/png;a=\"\u{e4}\"", 13, Fault::Character),
            ("image/png;a=\"1\"2", 15, Fault::Separator),
            ("image/png;a*=1", 10, Fault::Extended),
            ("image/png;a*0=1", 10, Fault::Extended),
            ("image/png;a=1; A=2", 15, Fault::Duplicate),
            (&format!("image/{}", "p".repeat(507)), 512, Fault::TooLong),
        ] {
            assert_eq!(MediaType::parse(value.as_bytes()), Err(Error { at, fault }), "{value}");
        }
    }

    #[test]
    fn the_range_that_says_most_wins() {
        let ranges = ["*/*", "text/*", "text/plain", "text/plain; charset=utf-8", "TEXT/plain"];
        let ranges = ranges.map(|text| MediaRange::parse(text).unwrap());
        for (value, expected) in [
            ("image/png", 0),
            ("text/html", 1),
            ("text/plain", 2),
            ("text/plain; charset=UTF-8", 3),
            ("text/plain; x=1; charset=utf-8", 3),
        ] {
            let media = MediaType::parse(value.as_bytes()).unwrap();
            assert_eq!(best(ranges.iter().enumerate(), |(_, range)| range, &media).unwrap().0, expected, "{value}");
        }
        assert_eq!(best(&ranges[1..], |range| range, &MediaType::parse(b"a/b").unwrap()), None);
        for text in ["*", "*/png", "image/p*", "i*/*", "", "image/png,a/b"] {
            assert!(MediaRange::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_utf8_is_utf8() {
        for (value, expected) in [
            ("text/plain", true),
            ("text/plain;charset=US-ASCII", true),
            ("text/plain;charset=utf8", true),
            ("text/plain;charset=utf-16", false),
            ("text/plain;charset=latin1", false),
            ("text/plain;charset=\"\"", false),
        ] {
            assert_eq!(MediaType::parse(value.as_bytes()).unwrap().is_utf8(), expected, "{value}");
        }
    }
}
