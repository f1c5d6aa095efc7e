//! Where a caller shows who it is, and in what form.
//!
//! 1. A source is a header, bare (`x-api-key: KEY`) or after a scheme (`authorization: Bearer KEY`), the scheme in any
//!    case (RFC 9110 section 11.1) and exactly one blank behind it; or a query parameter; or a cookie.
//! 2. No configured place, or only schemes that no source names: there is no credential.
//! 3. More places than credentials are wanted, or one of them twice: refused, whatever they hold. Two proxies would pick
//!    two (RFC 6750 section 2: no more than one method; CVE-2026-26308).
//! 4. After a scheme stands RFC 6750's `b64token` and nothing else; elsewhere visible ASCII and nothing else, as it came:
//!    nothing is decoded. What a codec trims from the ends of a header value is gone before we see it.

use portcullis::http::cookie::Cookies;
use portcullis::http::header::Headers;
use portcullis::http::query::Query;

use super::denial::{Denial, Reason};

/// The places in which credentials may stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources(Vec<Source>);

/// One place in which a credential may stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Where it is.
    pub place: Place,
    /// What may stand there.
    pub content: Content,
}

/// Where a credential stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In the header of this name, in lower case.
    Header(String),
    /// In the query parameter of this name.
    Query(String),
    /// In the cookie of this name.
    Cookie(String),
}

/// What may stand in a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A credential.
    Bare(Form),
    /// A credential behind one of these schemes.
    Behind(Vec<(String, Form)>),
}

/// What a credential may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// An API key, or a token.
    Any,
    /// An API key.
    ApiKey,
    /// A token.
    Token,
}

/// A credential as it was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Presented<'a> {
    pub(super) place: &'a Place,
    pub(super) text: &'a str,
    pub(super) form: Form,
}

/// A place of a request that holds something.
type Shown<'a> = (&'a Source, &'a [u8]);

impl Sources {
    /// These sources; no place stands among them twice.
    pub fn new(sources: Vec<Source>) -> Self {
        Self(sources)
    }

    /// The places.
    pub fn places(&self) -> impl Iterator<Item = &Place> {
        self.0.iter().map(|source| &source.place)
    }

    /// Those of them in which a request has something, whatever it is.
    pub(super) fn present<'a>(&'a self, headers: &'a Headers) -> Result<Vec<&'a Place>, Denial> {
        let mut present = Vec::new();
        for source in &self.0 {
            let mut is_here = false;
            source.place.each(headers, |_| is_here = true)?;
            if is_here {
                present.push(&source.place);
            }
        }
        Ok(present)
    }

    /// The credentials of a request: exactly so many.
    pub(super) fn read<'a>(&'a self, headers: &'a Headers, wanted: usize) -> Result<Vec<Presented<'a>>, Denial> {
        let shown = self.shown(headers)?;
        if shown.len() > wanted {
            return Err(Reason::AmbiguousCredentials.into());
        }
        if shown.len() < wanted {
            return Err(Reason::NoCredential.into());
        }
        shown.into_iter().map(|(source, value)| source.read(value)).collect()
    }

    fn shown<'a>(&'a self, headers: &'a Headers) -> Result<Vec<Shown<'a>>, Denial> {
        let mut shown: Vec<Shown<'a>> = Vec::new();
        for source in &self.0 {
            let before = shown.len();
            source.place.each(headers, |value| shown.push((source, value)))?;
            if shown.len() > before.saturating_add(1) {
                return Err(Reason::AmbiguousCredentials.into());
            }
        }
        Ok(shown)
    }
}

impl Place {
    /// Shows every value that stands here.
    fn each<'a>(&self, headers: &'a Headers, mut show: impl FnMut(&'a [u8])) -> Result<(), Denial> {
        match self {
            Self::Header(name) => {
                let named = |field: &(&[u8], &'a [u8])| field.0.eq_ignore_ascii_case(name.as_bytes());
                headers.iter().filter(named).for_each(|(_, value)| show(value));
            }
            Self::Query(name) => {
                let path = headers.first(":path").unwrap_or_default();
                let query = Query::of(path).map_err(|_| Reason::AmbiguousRequest.about("query"))?;
                query.values(name).for_each(show);
            }
            Self::Cookie(name) => Cookies::of(headers.all("cookie")).values(name).for_each(show),
        }
        Ok(())
    }
}

impl Source {
    fn read<'a>(&'a self, value: &'a [u8]) -> Result<Presented<'a>, Denial> {
        let (text, form) = match &self.content {
            Content::Bare(form) => (visible(value), *form),
            Content::Behind(schemes) => after_scheme(schemes, value)?,
        };
        let text = text.ok_or(Reason::MalformedCredential)?;
        Ok(Presented { place: &self.place, text, form })
    }
}

fn after_scheme<'a>(schemes: &[(String, Form)], value: &'a [u8]) -> Result<(Option<&'a str>, Form), Denial> {
    let end = value.iter().position(|byte| *byte == b' ').unwrap_or(value.len());
    let (scheme, rest) = value.split_at_checked(end).unwrap_or_default();
    let known = schemes.iter().find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(scheme));
    let (_, form) = known.ok_or(Reason::NoCredential)?;
    Ok((rest.strip_prefix(b" ").and_then(b64token), *form))
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
        let source = |place, content| Source { place, content };
        let header = |name: &str| Place::Header(name.to_owned());
        Sources::new(vec![
            source(header("authorization"), Content::Behind(vec![("Bearer".to_owned(), Form::Any)])),
            source(header("x-api-key"), Content::Bare(Form::ApiKey)),
            source(Place::Query("key".to_owned()), Content::Bare(Form::ApiKey)),
            source(Place::Cookie("session".to_owned()), Content::Bare(Form::Token)),
        ])
    }

    fn headers(fields: &[(&str, &[u8])]) -> Headers {
        fields.iter().map(|(name, value)| (name.as_bytes(), *value)).collect()
    }

    fn read_many(fields: &[(&str, &[u8])], wanted: usize) -> Result<Vec<(String, Form)>, Reason> {
        let (sources, headers) = (sources(), headers(fields));
        let presented = sources.read(&headers, wanted).map_err(|denial| denial.reason)?;
        Ok(presented.iter().map(|shown| (shown.text.to_owned(), shown.form)).collect())
    }

    fn read(fields: &[(&str, &[u8])]) -> Result<(String, Form), Reason> {
        read_many(fields, 1).map(|mut one| one.remove(0))
    }

    #[test]
    fn a_credential_is_the_whole_value_behind_its_scheme() {
        for (value, text) in
            [("Bearer abc", "abc"), ("bearer abc", "abc"), ("BEARER a.b-c_d~e+f/g==", "a.b-c_d~e+f/g==")]
        {
            assert_eq!(read(&[("authorization", value.as_bytes())]), Ok((text.to_owned(), Form::Any)), "{value}");
        }
        assert_eq!(read(&[("x-api-key", b"sk-1:!")]), Ok(("sk-1:!".to_owned(), Form::ApiKey)));
    }

    #[test]
    fn a_query_parameter_and_a_cookie_are_read_as_they_stand() {
        let shown = |text: &str, form| Ok((text.to_owned(), form));
        assert_eq!(read(&[(":path", b"/v1?a=b&key=sk-1%2D")]), shown("sk-1%2D", Form::ApiKey));
        assert_eq!(read(&[(":path", b"/v1?%6bey=sk-1")]), shown("sk-1", Form::ApiKey));
        assert_eq!(read(&[("cookie", b"a=b; session=x.y.z")]), shown("x.y.z", Form::Token));
        assert_eq!(read(&[("cookie", b"a=b"), ("cookie", b"session=x")]), shown("x", Form::Token));
        for fields in [[(":path", &b"/v1?key=a&key=b"[..])], [("cookie", b"session=a; session=b")]] {
            assert_eq!(read(&fields), Err(Reason::AmbiguousCredentials));
        }
        assert_eq!(read(&[(":path", b"/v1?key=")]), Err(Reason::MalformedCredential));
        assert_eq!(read(&[(":path", b"/v1?%zz")]), Err(Reason::AmbiguousRequest));
        assert_eq!(read(&[(":path", b"/v1?Key=a"), ("cookie", b"Session=a")]), Err(Reason::NoCredential));
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
            &[("x-api-key", b"good"), (":path", b"/?key=good")],
            &[("x-api-key", b"good"), ("cookie", b"session=")],
        ] {
            assert_eq!(read(fields), Err(Reason::AmbiguousCredentials), "{fields:?}");
        }
    }

    #[test]
    fn where_two_are_wanted_two_there_must_be() {
        let both = [("x-api-key", &b"key"[..]), ("authorization", b"Bearer token")];
        let expected = vec![("token".to_owned(), Form::Any), ("key".to_owned(), Form::ApiKey)];
        assert_eq!(read_many(&both, 2), Ok(expected));
        assert_eq!(read_many(&both[..1], 2), Err(Reason::NoCredential));
        assert_eq!(read_many(&[both[0], both[1], ("cookie", b"session=x")], 2), Err(Reason::AmbiguousCredentials));
        assert_eq!(read_many(&[both[0], both[0]], 2), Err(Reason::AmbiguousCredentials));
    }
}
