//! The parameters of a header value, read so that every server finds the same ones.
//!
//! `*( OWS ";" OWS name "=" ( token / quoted-string ) )`, RFC 9110 section 5.6.6, and of that less than it allows:
//! 1. no parameter twice: some servers take the first, others the last;
//! 2. no `*` in a name: whoever knows RFC 8187 or RFC 2231 joins `name*0` and `name*1`, or prefers `name*`;
//! 3. no backslash in quotes: browsers never wrote one as an escape, parsers differ on whether it is one;
//! 4. no `;` and no control character in quotes: there are parsers that split first and look for quotes later;
//! 5. of empty parameters only one, at the end.

use super::error::{Error, offset};
use super::media::Fault;

/// A header value, read from left to right.
pub(super) struct Field<'a> {
    value: &'a [u8],
    at: usize,
    /// In lower case.
    seen: Vec<Vec<u8>>,
}

/// A parameter.
pub(super) struct Parameter<'a> {
    /// In lower case.
    pub(super) name: Vec<u8>,
    /// Without its quotes. It may hold bytes that are not ASCII.
    pub(super) value: &'a [u8],
    /// Where the value begins.
    pub(super) at: u64,
    pub(super) is_quoted: bool,
}

impl<'a> Field<'a> {
    pub(super) fn new(value: &'a [u8]) -> Self {
        Self { value, at: 0, seen: Vec::new() }
    }

    /// Where the next byte stands.
    pub(super) fn at(&self) -> u64 {
        offset(self.at)
    }

    pub(super) fn blanks(&mut self) {
        self.run(|byte| matches!(byte, b' ' | b'\t'));
    }

    /// A token; the fault if there is none.
    pub(super) fn token(&mut self, or: Fault) -> Result<&'a [u8], Error<Fault>> {
        let token = self.run(is_token);
        if token.is_empty() { Err(self.error(or)) } else { Ok(token) }
    }

    /// This byte; the fault if there is another one.
    pub(super) fn expect(&mut self, byte: u8, or: Fault) -> Result<(), Error<Fault>> {
        if self.next_if(byte) { Ok(()) } else { Err(self.error(or)) }
    }

    /// The next parameter; `None` at the end of the value.
    pub(super) fn parameter(&mut self) -> Result<Option<Parameter<'a>>, Error<Fault>> {
        self.blanks();
        if self.rest().is_empty() {
            return Ok(None);
        }
        self.expect(b';', Fault::Separator)?;
        self.blanks();
        if self.rest().is_empty() {
            return Ok(None);
        }
        let name = self.name()?;
        self.expect(b'=', Fault::Equals)?;
        let is_quoted = self.next_if(b'"');
        let at = self.at();
        let value = if is_quoted { self.quoted()? } else { self.token(Fault::Value)? };
        Ok(Some(Parameter { name, value, at, is_quoted }))
    }

    fn name(&mut self) -> Result<Vec<u8>, Error<Fault>> {
        let at = self.at();
        let name = self.token(Fault::Name)?.to_ascii_lowercase();
        if name.contains(&b'*') {
            return Err(Error { at, fault: Fault::Extended });
        }
        if self.seen.contains(&name) {
            return Err(Error { at, fault: Fault::Duplicate });
        }
        self.seen.push(name.clone());
        Ok(name)
    }

    /// What stands before the closing quote.
    fn quoted(&mut self) -> Result<&'a [u8], Error<Fault>> {
        let text = self.run(|byte| !matches!(byte, b'"' | b'\\' | b';' | 0x7f | 0..0x20));
        match self.rest().first() {
            Some(b'"') => {
                self.at = self.at.saturating_add(1);
                Ok(text)
            }
            Some(_) => Err(self.error(Fault::Character)),
            None => Err(self.error(Fault::Quote)),
        }
    }

    fn next_if(&mut self, byte: u8) -> bool {
        let is_next = self.rest().first() == Some(&byte);
        self.at = self.at.saturating_add(usize::from(is_next));
        is_next
    }

    fn run(&mut self, of: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.rest();
        let end = rest.iter().position(|byte| !of(*byte)).unwrap_or(rest.len());
        self.at = self.at.saturating_add(end);
        rest.get(..end).unwrap_or_default()
    }

    fn rest(&self) -> &'a [u8] {
        self.value.get(self.at..).unwrap_or_default()
    }

    fn error(&self, fault: Fault) -> Error<Fault> {
        Error { at: self.at(), fault }
    }
}

/// RFC 9110 section 5.6.2.
pub(super) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
