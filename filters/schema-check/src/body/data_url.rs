//! Files inside of a string: `data:image/png;base64,…` (RFC 2397), decoded in pieces, so that the first bytes can be looked
//! at and no file is ever whole in memory.
//!
//! Of RFC 2397 only the form that every SDK writes: `data:` in lower case, a media type of letters, digits, `.`, `+` and
//! `-` without parameters, `;base64,`, and [strict base64](super::base64). What upstreams split with a pattern of their own
//! (parameters, quotes, escapes, an omitted type, data that is not base64) is refused.
//!
//! ```
//! use schema_check::body::data_url::DataUrl;
//!
//! let mut url = DataUrl::new();
//! let mut bytes = Vec::new();
//! url.push(b"data:image/png;base64,iVBO", &mut |_, decoded| bytes.extend_from_slice(decoded)).unwrap();
//! let whole = url.finish().unwrap();
//! assert_eq!((whole.media.essence().as_str(), whole.bytes), ("image/png", 3));
//! assert_eq!(bytes, b"\x89PN");
//! ```

use std::fmt;

use super::base64::{self, Decoder};
use super::error::{self, Error, offset};
use super::media::MediaType;

/// The longest beginning, up to the comma, in bytes.
const MAX_BYTES: usize = 128;

/// Reads one URL; see the [module](self) for its rules.
#[derive(Clone, Default)]
pub struct DataUrl {
    /// What stands before the comma, as far as it was read.
    start: Vec<u8>,
    /// Once the comma was read.
    media: Option<MediaType>,
    decoder: Decoder,
    failed: Option<Error<Fault>>,
}

/// What a URL holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// What it says it is; without parameters.
    pub media: MediaType,
    /// The length of what it decodes to.
    pub bytes: u64,
}

/// Who gets the media type and the next decoded bytes, at most 3 KiB.
pub type Each<'e> = dyn FnMut(&MediaType, &[u8]) + 'e;

impl DataUrl {
    /// At the beginning of a URL.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next piece of the URL.
    pub fn push(&mut self, text: &[u8], each: &mut Each<'_>) -> Result<(), Error<Fault>> {
        match self.failed {
            Some(error) => Err(error),
            None => self.read(text, each).inspect_err(|error| self.failed = Some(*error)),
        }
    }

    /// The URL is over; what it holds.
    pub fn finish(self) -> Result<Whole, Error<Fault>> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let start = self.base();
        let Some(media) = self.media else { return Err(Error { at: start, fault: Fault::Start }) };
        let bytes = self.decoder.finish().map_err(|error| error.map(Fault::Base64).behind(start))?;
        Ok(Whole { media, bytes })
    }

    fn read(&mut self, text: &[u8], each: &mut Each<'_>) -> Result<(), Error<Fault>> {
        let mut rest = text;
        while let (None, Some((first, tail))) = (&self.media, rest.split_first()) {
            self.start.push(*first);
            rest = tail;
            if *first == b',' {
                self.media = Some(media(&self.start).ok_or(Error { at: 0, fault: Fault::Start })?);
            } else if self.start.len() >= MAX_BYTES {
                return Err(Error { at: 0, fault: Fault::Start });
            }
        }
        let base = self.base();
        let Some(media) = &self.media else { return Ok(()) };
        let decoded = self.decoder.push(rest, &mut |bytes| each(media, bytes));
        decoded.map_err(|error| error.map(Fault::Base64).behind(base))
    }

    fn base(&self) -> u64 {
        offset(self.start.len())
    }
}

/// What was sent stays out of logs.
impl fmt::Debug for DataUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataUrl").field("failed", &self.failed).finish_non_exhaustive()
    }
}

/// The type that a beginning names, which ends with its comma.
fn media(start: &[u8]) -> Option<MediaType> {
    let named = start.strip_prefix(b"data:")?.strip_suffix(b";base64,")?;
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"/.+-".contains(byte);
    MediaType::parse(named).ok().filter(|_| named.iter().all(fits))
}

/// What is wrong with a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It does not begin with `data:`, a media type and `;base64,`.
    Start,
    /// What follows is not the one spelling of its bytes.
    Base64(base64::Fault),
}

impl error::Fault for Fault {
    fn code(self) -> &'static str {
        match self {
            Fault::Start => "data_url_start",
            Fault::Base64(fault) => error::Fault::code(fault),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Start => f.write_str("expected data:, a media type without parameters, and ;base64,"),
            Fault::Base64(fault) => fault.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::tests::cut_everywhere;

    fn read(text: &str) -> Result<(String, u64, Vec<u8>), Error<Fault>> {
        cut_everywhere(text.as_bytes(), |pieces| {
            let (mut url, mut bytes) = (DataUrl::new(), Vec::new());
            let mut each = |_: &MediaType, decoded: &[u8]| bytes.extend_from_slice(decoded);
            pieces.iter().try_for_each(|piece| url.push(piece, &mut each))?;
            url.finish().map(|whole| (whole.media.essence(), whole.bytes, bytes))
        })
    }

    #[test]
    fn a_url_is_a_type_and_bytes() {
        assert_eq!(read("data:image/png;base64,Zm9vYg=="), Ok(("image/png".to_owned(), 4, b"foob".to_vec())));
        assert_eq!(read("data:image/svg+xml;base64,"), Ok(("image/svg+xml".to_owned(), 0, Vec::new())));
    }

    #[test]
    fn what_upstreams_split_differently_is_refused() {
        for (text, at, code) in [
            ("", 0, "data_url_start"),
            ("data:image/png;base64", 21, "data_url_start"),
            ("DATA:image/png;base64,Zg==", 0, "data_url_start"),
            (" data:image/png;base64,Zg==", 0, "data_url_start"),
            ("data:;base64,Zg==", 0, "data_url_start"),
            ("data:,Zg==", 0, "data_url_start"),
            ("data:image/png,Zg==", 0, "data_url_start"),
            ("data:image/png;BASE64,Zg==", 0, "data_url_start"),
            ("data:image/png; base64,Zg==", 0, "data_url_start"),
            ("data:image/png;a=b;base64,Zg==", 0, "data_url_start"),
            ("data:image%2fpng;base64,Zg==", 0, "data_url_start"),
            ("data:image/*;base64,Zg==", 0, "data_url_start"),
            ("https://a.example/,Zg==", 0, "data_url_start"),
            ("data:image/png;base64,Z%67=", 23, "base64_character"),
            ("data:image/png;base64,Zh==", 25, "base64_unused_bits"),
            ("data:image/png;base64,Zg", 24, "base64_cut"),
        ] {
            let error = read(text).unwrap_err();
            assert_eq!((error.at, error.code()), (at, code), "{text}");
        }
        assert_eq!(read(&format!("data:{}", "a".repeat(200))).unwrap_err().fault, Fault::Start);
    }

    #[test]
    fn a_picture_in_a_url_is_looked_at_without_being_whole() {
        use crate::body::image::{Format, Image, Limits};

        let mut image = Image::new(Format::Gif, Limits::default());
        let mut seen = Ok(None);
        let mut each = |_: &MediaType, bytes: &[u8]| seen = image.push(bytes);
        let mut url = DataUrl::new();
        url.push(b"data:image/gif;base64,R0lGODlhAwACAAAAADs=", &mut each).unwrap();
        assert_eq!(url.finish().unwrap().bytes, 14);
        assert_eq!(seen.unwrap().map(|info| (info.width, info.height)), Some((3, 2)));
    }
}
