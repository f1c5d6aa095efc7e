//! The URL of a document that a filter may fetch, read strictly: whoever writes it, an operator or a document that was
//! fetched before, must not lead a call to where another reader of the same text would not go (SSRF, OWASP API7).
//!
//! 1. It begins with `https://` or `http://`, in lower case.
//! 2. The authority is a host and perhaps a port: no userinfo (`https://idp.example@evil.example`), no empty host.
//! 3. Nothing in it is a blank, a control character, a backslash or not ASCII; there is no fragment.
//!
//! ```
//! use portcullis::http::url::Url;
//!
//! let url = Url::parse("https://IdP.example:8443/keys?v=1").unwrap();
//! assert_eq!((url.authority(), url.path()), ("idp.example:8443", "/keys?v=1"));
//! assert!(Url::parse("https://idp.example@evil.example/").is_err());
//! ```

/// What a URL must be, for messages.
pub const EXPECTED: &str = "a URL such as https://idp.example/keys, without userinfo and fragment";

/// The longest URL, in bytes.
const MAX_BYTES: usize = 2048;

/// A URL, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url {
    is_https: bool,
    authority: String,
    path: String,
}

impl Url {
    /// Reads a URL; the error says what was expected.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        Self::read(text).ok_or(EXPECTED)
    }

    fn read(text: &str) -> Option<Self> {
        let is_clean = text.len() <= MAX_BYTES && text.bytes().all(|byte| byte.is_ascii_graphic());
        let is_whole = !text.contains(['#', '\\', '"', '<', '>']);
        let (scheme, rest) = text.split_once("://").filter(|_| is_clean && is_whole)?;
        let is_https = match scheme {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end)?;
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        is_authority(authority).then(|| Self { is_https, authority: authority.to_ascii_lowercase(), path })
    }

    /// Whether the scheme is `https`.
    pub fn is_https(&self) -> bool {
        self.is_https
    }

    /// `host` or `host:port`, in lower case.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The path with its query; at least `/`.
    pub fn path(&self) -> &str {
        &self.path
    }
}

fn is_authority(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[').map(|rest| rest.split_once(']')) {
        Some(Some((host, port))) => (host, port),
        Some(None) => return false,
        None => text.split_at_checked(text.find(':').unwrap_or(text.len())).unwrap_or_default(),
    };
    let is_bracketed = text.starts_with('[');
    let fits = |byte: u8| match byte {
        b':' => is_bracketed,
        b'-' | b'_' => !is_bracketed,
        b'.' => true,
        byte if is_bracketed => byte.is_ascii_hexdigit(),
        byte => byte.is_ascii_alphanumeric(),
    };
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    !host.is_empty() && host.bytes().all(fits) && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_a_scheme_a_host_and_a_path() {
        for (text, is_https, authority, path) in [
            ("https://idp.example", true, "idp.example", "/"),
            ("http://127.0.0.1:8080/keys", false, "127.0.0.1:8080", "/keys"),
            ("https://idp.example?x=1", true, "idp.example", "/?x=1"),
            ("https://[::1]:443/a@b:c", true, "[::1]:443", "/a@b:c"),
            ("https://IDP.example/A?B", true, "idp.example", "/A?B"),
        ] {
            let url = Url::parse(text).unwrap();
            assert_eq!((url.is_https(), url.authority(), url.path()), (is_https, authority, path), "{text}");
        }
    }

    #[test]
    fn what_two_readers_could_read_differently_is_refused() {
        for text in [
            "",
            "idp.example/keys",
            "//idp.example/keys",
            "HTTPS://idp.example",
            "file:///etc/passwd",
            "ftp://idp.example",
            "https://",
            "https:///keys",
            "https://:443/keys",
            "https://idp.example@evil.example/",
            "https://idp.example:pass@evil.example/",
            "https://idp.example:/keys",
            "https://idp.example:99999/keys",
            "https://idp.example:x/keys",
            "https://idp.example\\@evil.example/",
            "https://idp.example/#fragment",
            "https://idp example/",
            "https://idp.example/a b",
            "https://idp.example/\r\nx: y",
            "https://\u{131}dp.example/",
            "https://[::1/",
            "https://[idp.example]/",
            "https://idp,evil/",
            &format!("https://idp.example/{}", "a".repeat(MAX_BYTES)),
        ] {
            assert_eq!(Url::parse(text), Err(EXPECTED), "{text}");
        }
    }
}
