//! Where a caller shows who it is, and in what form.
//!
//! 1. A source is a header, bare (`x-api-key: KEY`) or after a scheme (`authorization: Bearer KEY`), the scheme in any
//!    case (RFC 9110 section 11.1) and exactly one blank behind it.
//! 2. No configured header, or only schemes that no source names: there is no credential.
//! 3. Two of the headers, or one of them twice: refused, whatever they hold. Two proxies would pick two (RFC 6750
//!    section 2: no more than one method; CVE-2026-26308).
//! 4. After a scheme stands RFC 6750's `b64token` and nothing else; in a bare header visible ASCII and nothing else.
//!    What a codec trims from the ends of a header value is gone before we see it.

use portcullis::http::header::Headers;

use super::denial::{Denial, Reason};

/// The headers in which credentials may stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources(Vec<Source>);

/// One header in which credentials may stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its name, in lower case.
    pub header: String,
    /// The schemes it may begin with; none: the value itself is the credential.
    pub schemes: Vec<String>,
}

/// A credential as it was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Presented<'a> {
    pub(super) header: &'a str,
    pub(super) text: &'a str,
    /// A value behind a scheme can be a token; a bare one is an API key.
    pub(super) may_be_token: bool,
}

impl Sources {
    /// These sources; no header stands among them twice.
    pub fn new(sources: Vec<Source>) -> Self {
        Self(sources)
    }

    /// The names of the headers.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|source| source.header.as_str())
    }

    /// Those of them that a request has.
    pub(super) fn present<'a>(&'a self, headers: &Headers) -> Vec<&'a str> {
        self.headers().filter(|name| headers.first(name).is_some()).collect()
    }

    /// The one credential of a request.
    pub(super) fn read<'a>(&'a self, headers: &'a Headers) -> Result<Presented<'a>, Denial> {
        let mut found = None;
        for source in &self.0 {
            let value = headers.only(&source.header).map_err(|_| Reason::AmbiguousCredentials)?;
            let Some(value) = value else { continue };
            if found.replace((source, value)).is_some() {
                return Err(Reason::AmbiguousCredentials.into());
            }
        }
        let (source, value) = found.ok_or(Reason::NoCredential)?;
        source.read(value)
    }
}

impl Source {
    fn read<'a>(&'a self, value: &'a [u8]) -> Result<Presented<'a>, Denial> {
        let may_be_token = !self.schemes.is_empty();
        let text = if may_be_token { self.after_scheme(value)? } else { visible(value) };
        let text = text.ok_or(Reason::MalformedCredential)?;
        Ok(Presented { header: &self.header, text, may_be_token })
    }

    fn after_scheme<'a>(&self, value: &'a [u8]) -> Result<Option<&'a str>, Denial> {
        let end = value.iter().position(|byte| *byte == b' ').unwrap_or(value.len());
        let (scheme, rest) = value.split_at_checked(end).unwrap_or_default();
        if !self.schemes.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(scheme)) {
            return Err(Reason::NoCredential.into());
        }
        Ok(rest.strip_prefix(b" ").and_then(b64token))
    }
}

/// `b64token` of RFC 6750 section 2.1: letters, digits, `-._~+/`, then any number of `=`.
fn b64token(value: &[u8]) -> Option<&str> {
    let padding = value.iter().rev().take_while(|byte| **byte == b'=').count();
    let body = value.get(..value.len().saturating_sub(padding))?;
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(byte);
    let is_token = !body.is_empty() && body.iter().all(fits);
    std::str::from_utf8(value).ok().filter(|_| is_token)
}

fn visible(value: &[u8]) -> Option<&str> {
    let is_visible = !value.is_empty() && value.iter().all(u8::is_ascii_graphic);
    std::str::from_utf8(value).ok().filter(|_| is_visible)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources() -> Sources {
        let bearer = Source { header: "authorization".to_owned(), schemes: vec!["Bearer".to_owned()] };
        let bare = Source { header: "x-api-key".to_owned(), schemes: vec![] };
        Sources::new(vec![bearer, bare])
    }

    fn headers(fields: &[(&str, &[u8])]) -> Headers {
        fields.iter().map(|(name, value)| (name.as_bytes(), *value)).collect()
    }

    fn read(fields: &[(&str, &[u8])]) -> Result<(String, bool), Reason> {
        let (sources, headers) = (sources(), headers(fields));
        let presented = sources.read(&headers).map_err(|denial| denial.reason)?;
        Ok((presented.text.to_owned(), presented.may_be_token))
    }

    #[test]
    fn a_credential_is_the_whole_value_behind_its_scheme() {
        for (value, text) in
            [("Bearer abc", "abc"), ("bearer abc", "abc"), ("BEARER a.b-c_d~e+f/g==", "a.b-c_d~e+f/g==")]
        {
            assert_eq!(read(&[("authorization", value.as_bytes())]), Ok((text.to_owned(), true)), "{value}");
        }
        assert_eq!(read(&[("x-api-key", b"sk-1:!")]), Ok(("sk-1:!".to_owned(), false)));
    }

    /// AUTHN-021, AUTHN-036, and AUTHN-046 where the form alone tells.
    #[test]
    fn anything_around_or_inside_it_is_malformed() {
        for value in [
            &b"Bearer a x"[..],
            b"Bearer a .jjjj",
            b"Bearer a###",
            b"Bearer a,a",
            b"Bearer a;charset=utf-8",
            b"Bearer a\t",
            b"Bearer a ",
            b"Bearer  a",
            b"Bearer ",
            b"Bearer",
            b"Bearer =",
            b"Bearer a=b",
            b"Bearer \xff\xfe",
            b"Bearer a\0",
            b"Bearer \xef\xbd\x81",
            b"Bearer %61",
        ] {
            assert_eq!(read(&[("authorization", value)]), Err(Reason::MalformedCredential), "{value:?}");
        }
        for value in [&b""[..], b"a b", b"a\t", b" a", b"a\0", b"\xc0\xa7", b"\xef\xbd\x81"] {
            assert_eq!(read(&[("x-api-key", value)]), Err(Reason::MalformedCredential), "{value:?}");
        }
    }

    #[test]
    fn another_scheme_is_no_credential() {
        for value in [&b"Basic YTpi"[..], b"DPoP abc", b"Bearerabc", b"", b"\xff\xfe", b"Bearer\tabc", b" Bearer abc"] {
            assert_eq!(read(&[("authorization", value)]), Err(Reason::NoCredential), "{value:?}");
        }
        assert_eq!(read(&[("x-other", b"abc")]), Err(Reason::NoCredential));
    }

    /// AUTHN-047.
    #[test]
    fn two_credentials_are_none() {
        for fields in [
            &[("x-api-key", &b"good"[..]), ("x-api-key", b"bad")][..],
            &[("x-api-key", b"bad"), ("x-api-key", b"good")],
            &[("x-api-key", b"good"), ("X-Api-Key", b"good")],
            &[("x-api-key", b"good"), ("authorization", b"Bearer good")],
            &[("x-api-key", b"good"), ("authorization", b"Basic YTpi")],
            &[("x-api-key", b""), ("authorization", b"Bearer good")],
        ] {
            assert_eq!(read(fields), Err(Reason::AmbiguousCredentials), "{fields:?}");
        }
    }
}
