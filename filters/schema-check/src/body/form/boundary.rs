//! The line that separates the parts of a form.

use std::fmt;

use super::Fault;
use crate::body::error::Error;
use crate::body::media::MediaType;

/// RFC 2046 section 5.1.1.
const MAX_BYTES: usize = 70;

/// A boundary: 1 to 70 letters, digits and `-_.+=`. RFC 2046 allows `'(),/:?` and blanks too, which few clients
/// use and parsers read differently with and without quotes.
#[derive(Clone, PartialEq, Eq)]
pub struct Boundary(String);

impl Boundary {
    /// Reads a `content-type`: `multipart/form-data` with a `boundary` and nothing besides but a `charset` of UTF-8, which
    /// Spring writes and which changes nothing. The place of a fault is one in the value.
    pub fn of(content_type: &[u8]) -> Result<Self, Error<Fault>> {
        let media = MediaType::parse(content_type).map_err(|error| error.map(Fault::ContentType))?;
        let wrong = |fault| Error { at: 0, fault };
        if !media.is("multipart/form-data") {
            return Err(wrong(Fault::NoForm));
        }
        let is_known = |(name, _): &(String, String)| name == "boundary" || name == "charset";
        let is_sound = media.parameters.iter().all(is_known) && media.is_utf8();
        let boundary = media.parameter("boundary").filter(|_| is_sound);
        boundary.and_then(Self::new).ok_or(wrong(Fault::Boundary))
    }

    fn new(text: &str) -> Option<Self> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.+=".contains(&byte);
        ((1..=MAX_BYTES).contains(&text.len()) && text.bytes().all(fits)).then(|| Self(text.to_owned()))
    }

    /// As it stands in the body behind two hyphens.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// It was sent, and says nothing.
impl fmt::Debug for Boundary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Boundary({} bytes)", self.0.len())
    }
}
