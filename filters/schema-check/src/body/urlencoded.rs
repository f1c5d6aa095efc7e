//! `application/x-www-form-urlencoded` (WHATWG URL, section 5), in pieces, and only bodies in which every server finds the
//! same pairs.
//!
//! 1. `&` alone separates pairs; an empty pair is refused. `;` separated them once, and for some still does
//!    (CVE-2021-23336): it is refused unless it is escaped, like everything that is not printable ASCII, and `"<>\^{|}` and the grave;
//! 2. the first `=` ends a name; a pair without one, or with an empty name, is refused: some readers drop it;
//! 3. names and values are decoded once: `+` is a space, `%` and two hexadecimal digits a byte, any other `%` is refused;
//! 4. what they decode to is UTF-8, without NUL; names are without any control character;
//! 5. no pair is named `_charset_`, which changes what all others say;
//! 6. a name for a second time is told ([`Pair::is_repeated`]): servers take the first, the last, or both.
//!
//! ```
//! use schema_check::body::urlencoded::{Form, Limits};
//!
//! let mut form = Form::new(Limits::default());
//! let mut seen = Vec::new();
//! let mut each = |pair: schema_check::body::urlencoded::Pair<'_>| {
//!     seen.push((pair.name.to_owned(), pair.value.to_owned(), pair.is_repeated));
//! };
//! form.push(b"a=1+2&b=%C3", &mut each).unwrap();
//! form.push(b"%BC&a=", &mut each).unwrap();
//! form.finish(&mut each).unwrap();
//! assert_eq!(seen[1], ("b".to_owned(), "\u{fc}".to_owned(), false));
//! assert!(seen[2].2);
//! ```

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;

use super::error::{self, Error};

/// How much is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many pairs. Default 256; their names are all that is kept of them.
    pub pairs: usize,
    /// The longest name, in bytes, decoded. Default 255.
    pub name_bytes: usize,
    /// The longest value, in bytes, decoded. Default 64 KiB.
    pub value_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { pairs: 256, name_bytes: 255, value_bytes: 1 << 16 }
    }
}

/// A pair, decoded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Pair<'a> {
    /// Not empty.
    pub name: &'a str,
    /// Perhaps empty.
    pub value: &'a str,
    /// A pair before it has the same name.
    pub is_repeated: bool,
}

/// Reads one form; see the [module](self) for its rules.
pub struct Form {
    limits: Limits,
    /// Where the next byte stands, and where the part in hand begins.
    at: u64,
    start: u64,
    /// The name in hand, or the value, decoded.
    part: Vec<u8>,
    /// The name, once its `=` was read.
    name: Option<String>,
    escape: Escape,
    names: BTreeSet<String>,
    pairs: usize,
    failed: Option<Error<Fault>>,
}

/// How much of an escape was read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escape {
    None,
    Percent,
    High(u8),
}

/// Who gets the pairs.
pub type Each<'e> = dyn FnMut(Pair<'_>) + 'e;

impl Form {
    /// At the beginning of a body.
    pub fn new(limits: Limits) -> Self {
        let (part, names) = (Vec::new(), BTreeSet::new());
        Self { limits, at: 0, start: 0, part, name: None, escape: Escape::None, names, pairs: 0, failed: None }
    }

    /// The next piece of the body: hands over every pair that it completes.
    pub fn push(&mut self, bytes: &[u8], each: &mut Each<'_>) -> Result<(), Error<Fault>> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let told = bytes.iter().try_for_each(|byte| {
            self.byte(*byte, each)?;
            self.at = self.at.saturating_add(1);
            Ok(())
        });
        told.inspect_err(|error| self.failed = Some(*error))
    }

    /// The body is over. An empty body has no pairs.
    pub fn finish(&mut self, each: &mut Each<'_>) -> Result<(), Error<Fault>> {
        match self.failed {
            Some(error) => Err(error),
            None if self.at == 0 => Ok(()),
            None => self.end(each).inspect_err(|error| self.failed = Some(*error)),
        }
    }

    fn byte(&mut self, byte: u8, each: &mut Each<'_>) -> Result<(), Error<Fault>> {
        let is_raw = byte.is_ascii_graphic() && !b";\"<>\\^`{|}#".contains(&byte);
        self.escape = match (self.escape, byte) {
            (Escape::Percent, byte) => Escape::High(self.digit(byte)?),
            (Escape::High(high), byte) => {
                let low = self.digit(byte)?;
                self.keep((high << 4) | low)?;
                Escape::None
            }
            (Escape::None, b'%') => Escape::Percent,
            (Escape::None, b'&') => return self.end(each),
            (Escape::None, b'=') if self.name.is_none() => return self.named(),
            (Escape::None, b'+') => return self.keep(b' '),
            (Escape::None, byte) if is_raw => return self.keep(byte),
            (Escape::None, _) => return Err(self.error(Fault::Character)),
        };
        Ok(())
    }

    fn digit(&self, byte: u8) -> Result<u8, Error<Fault>> {
        let digit = char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        digit.ok_or(self.error(Fault::Escape))
    }

    fn keep(&mut self, byte: u8) -> Result<(), Error<Fault>> {
        let (limit, fault) = match self.name {
            None => (self.limits.name_bytes, Fault::NameTooLong { limit: self.limits.name_bytes }),
            Some(_) => (self.limits.value_bytes, Fault::ValueTooLong { limit: self.limits.value_bytes }),
        };
        let is_control = byte < 0x20 || byte == 0x7f;
        if byte == 0 || (is_control && self.name.is_none()) {
            return Err(self.error(Fault::Control));
        }
        if self.part.len() >= limit {
            return Err(self.error(fault));
        }
        self.part.push(byte);
        Ok(())
    }

    /// The name is over.
    fn named(&mut self) -> Result<(), Error<Fault>> {
        let name = self.text()?;
        let wrong = |fault| Err(Error { at: self.start, fault });
        match name.as_str() {
            "" => return wrong(Fault::NoName),
            "_charset_" => return wrong(Fault::Charset),
            name if name.contains(char::is_control) => return wrong(Fault::Control),
            _ => {}
        }
        self.start = self.at.saturating_add(1);
        self.name = Some(name);
        Ok(())
    }

    /// The pair is over.
    fn end(&mut self, each: &mut Each<'_>) -> Result<(), Error<Fault>> {
        if self.escape != Escape::None {
            return Err(self.error(Fault::Escape));
        }
        let Some(name) = self.name.take() else { return Err(self.error(Fault::NoEquals)) };
        let value = self.text()?;
        if self.pairs >= self.limits.pairs {
            return Err(Error { at: self.start, fault: Fault::TooManyPairs { limit: self.limits.pairs } });
        }
        self.pairs = self.pairs.saturating_add(1);
        each(Pair { name: &name, value: &value, is_repeated: self.names.contains(&name) });
        self.names.insert(name);
        self.start = self.at.saturating_add(1);
        Ok(())
    }

    fn text(&mut self) -> Result<String, Error<Fault>> {
        let at = self.start;
        String::from_utf8(std::mem::take(&mut self.part)).map_err(|_| Error { at, fault: Fault::Unicode })
    }

    fn error(&self, fault: Fault) -> Error<Fault> {
        Error { at: self.at, fault }
    }
}

/// What was sent stays out of logs.
impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Form").field("at", &self.at).field("failed", &self.failed).finish_non_exhaustive()
    }
}

/// What is wrong with a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A character that has to be escaped.
    Character,
    /// A `%` without two hexadecimal digits.
    Escape,
    /// A pair without `=`, or no pair between two `&`.
    NoEquals,
    /// An empty name.
    NoName,
    /// NUL, or another control character in a name.
    Control,
    /// A name or value that is not UTF-8.
    Unicode,
    /// A pair named `_charset_`.
    Charset,
    /// More pairs than the limit.
    TooManyPairs {
        /// [`Limits::pairs`]
        limit: usize,
    },
    /// A longer name than the limit.
    NameTooLong {
        /// [`Limits::name_bytes`]
        limit: usize,
    },
    /// A longer value than the limit.
    ValueTooLong {
        /// [`Limits::value_bytes`]
        limit: usize,
    },
}

impl error::Fault for Fault {
    fn code(self) -> &'static str {
        match self {
            Fault::Character => "urlencoded_character",
            Fault::Escape => "urlencoded_bad_escape",
            Fault::NoEquals => "urlencoded_no_equals",
            Fault::NoName => "urlencoded_no_name",
            Fault::Control => "urlencoded_control_character",
            Fault::Unicode => "urlencoded_bad_unicode",
            Fault::Charset => "urlencoded_charset_field",
            Fault::TooManyPairs { .. } => "urlencoded_too_many_pairs",
            Fault::NameTooLong { .. } => "urlencoded_name_too_long",
            Fault::ValueTooLong { .. } => "urlencoded_value_too_long",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Character => f.write_str("expected a character that needs no escape"),
            Fault::Escape => f.write_str("expected two hexadecimal digits behind a percent sign"),
            Fault::NoEquals => f.write_str("expected a name, an equals sign and a value"),
            Fault::NoName => f.write_str("expected a name before the equals sign"),
            Fault::Control => f.write_str("expected no NUL, and no control character in a name"),
            Fault::Unicode => f.write_str("expected valid UTF-8"),
            Fault::Charset => f.write_str("expected no field named _charset_"),
            Fault::TooManyPairs { limit } => write!(f, "expected at most {limit} pairs"),
            Fault::NameTooLong { limit } => write!(f, "expected a name of at most {limit} bytes"),
            Fault::ValueTooLong { limit } => write!(f, "expected a value of at most {limit} bytes"),
        }
    }
}
