//! Header fields as HTTP allows them: ordered, repeated, and bytes until a policy decides otherwise.
//!
//! Repeated lines of a name reach a filter separately or joined by a comma, as Envoy keeps them, and its getter for one
//! name returns only the first. Both have been ways around a filter (CVE-2026-26308), so a reader here names which it
//! wants, [`Headers::all`] or [`Headers::only`], and [`is_joined`] tells the second form.

use std::fmt;
use std::ops::Range;

/// Why there is no single value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeated;

/// The header fields of one message.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers {
    bytes: Vec<u8>,
    fields: Vec<Field>,
}

#[derive(Clone, PartialEq, Eq)]
struct Field {
    name: Range<usize>,
    value: Range<usize>,
}

impl Headers {
    /// No fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the ABI's encoding of pairs: a count, the lengths, then names and values, each followed by a NUL.
    pub fn from_wire(bytes: Vec<u8>) -> Option<Self> {
        if bytes.is_empty() {
            return Some(Self::default());
        }
        let count = word(&bytes, 0)?;
        let mut at = count.checked_mul(8)?.checked_add(4)?;
        if at > bytes.len() {
            return None;
        }
        let mut fields = Vec::with_capacity(count);
        for index in 0..count {
            let lengths = index.checked_mul(8)?.checked_add(4)?;
            let name = at..at.checked_add(word(&bytes, lengths)?)?;
            let value_at = name.end.checked_add(1)?;
            let value = value_at..value_at.checked_add(word(&bytes, lengths.checked_add(4)?)?)?;
            at = value.end.checked_add(1)?;
            if at > bytes.len() {
                return None;
            }
            fields.push(Field { name, value });
        }
        Some(Self { bytes, fields })
    }

    /// Adds a field behind the others.
    pub fn push(&mut self, name: &[u8], value: &[u8]) {
        let name = self.keep(name);
        let value = self.keep(value);
        self.fields.push(Field { name, value });
    }

    fn keep(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        start..self.bytes.len()
    }

    /// All fields, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.fields.iter().map(|field| (self.bytes_at(&field.name), self.bytes_at(&field.value)))
    }

    /// Every value of a name, compared without case, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.iter().filter(move |(found, _)| found.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value)
    }

    /// The value of a name that must not be repeated.
    pub fn only<'a>(&'a self, name: &'a str) -> Result<Option<&'a [u8]>, Repeated> {
        let mut values = self.all(name);
        let first = values.next();
        if values.next().is_some() { Err(Repeated) } else { Ok(first) }
    }

    /// The first value: for pseudo-headers, which the codec keeps single.
    pub fn first<'a>(&'a self, name: &'a str) -> Option<&'a [u8]> {
        self.all(name).next()
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Bytes that this value keeps in memory, about.
    pub fn footprint(&self) -> usize {
        self.bytes.len().saturating_add(self.fields.len().saturating_mul(size_of::<Field>()))
    }

    fn bytes_at(&self, range: &Range<usize>) -> &[u8] {
        self.bytes.get(range.clone()).unwrap_or_default()
    }
}

/// Names only: values can be credentials.
impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|(name, _)| String::from_utf8_lossy(name))).finish()
    }
}

impl<'a> FromIterator<(&'a [u8], &'a [u8])> for Headers {
    fn from_iter<T: IntoIterator<Item = (&'a [u8], &'a [u8])>>(fields: T) -> Self {
        let mut headers = Self::new();
        fields.into_iter().for_each(|(name, value)| headers.push(name, value));
        headers
    }
}

fn word(bytes: &[u8], at: usize) -> Option<usize> {
    let word = bytes.get(at..at.checked_add(4)?)?;
    usize::try_from(u32::from_le_bytes(word.try_into().ok()?)).ok()
}

/// Writes the ABI's encoding of pairs.
pub fn to_wire(fields: &[(&str, &[u8])]) -> Vec<u8> {
    let mut wire = Vec::new();
    wire.extend(length(fields.len()));
    for (name, value) in fields {
        wire.extend(length(name.len()));
        wire.extend(length(value.len()));
    }
    for (name, value) in fields {
        wire.extend_from_slice(name.as_bytes());
        wire.push(0);
        wire.extend_from_slice(value);
        wire.push(0);
    }
    wire
}

fn length(of: usize) -> [u8; 4] {
    u32::try_from(of).unwrap_or(u32::MAX).to_le_bytes()
}

/// Whether a value may be written: CR and LF would start a header of their own, NUL ends strings elsewhere.
pub fn is_writable(value: &[u8]) -> bool {
    !value.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0))
}

/// Whether a header decides where a message ends or goes: never a filter's to write.
pub fn is_framing(name: &str) -> bool {
    const FRAMING: &[&str] = &["connection", "content-length", "host", "transfer-encoding"];
    name.starts_with(':') || FRAMING.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether this can be the name of a header of an application's own: a token (RFC 9110 section 5.6.2) in lower case that
/// does not decide where a message ends or goes.
pub fn is_own_name(name: &str) -> bool {
    let is_tchar = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let is_token = !name.is_empty() && name.bytes().all(|byte| is_tchar(byte) && !byte.is_ascii_uppercase());
    is_token && !is_framing(name)
}

/// Whether a message says that its body is in a content coding (RFC 9110 section 8.4), so that nobody here can read it.
pub fn is_encoded(headers: &Headers) -> bool {
    headers.all("content-encoding").any(|coding| !coding.eq_ignore_ascii_case(b"identity"))
}

/// Response headers that say something of the whole body: who takes a part of it out takes them out too.
pub const OF_THE_WHOLE: &[&str] = &["etag", "content-md5", "digest", "content-digest", "repr-digest", "accept-ranges"];

/// Request headers that may stand only once, whatever the filter: two values are two readings (RFC 9110 section 5.3).
pub const SINGLE: &[&str] =
    &["authorization", "content-encoding", "content-length", "content-type", "mcp-session-id", "transfer-encoding"];

/// Headers of [`SINGLE`] whose repeated lines Envoy has joined by a comma before any filter sees them. A list is refused
/// on purpose: one media type, one coding. `authorization` is joined too, but `SigV4` and Digest have commas of their own,
/// so refusing a list there is the duty of whoever reads it (a bearer token has no comma).
pub const JOINED: &[&str] = &["content-encoding", "content-type"];

/// Whether a value is several, joined: a comma outside quoted strings (RFC 9110 section 5.6.4). A quote that is never
/// closed counts too: readers differ on where it ends.
pub fn is_joined(value: &[u8]) -> bool {
    let mut quoted = false;
    let mut bytes = value.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' if quoted => drop(bytes.next()),
            b'"' => quoted = !quoted,
            b',' if !quoted => return true,
            _ => {}
        }
    }
    quoted
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;

    fn sample() -> Headers {
        [(&b"a"[..], &b"1"[..]), (b"Bytes", b"\xff\xfe"), (b"a", b"2")].into_iter().collect()
    }

    #[test]
    fn the_wire_form_is_read_back_as_written() {
        let wire = to_wire(&[("a", b"1"), ("bytes", b"\xff\xfe"), ("a", b"2"), ("empty", b"")]);
        let read = Headers::from_wire(wire).unwrap();
        assert_eq!(read.all("a").collect::<Vec<_>>(), [b"1", b"2"]);
        assert_eq!(read.only("bytes"), Ok(Some(&b"\xff\xfe"[..])));
        assert_eq!(read.only("empty"), Ok(Some(&b""[..])));
        assert_eq!(read.only("none"), Ok(None));
    }

    #[test]
    fn a_wire_form_cut_anywhere_is_refused_and_never_panics() {
        let wire = to_wire(&[("name", b"value"), ("other", b"\x00\x01")]);
        for cut in 1..wire.len() {
            assert!(Headers::from_wire(wire[..cut].to_vec()).is_none(), "cut at {cut}");
        }
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        for count in [2u32, 1 << 16, u32::MAX] {
            let mut wire = to_wire(&[("name", b"value")]);
            wire[..4].copy_from_slice(&count.to_le_bytes());
            assert!(Headers::from_wire(wire).is_none(), "{count} pairs announced");
        }
    }

    #[test]
    fn a_repeated_header_has_no_only_value() {
        assert_eq!(sample().only("A"), Err(Repeated));
        assert_eq!(sample().only("bytes"), Ok(Some(&b"\xff\xfe"[..])));
    }

    #[test]
    fn debug_shows_names_and_no_values() {
        let headers: Headers = [(&b"authorization"[..], &b"Bearer secret"[..])].into_iter().collect();
        assert!(!format!("{headers:?}").contains("secret"));
    }

    #[test]
    fn a_comma_joins_values_unless_it_is_quoted() {
        for (value, joined) in [
            (&b"application/json"[..], false),
            (b"application/json,text/plain", true),
            (b"gzip, gzip", true),
            (b"multipart/form-data; boundary=\"a,b\"", false),
            (b"multipart/form-data; boundary=\"a\\\",b\"", false),
            (b"multipart/form-data; boundary=\"a\\\\\",b", true),
            (b"text/plain; x=\"never closed", true),
            (b"", false),
            (b",", true),
        ] {
            assert_eq!(is_joined(value), joined, "{}", String::from_utf8_lossy(value));
        }
    }

    #[test]
    fn a_value_that_would_split_the_message_is_not_writable() {
        for bad in [&b"a\r\nx: y"[..], b"a\n", b"\0"] {
            assert!(!is_writable(bad));
        }
        assert!(is_writable(b"\xff plain \t"));
    }
}
