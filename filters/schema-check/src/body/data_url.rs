//! Files inside of a string: `data:image/png;base64,…` (RFC 2397), decoded piece by piece, so that no file is ever whole in
//! memory a second time.
//!
//! Of RFC 2397 only the form that every SDK writes: `data:` in lower case, a media type of letters, digits, `.`, `+` and
//! `-` without parameters, `;base64,`, and base64 in the one spelling that every decoder takes (RFC 4648 section 4, with
//! its sections 3.3 and 3.5 read strictly): the standard alphabet, padding where it belongs, unused bits zero, no white
//! space. Decoders differ on what a second spelling says, and lists of known files do not find it. What upstreams split
//! with a pattern of their own (parameters, quotes, escapes, an omitted type, data that is not base64) is refused.
//!
//! ```
//! use schema_check::body::data_url::DataUrl;
//!
//! let url = DataUrl::read("data:image/png;base64,iVBO").unwrap();
//! assert_eq!(url.media.essence(), "image/png");
//! let mut bytes = Vec::new();
//! url.decode(&mut |decoded| { bytes.extend_from_slice(decoded); Ok::<_, ()>(()) }).unwrap().unwrap();
//! assert_eq!(bytes, b"\x89PN");
//! ```

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use base64::{DecodeError, DecodeSliceError};

use super::error::{self, Error, offset};
use super::media::MediaType;

/// How many characters are decoded at once: groups of four.
const CHUNK: usize = 4096;

/// A file in a string.
#[derive(Clone)]
pub struct DataUrl<'u> {
    /// What it says it is; without parameters.
    pub media: MediaType,
    encoded: &'u [u8],
    /// Where that begins.
    start: usize,
}

impl<'u> DataUrl<'u> {
    /// Reads what stands before the bytes.
    pub fn read(url: &'u str) -> Result<Self, Error<Fault>> {
        let (start, encoded) = url.split_once(',').ok_or(START)?;
        let media = media(start).ok_or(START)?;
        Ok(Self { media, encoded: encoded.as_bytes(), start: start.len().saturating_add(1) })
    }

    /// Hands over the bytes, at most 3 KiB at a time, until `each` has enough: its error is then the inner one.
    pub fn decode<E>(&self, each: &mut dyn FnMut(&[u8]) -> Result<(), E>) -> Result<Result<(), E>, Error<Fault>> {
        let mut decoded = [0; CHUNK / 4 * 3];
        for (index, chunk) in self.encoded.chunks(CHUNK).enumerate() {
            let base = self.start.saturating_add(index.saturating_mul(CHUNK));
            let length =
                STANDARD.decode_slice(chunk, &mut decoded).map_err(|error| fault(&error, base, chunk.len()))?;
            let is_last = self.start.saturating_add(self.encoded.len()) == base.saturating_add(chunk.len());
            if length < decoded.len() && !is_last {
                return Err(Error { at: offset(base.saturating_add(chunk.len())), fault: Fault::Padding });
            }
            if let Err(enough) = each(decoded.get(..length).unwrap_or_default()) {
                return Ok(Err(enough));
            }
        }
        Ok(Ok(()))
    }
}

/// What was sent stays out of logs.
impl fmt::Debug for DataUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataUrl").field("media", &self.media).finish_non_exhaustive()
    }
}

const START: Error<Fault> = Error { at: 0, fault: Fault::Start };

/// The type that a beginning names.
fn media(start: &str) -> Option<MediaType> {
    let named = start.strip_prefix("data:")?.strip_suffix(";base64")?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"/.+-".contains(&byte);
    MediaType::parse(named.as_bytes()).ok().filter(|_| named.bytes().all(fits))
}

fn fault(error: &DecodeSliceError, base: usize, length: usize) -> Error<Fault> {
    let (at, fault) = match error {
        DecodeSliceError::DecodeError(DecodeError::InvalidByte(at, b'=')) => (*at, Fault::Padding),
        DecodeSliceError::DecodeError(DecodeError::InvalidByte(at, _)) => (*at, Fault::Character),
        DecodeSliceError::DecodeError(DecodeError::InvalidLastSymbol(at, _)) => (*at, Fault::UnusedBits),
        DecodeSliceError::DecodeError(DecodeError::InvalidLength(_) | DecodeError::InvalidPadding)
        | DecodeSliceError::OutputSliceTooSmall => (length, Fault::Padding),
    };
    Error { at: offset(base.saturating_add(at)), fault }
}

/// What is wrong with a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It does not begin with `data:`, a media type and `;base64,`.
    Start,
    /// A character of another alphabet, or white space.
    Character,
    /// Bits that padding leaves unused, and that are not zero.
    UnusedBits,
    /// The last group is not whole, or something stands behind it.
    Padding,
}

impl error::Fault for Fault {
    fn code(self) -> &'static str {
        match self {
            Fault::Start => "data_url_start",
            Fault::Character => "base64_character",
            Fault::UnusedBits => "base64_unused_bits",
            Fault::Padding => "base64_padding",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fault::Start => "expected data:, a media type without parameters, and ;base64,",
            Fault::Character => "expected a character of the standard base64 alphabet",
            Fault::UnusedBits => "expected unused bits to be zero",
            Fault::Padding => "expected groups of four characters, padding in the last alone",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(String, Vec<u8>), Error<Fault>> {
        let (url, mut bytes) = (DataUrl::read(text)?, Vec::new());
        let mut each = |decoded: &[u8]| {
            bytes.extend_from_slice(decoded);
            Ok::<_, ()>(())
        };
        let told = url.decode(&mut each)?;
        assert_eq!(told, Ok(()));
        Ok((url.media.essence(), bytes))
    }

    /// The last four: RFC 4648 section 10.
    #[test]
    fn a_url_is_a_type_and_bytes() {
        for (text, kind, bytes) in [
            ("data:image/svg+xml;base64,", "image/svg+xml", &b""[..]),
            ("data:image/png;base64,+/8A", "image/png", &[0xfb, 0xff, 0]),
            ("data:image/png;base64,Zg==", "image/png", b"f"),
            ("data:image/png;base64,Zm8=", "image/png", b"fo"),
            ("data:image/png;base64,Zm9v", "image/png", b"foo"),
            ("data:image/png;base64,Zm9vYg==", "image/png", b"foob"),
        ] {
            assert_eq!(read(text), Ok((kind.to_owned(), bytes.to_vec())), "{text}");
        }
        let long = [7; 3 * CHUNK + 1];
        let url = format!("data:image/png;base64,{}", STANDARD.encode(long));
        assert_eq!(read(&url).unwrap().1, long);
    }

    #[test]
    fn what_upstreams_read_differently_is_refused() {
        for (text, at, code) in [
            ("", 0, "data_url_start"),
            ("data:image/png;base64", 0, "data_url_start"),
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
            ("data:image/png;base64,Zm9v\n", 26, "base64_character"),
            ("data:image/png;base64,-_8A", 22, "base64_character"),
            ("data:image/png;base64,Zh==", 23, "base64_unused_bits"),
            ("data:image/png;base64,Zg", 24, "base64_padding"),
            ("data:image/png;base64,Zg=", 25, "base64_padding"),
            ("data:image/png;base64,Zg==Zg==", 24, "base64_padding"),
            ("data:image/png;base64,Zm9vY", 27, "base64_padding"),
        ] {
            let error = read(text).unwrap_err();
            assert_eq!((error.at, error.code()), (at, code), "{text}");
        }
        // Where one piece ends and the next begins.
        let url = format!("data:image/png;base64,{}Zg==Zg==", "A".repeat(CHUNK - 4));
        assert_eq!(read(&url).unwrap_err().code(), "base64_padding");
    }
}
