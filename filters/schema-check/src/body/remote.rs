//! Which URLs a body may name for an upstream to fetch: pictures, files, tools. An upstream that fetches what a caller
//! names is a way into its network (SSRF, OWASP API7), so the operator lists the hosts, and a URL is one that every reader
//! takes to the same host, or it is refused.
//!
//! Rules, in the order they are applied:
//! 1. at most 2048 printable ASCII characters, without `\`, `@`, `"`, `<`, `>` and `#`. The WHATWG's reader drops tabs and
//!    line ends and turns backslashes, others do not; before an `@` stands a user, behind it the host;
//! 2. it begins with `https://`, or with `http://` where that is allowed; in lower case;
//! 3. the host is a name of two or more labels of letters, digits and hyphens, each of 1 to 63 characters, 253 in all,
//!    without a dot at the end and without escapes; an international name is written in Punycode;
//! 4. it is no address in any notation: not in brackets, and its last label is not a number, decimal, octal or
//!    hexadecimal (`127.1`, `0x7f.1`, `2130706433`). The last label begins with a letter;
//! 5. it is no name that only a network of its own knows ([`PRIVATE`]);
//! 6. the port is not written, or that of the scheme, or one of the listed, without a leading zero;
//! 7. no escape in the path is one of a control character;
//! 8. the host is one of the listed, in any case: exactly, or for `*.example.com` a name with one or more labels before
//!    `.example.com`, and not `example.com` itself.
//!
//! Not answered here: where a listed name leads. Its owner can point it into the network, or redirect; that is for a rule
//! of egress to stop.
//!
//! What is accepted is also a `portcullis::http::url::Url`, which alone would not do: it is for operators, allows
//! addresses and ports, and does not tell which of its rules was broken.
//!
//! ```
//! use schema_check::body::remote::{Refused, Remote};
//!
//! let remote = Remote::new(&["images.example.com", "*.cdn.example"], &[], false).unwrap();
//! assert_eq!(remote.check("https://a.cdn.example/cat.png?size=1"), Ok(()));
//! assert_eq!(remote.check("https://evil.example/cat.png"), Err(Refused::Host));
//! assert_eq!(remote.check("https://0x7f000001/"), Err(Refused::Name));
//! ```

#[cfg(test)]
mod tests;

use std::fmt;

use portcullis::http::url::Url;

/// The hosts, ports and schemes that are allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    hosts: Vec<Host>,
    ports: Vec<u16>,
    allows_http: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Host {
    Exact(String),
    /// With the dot that stands before it.
    Under(String),
}

/// The longest URL, in bytes.
const MAX_BYTES: usize = 2048;

/// Ends of names that only a network of its own knows (RFC 6761, RFC 6762, RFC 8375, RFC 9476, ICANN on `.internal`), and
/// what enterprises use in their place.
pub const PRIVATE: [&str; 16] = [
    "localhost",
    "local",
    "internal",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
    "localdomain",
    "arpa",
    "test",
    "invalid",
    "onion",
    "alt",
    "cluster",
    "svc",
];

impl Remote {
    /// Compiles a list: `images.example.com`, `*.example.com`. No host at all means that every URL is refused. The error
    /// says what was expected.
    pub fn new(hosts: &[impl AsRef<str>], ports: &[u16], allows_http: bool) -> Result<Self, &'static str> {
        let hosts = hosts.iter().map(|host| Host::parse(host.as_ref()).ok_or(EXPECTED)).collect::<Result<_, _>>()?;
        if ports.contains(&0) {
            return Err("ports from 1 to 65535");
        }
        Ok(Self { hosts, ports: ports.to_vec(), allows_http })
    }

    /// Whether a body may name this URL; if not, why not.
    pub fn check(&self, url: &str) -> Result<(), Refused> {
        let is_clean = |byte: u8| byte.is_ascii_graphic() && !b"\\@\"<>#".contains(&byte);
        if url.len() > MAX_BYTES || !url.bytes().all(is_clean) {
            return Err(Refused::Character);
        }
        let (default_port, rest) = self.scheme(url)?;
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end).ok_or(Refused::Name)?;
        if authority.starts_with('[') {
            return Err(Refused::Address);
        }
        let (host, port) = authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port)));
        let host = host.to_ascii_lowercase();
        name(&host)?;
        if !port.is_none_or(|port| self.allows_port(port, default_port)) {
            return Err(Refused::Port);
        }
        if has_escaped_control(path) {
            return Err(Refused::Escape);
        }
        if !self.hosts.iter().any(|known| known.fits(&host)) {
            return Err(Refused::Host);
        }
        Url::parse(url).map(drop).map_err(|_| Refused::Character)
    }

    fn scheme<'a>(&self, url: &'a str) -> Result<(u16, &'a str), Refused> {
        match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
            (Some(rest), _) => Ok((443, rest)),
            (None, Some(rest)) if self.allows_http => Ok((80, rest)),
            _ => Err(Refused::Scheme),
        }
    }

    fn allows_port(&self, text: &str, default_port: u16) -> bool {
        let is_plain = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
        let port = text.parse::<u16>().ok().filter(|_| is_plain);
        port.is_some_and(|port| port == default_port || self.ports.contains(&port))
    }
}

impl Host {
    fn parse(text: &str) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        let host = lower.strip_prefix("*.");
        name(host.unwrap_or(&lower)).ok()?;
        Some(host.map_or(Host::Exact(lower.clone()), |host| Host::Under(format!(".{host}"))))
    }

    fn fits(&self, host: &str) -> bool {
        match self {
            Host::Exact(known) => host == known,
            Host::Under(end) => host.strip_suffix(end.as_str()).is_some_and(|before| !before.is_empty()),
        }
    }
}

/// Whether a host in lower case is a public name.
fn name(host: &str) -> Result<(), Refused> {
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_public = !PRIVATE.contains(&last);
    match last.bytes().next() {
        Some(first) if first.is_ascii_digit() && host.contains('.') => Err(Refused::Address),
        _ if host.len() > 253 || !host.contains('.') || !host.split('.').all(is_label) => Err(Refused::Name),
        _ if !is_public => Err(Refused::Private),
        _ => Ok(()),
    }
}

/// RFC 5891 section 4.2.3.1: hyphens in the third and fourth place are for Punycode.
fn is_label(label: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_reserved = label.get(2..4) == Some("--") && !label.starts_with("xn--");
    (1..=63).contains(&label.len())
        && label.bytes().all(fits)
        && !label.starts_with('-')
        && !label.ends_with('-')
        && !is_reserved
}

fn has_escaped_control(path: &str) -> bool {
    path.split('%').skip(1).any(|rest| match rest.as_bytes() {
        [b'0' | b'1', ..] | [b'7', b'f' | b'F', ..] => true,
        [high, low, ..] => !high.is_ascii_hexdigit() || !low.is_ascii_hexdigit(),
        _ => true,
    })
}

const EXPECTED: &str = "public host names such as images.example.com or *.example.com";

/// Why a URL was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It is too long, or holds a character that readers take differently.
    Character,
    /// Its scheme is not allowed.
    Scheme,
    /// Its host is an address.
    Address,
    /// Its host is no name of two or more labels.
    Name,
    /// Its host is a name of a private network.
    Private,
    /// Its port is not listed.
    Port,
    /// Its path holds a broken escape, or one of a control character.
    Escape,
    /// Its host is not listed.
    Host,
}

impl Refused {
    /// The stable name, for replies, metrics and logs.
    pub fn code(self) -> &'static str {
        match self {
            Refused::Character => "remote_character",
            Refused::Scheme => "remote_scheme",
            Refused::Address => "remote_address",
            Refused::Name => "remote_name",
            Refused::Private => "remote_private_name",
            Refused::Port => "remote_port",
            Refused::Escape => "remote_escape",
            Refused::Host => "remote_host",
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refused::Character => {
                "expected at most 2048 ASCII characters of a URL, without user, fragment or backslash"
            }
            Refused::Scheme => "expected a scheme that is allowed, in lower case",
            Refused::Address => "expected a host name, not an address",
            Refused::Name => "expected a host name of two or more labels of letters, digits and hyphens",
            Refused::Private => "expected a public host name",
            Refused::Port => "expected no port, or one that is listed",
            Refused::Escape => "expected escapes of two hexadecimal digits, and none of a control character",
            Refused::Host => "expected a host that is listed",
        })
    }
}
