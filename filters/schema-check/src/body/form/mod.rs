//! `multipart/form-data` (RFC 7578, RFC 2046 section 5.1), in pieces, and only bodies in which every server finds the same
//! parts: past what two parsers read differently, files have been carried through gateways (CVE-2022-48279 and
//! CVE-2023-24021 in `ModSecurity`, CVE-2023-38199 in its rules, and the bypasses found since).
//!
//! Rules, in the order they are applied:
//! 1. the `content-type` is `multipart/form-data` with one `boundary`, 1 to 70 letters, digits and `-_.+=`, and no other
//!    parameter but a `charset` of UTF-8 ([`Boundary`]);
//! 2. the body begins with `--boundary` and ends with `--boundary--`, behind which stands at most CR LF: no preamble, no
//!    epilogue, no missing end. Both may be hidden from one reader and read by another;
//! 3. behind a delimiter stands CR LF, no blanks. Lines end with CR LF: a CR or LF alone in a header is refused;
//! 4. in data, `--boundary` stands nowhere but behind CR LF: not behind LF alone, not in the middle of a line, and not as
//!    the beginning of a longer line. Senders choose boundaries that do not occur;
//! 5. a part has one `content-disposition`, at most one `content-type` and `content-length`, and nothing else; its headers
//!    are not folded, have no blank before the colon and at most `header_bytes`. `content-transfer-encoding` is
//!    refused like the rest (RFC 7578 section 4.7): readers differ on whether to decode. A `content-length`, which some
//!    clients add, must be true;
//! 6. `content-disposition` is `form-data` with one `name`, at most one `filename`, and nothing else; `filename*` is
//!    forbidden by RFC 7578 section 4.2;
//! 7. names are UTF-8, not empty, at most `name_bytes`, without control characters, raw or as `%0d`, without backslash,
//!    `"` and `;`, and without the encoded words of RFC 2047. A `"` stands there as browsers write it, `%22`, and is
//!    handed over so: most servers do not decode. A file name is no path: no `/`, `%2f`, `%5c`, and not `.` or `..`;
//! 8. no part is named `_charset_` (RFC 7578 section 4.6), which changes what all others say; none is `multipart/*` or
//!    `message/*`, none has a `charset` that is not UTF-8;
//! 9. at most `parts` parts. Several parts may have one name: whether that is meant, the contract says.
//!
//! ```
//! use schema_check::body::form::{Boundary, Event, Form, Limits};
//!
//! let boundary = Boundary::of(b"multipart/form-data; boundary=x1").unwrap();
//! let mut form = Form::new(&boundary, Limits::default());
//! let mut names = Vec::new();
//! let mut each = |event: Event<'_>| {
//!     if let Event::PartStart { name, .. } = event {
//!         names.push(name.to_owned());
//!     }
//! };
//! for piece in ["--x1\r\nContent-Disposition: form-data; na", "me=\"model\"\r\n\r\nwhisper\r\n--x1--\r\n"] {
//!     form.push(piece.as_bytes(), &mut each).unwrap();
//! }
//! form.finish(&mut each).unwrap();
//! assert_eq!(names, ["model"]);
//!
//! // One server takes the first boundary, another the last.
//! assert!(Boundary::of(b"multipart/form-data; boundary=a; boundary=b").is_err());
//! ```

mod boundary;
mod disposition;
mod fault;
mod header;
mod limits;
#[cfg(test)]
mod properties;
mod search;
#[cfg(test)]
mod tests;

use std::fmt;

pub use boundary::Boundary;
pub use fault::Fault;
pub use limits::Limits;

use super::error::Error;
use super::media::MediaType;
use header::{Block, Part};
use search::{Found, Search};

/// What stands in a form, in order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// A part begins.
    PartStart {
        /// Of the field; as written, not decoded.
        name: &'a str,
        /// As written, not decoded; present if the part is a file.
        file_name: Option<&'a str>,
        /// `None`: nothing is said, which means `text/plain` (RFC 7578 section 4.4).
        content_type: Option<&'a MediaType>,
        /// Counted from 0.
        index: usize,
    },
    /// The next bytes of the part. How they are cut means nothing.
    PartData(&'a [u8]),
    /// The part is over.
    PartEnd,
    /// The form is over, and was sound.
    End,
}

/// What was sent stays out of logs.
impl fmt::Debug for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::PartStart { index, .. } => write!(f, "PartStart({index})"),
            Event::PartData(bytes) => write!(f, "PartData({} bytes)", bytes.len()),
            Event::PartEnd => f.write_str("PartEnd"),
            Event::End => f.write_str("End"),
        }
    }
}

/// Who is told.
type Each<'e> = dyn FnMut(Event<'_>) + 'e;

/// Reads one form; see the [module](self) for its rules.
pub struct Form {
    place: Place,
    search: Search,
    limits: Limits,
    /// How many bytes have been read.
    at: u64,
    /// How many parts have begun.
    parts: usize,
    /// What is left of the `content-length` of the part in hand.
    left: Option<u64>,
    failed: Option<Error<Fault>>,
}

/// Where the next byte stands.
enum Place {
    /// In the first delimiter, of which so many bytes have been read.
    First(usize),
    /// Right behind a delimiter; with the first of the two bytes there.
    Behind(Option<u8>),
    /// In the headers of a part.
    Headers(Block),
    /// In the data of a part.
    Data,
    /// Behind the last delimiter, of whose line end so many bytes have been read.
    Last(usize),
}

impl Form {
    /// At the beginning of a body.
    pub fn new(boundary: &Boundary, limits: Limits) -> Self {
        let search = Search::new(boundary.as_str());
        Self { place: Place::First(0), search, limits, at: 0, parts: 0, left: None, failed: None }
    }

    /// The next piece of the body.
    pub fn push(&mut self, bytes: &[u8], each: &mut Each<'_>) -> Result<(), Error<Fault>> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.read(bytes, each).inspect_err(|error| self.failed = Some(*error))
    }

    /// The body is over. Only if this is `Ok`, and with [`Event::End`], was it a form.
    pub fn finish(&mut self, each: &mut Each<'_>) -> Result<(), Error<Fault>> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if matches!(self.place, Place::Last(0 | 2)) {
            each(Event::End);
            return Ok(());
        }
        let error = Error { at: self.at, fault: Fault::Cut };
        self.failed = Some(error);
        Err(error)
    }

    fn read(&mut self, mut rest: &[u8], each: &mut Each<'_>) -> Result<(), Error<Fault>> {
        while let Some((first, tail)) = rest.split_first() {
            if let Place::Data = self.place {
                rest = self.data(rest, each)?;
            } else {
                self.byte(*first, each)?;
                self.at = self.at.saturating_add(1);
                rest = tail;
            }
        }
        Ok(())
    }

    /// A byte outside of data.
    fn byte(&mut self, byte: u8, each: &mut Each<'_>) -> Result<(), Error<Fault>> {
        let next = match &mut self.place {
            Place::First(read) => {
                let delimiter = self.search.delimiter();
                if delimiter.get(*read) != Some(&byte) {
                    return Err(self.error(Fault::Preamble));
                }
                *read = read.saturating_add(1);
                (*read == delimiter.len()).then_some(Place::Behind(None))
            }
            Place::Behind(before) => match (*before, byte) {
                (None, b'\r' | b'-') => Some(Place::Behind(Some(byte))),
                (Some(b'\r'), b'\n') => Some(Place::Headers(Block::new(self.at.saturating_add(1)))),
                (Some(b'-'), b'-') => Some(Place::Last(0)),
                _ => return Err(self.error(Fault::BehindDelimiter)),
            },
            Place::Headers(block) => {
                if let Some(part) = block.push(byte, self.at, &self.limits)? {
                    self.begin(&part, each)?;
                    Some(Place::Data)
                } else {
                    None
                }
            }
            Place::Last(read) => {
                if b"\r\n".get(*read) != Some(&byte) {
                    return Err(self.error(Fault::Epilogue));
                }
                Some(Place::Last(read.saturating_add(1)))
            }
            Place::Data => None,
        };
        self.place = next.unwrap_or(std::mem::replace(&mut self.place, Place::Data));
        Ok(())
    }

    fn begin(&mut self, part: &Part, each: &mut Each<'_>) -> Result<(), Error<Fault>> {
        if self.parts >= self.limits.parts {
            return Err(self.error(Fault::TooManyParts { limit: self.limits.parts }));
        }
        each(Event::PartStart {
            name: &part.name,
            file_name: part.file_name.as_deref(),
            content_type: part.content_type.as_ref(),
            index: self.parts,
        });
        self.parts = self.parts.saturating_add(1);
        self.left = part.length;
        Ok(())
    }

    /// Hands over the data in a piece; what is behind it.
    fn data<'b>(&mut self, bytes: &'b [u8], each: &mut Each<'_>) -> Result<&'b [u8], Error<Fault>> {
        let (read, found) = self.search.scan(bytes, &mut |data| {
            if !data.is_empty() {
                self.left = self.left.map(|left| left.wrapping_sub(super::error::length(data)));
                each(Event::PartData(data));
            }
        });
        self.at = self.at.saturating_add(super::error::offset(read));
        match found {
            Found::Nothing => {}
            Found::Bare => return Err(self.error(Fault::BareDelimiter)),
            // More data than was announced has wrapped around.
            Found::Delimiter if self.left.is_some_and(|left| left != 0) => {
                return Err(self.error(Fault::WrongLength));
            }
            Found::Delimiter => {
                each(Event::PartEnd);
                self.place = Place::Behind(None);
            }
        }
        Ok(bytes.get(read..).unwrap_or_default())
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
