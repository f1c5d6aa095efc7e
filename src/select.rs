//! Which requests a rule is about: one matcher, written by operators as `when`, compiled once, used by every filter.
//!
//! All conditions that are given must hold; of the values in one list any may. A rule without conditions matches every
//! request. What a rule looks at must be clear: a request whose path, host or method two servers could read differently
//! is refused before any rule is asked, if any rule looks at it.

use std::fmt;

use serde::Deserialize;

use crate::config::ConfigError;
use crate::http::header::Headers;
use crate::http::path::{Ambiguous, Canonical, Template};

/// What the operator writes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    /// Hosts, exact or `*.example.com` (any depth below), compared as Envoy compares the domains of its virtual hosts:
    /// a port that the client names counts. `api.example.com:8443` and `api.example.com:*` are with one. Absent: any host.
    pub hosts: Option<Vec<String>>,
    /// Methods, exact and case-sensitive (RFC 9110 section 9.1): an allow-list. Absent: any method.
    pub methods: Option<Vec<String>>,
    /// Path templates on the canonical path: `/v1/models/{model}`, `/v1/*`. Absent: any path.
    pub paths: Option<Vec<String>>,
    /// Names of Envoy routes, the operator's own. Absent: any route.
    pub routes: Option<Vec<String>>,
}

/// A compiled `when`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matcher {
    hosts: Option<Vec<HostPattern>>,
    methods: Option<Vec<String>>,
    paths: Option<Vec<Template>>,
    routes: Option<Vec<String>>,
}

/// Which facts a set of matchers looks at, so that only those are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // facts, each needed or not whatever the others are
pub struct Needs {
    /// The host.
    pub host: bool,
    /// The canonical path.
    pub path: bool,
    /// The Envoy route's name.
    pub route: bool,
    /// The method.
    pub method: bool,
}

/// What is known of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subject {
    method: String,
    host: String,
    port: Option<u16>,
    path: Option<Canonical>,
    route: String,
}

/// Why a request cannot be matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unclear {
    /// No `:path` at all: a CONNECT.
    NoPath,
    /// The path can be read in two ways.
    Path(Ambiguous),
    /// The host can be read in two ways, or is missing.
    Host,
    /// The method is missing, or one to some servers and another to others.
    Method,
}

impl fmt::Display for Unclear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPath => f.write_str("the request has no path"),
            Self::Path(why) => why.fmt(f),
            Self::Host => f.write_str("the host is missing or ambiguous"),
            Self::Method => f.write_str("the method is missing or ambiguous"),
        }
    }
}

impl Matcher {
    /// Compiles conditions.
    pub fn compile(when: &When) -> Result<Self, ConfigError> {
        Ok(Self {
            hosts: list("hosts", when.hosts.as_deref(), HostPattern::parse)?,
            methods: list("methods", when.methods.as_deref(), method)?,
            paths: list("paths", when.paths.as_deref(), Template::parse)?,
            routes: list("routes", when.routes.as_deref(), |name| Ok(name.to_owned()))?,
        })
    }

    /// What this matcher looks at.
    pub fn needs(&self) -> Needs {
        Needs {
            host: self.hosts.is_some(),
            path: self.paths.is_some(),
            route: self.routes.is_some(),
            method: self.methods.is_some(),
        }
    }

    /// Whether every condition holds.
    pub fn matches(&self, subject: &Subject) -> bool {
        any(self.methods.as_deref(), |method| *method == subject.method)
            && any(self.hosts.as_deref(), |pattern| pattern.matches(&subject.host, subject.port))
            && any(self.routes.as_deref(), |route| *route == subject.route)
            && any(self.paths.as_deref(), |template| {
                subject.path.as_ref().is_some_and(|path| template.captures(path).is_some())
            })
    }
}

impl Matcher {
    /// What the first path template that fits captures under this name.
    pub fn capture<'a>(&'a self, subject: &'a Subject, name: &str) -> Option<&'a str> {
        let (templates, path) = (self.paths.as_deref()?, subject.path.as_ref()?);
        let captures = templates.iter().find_map(|template| template.captures(path))?;
        captures.into_iter().find(|(captured, _)| *captured == name).map(|(_, value)| value)
    }

    /// Whether each path template has a capture of this name.
    pub fn captures(&self, name: &str) -> bool {
        let templates = self.paths.as_deref().unwrap_or_default();
        !templates.is_empty() && templates.iter().all(|template| template.names().any(|known| known == name))
    }
}

fn any<T>(list: Option<&[T]>, holds: impl FnMut(&T) -> bool) -> bool {
    list.is_none_or(|list| list.iter().any(holds))
}

fn list<T>(
    name: &str,
    written: Option<&[String]>,
    parse: impl Fn(&str) -> Result<T, &'static str>,
) -> Result<Option<Vec<T>>, ConfigError> {
    let Some(written) = written else { return Ok(None) };
    if written.is_empty() {
        return Err(ConfigError::new(name, "[]", "at least one value: an empty list would match nothing"));
    }
    let read = |(index, text): (usize, &String)| {
        parse(text).map_err(|expected| ConfigError::new(format!("{name}[{index}]"), text, expected))
    };
    written.iter().enumerate().map(read).collect::<Result<_, _>>().map(Some)
}

fn method(text: &str) -> Result<String, &'static str> {
    if is_clear_method(text) { Ok(text.to_owned()) } else { Err("a method in upper case such as POST") }
}

impl Needs {
    /// What either looks at.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            host: self.host || other.host,
            path: self.path || other.path,
            route: self.route || other.route,
            method: self.method || other.method,
        }
    }
}

impl Subject {
    /// Reads what `needs` names; `route` is the value of `xds.route_name`.
    pub fn read(headers: &Headers, route: Option<&[u8]>, needs: Needs) -> Result<Self, Unclear> {
        let path = headers.first(":path").ok_or(Unclear::NoPath)?;
        let method = headers.first(":method").and_then(ascii).ok_or(Unclear::Method)?;
        if needs.method && !is_clear_method(&method) {
            return Err(Unclear::Method);
        }
        let path = if needs.path { Some(Canonical::read(path).map_err(Unclear::Path)?) } else { None };
        let (host, port) = if needs.host { host(headers).ok_or(Unclear::Host)? } else { Default::default() };
        let route = route.and_then(ascii).unwrap_or_default();
        Ok(Self { method, host, port, path, route })
    }

    /// The method.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The path, if it was asked for.
    pub fn path(&self) -> Option<&Canonical> {
        self.path.as_ref()
    }
}

/// Whether a method is one to every server. Case counts (RFC 9110 section 9.1), but some that stand behind us take `delete`
/// for DELETE, about which there is a rule (GHSA-w44g-8m76-8gc5).
fn is_clear_method(method: &str) -> bool {
    let is_clear = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    !method.is_empty() && method.bytes().all(is_clear)
}

fn ascii(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).ok().filter(|text| text.is_ascii()).map(str::to_owned)
}

/// The host of `:authority`, in lower case, and its port. Userinfo, lists, blanks and anything behind the port are refused
/// (CVE-2026-73550): whoever takes the last host of `public.example:80,admin.example` takes another. So is a final dot,
/// which Envoy compares and servers drop, and any other empty label.
fn host(headers: &Headers) -> Option<(String, Option<u16>)> {
    let authority = ascii(headers.only(":authority").ok()??)?;
    let (host, port, is_host): (_, _, fn(u8) -> bool) = if let Some(bracketed) = authority.strip_prefix('[') {
        let (host, port) = bracketed.split_once(']').filter(|(host, _)| host.contains(':'))?;
        (host, port, is_v6_byte)
    } else {
        let (host, port) = authority.split_at_checked(authority.find(':').unwrap_or(authority.len()))?;
        (host, port, is_name_byte)
    };
    let is_right = host.split('.').all(|label| !label.is_empty()) && host.bytes().all(is_host);
    let port = if port.is_empty() { None } else { Some(number(port.strip_prefix(':')?)?) };
    is_right.then(|| (host.to_ascii_lowercase(), port))
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')
}

fn is_v6_byte(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.')
}

/// A port in its one spelling.
fn number(port: &str) -> Option<u16> {
    port.parse::<u16>().ok().filter(|number| number.to_string() == port)
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct HostPattern {
    /// The host, or what stands below this and begins with a dot.
    name: String,
    port: PortPattern,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PortPattern {
    /// The client names none.
    Absent,
    /// This one.
    Is(u16),
    /// None, or any.
    Any,
}

impl HostPattern {
    fn parse(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str = "a host in lower case, such as api.example.com, *.example.com or api.example.com:8443";
        let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
        let port = match port {
            None => PortPattern::Absent,
            Some("*") => PortPattern::Any,
            Some(port) => PortPattern::Is(number(port).ok_or(EXPECTED)?),
        };
        let (below, name) = host.strip_prefix("*.").map_or((false, host), |name| (true, name));
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.' | b'_');
        if name.is_empty() || name.starts_with('.') || name.ends_with('.') || !name.bytes().all(fits) {
            return Err(EXPECTED);
        }
        Ok(Self { name: if below { format!(".{name}") } else { name.to_owned() }, port })
    }

    fn matches(&self, host: &str, port: Option<u16>) -> bool {
        let fits = match self.port {
            PortPattern::Absent => port.is_none(),
            PortPattern::Is(number) => port == Some(number),
            PortPattern::Any => true,
        };
        let is_below = self.name.starts_with('.') && host.len() > self.name.len() && host.ends_with(&self.name);
        fits && (host == self.name || is_below)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, authority: &str, path: &str) -> Headers {
        [(":method", method), (":authority", authority), (":path", path)]
            .into_iter()
            .map(|(name, value)| (name.as_bytes(), value.as_bytes()))
            .collect()
    }

    fn when(text: &str) -> Result<Matcher, ConfigError> {
        Matcher::compile(
            &serde_json::from_value(crate::json::parse(text.as_bytes(), crate::json::Limits::default()).unwrap())
                .unwrap(),
        )
    }

    fn matches(text: &str, headers: &Headers) -> Result<bool, Unclear> {
        let matcher = when(text).unwrap();
        Subject::read(headers, Some(b"main"), matcher.needs()).map(|subject| matcher.matches(&subject))
    }

    #[test]
    fn every_condition_must_hold() {
        let rule =
            r#"{"hosts":["api.example","*.internal"],"methods":["GET","POST"],"paths":["/v1/*"],"routes":["main"]}"#;
        for (method, authority, path, fits) in [
            ("GET", "api.example", "/v1/models", true),
            ("GET", "API.Example", "/v1/models?x", true),
            ("GET", "api.example:80", "/v1/models", false),
            ("GET", "a.b.internal", "/v1", true),
            ("GET", "internal", "/v1", false),
            ("GET", "evilapi.example", "/v1", false),
            ("DELETE", "api.example", "/v1", false),
            ("GET", "api.example", "/v2", false),
        ] {
            assert_eq!(matches(rule, &request(method, authority, path)), Ok(fits), "{method} {authority} {path}");
        }
        assert_eq!(matches(r#"{"routes":["other"]}"#, &request("GET", "a", "/")), Ok(false));
    }

    /// Envoy takes `public.example:1` for another virtual host than `public.example`.
    #[test]
    fn a_port_counts_as_it_does_for_envoy() {
        for (pattern, authority, fits) in [
            ("a.example", "a.example", true),
            ("a.example", "a.example:443", false),
            ("a.example:443", "A.example:443", true),
            ("a.example:443", "a.example", false),
            ("a.example:443", "a.example:80", false),
            ("a.example:*", "a.example:1", true),
            ("a.example:*", "a.example", true),
            ("*.example:80", "b.a.example:80", true),
            ("*.example", "a.example:80", false),
        ] {
            let rule = format!("{{\"hosts\":[\"{pattern}\"]}}");
            assert_eq!(matches(&rule, &request("GET", authority, "/")), Ok(fits), "{pattern} {authority}");
        }
    }

    #[test]
    fn a_host_that_is_two_hosts_is_refused() {
        for authority in [
            "a.example,b.example",
            "public@admin",
            "",
            "a b",
            "a/b",
            "[::1",
            "a.example:x@admin",
            "a.example:80,admin",
            "[::1]admin",
            "a.example:",
            "a.example:123456",
            "a.example:080",
            "a.example:+80",
            "a.example.",
            "a.example.:80",
            ".a.example",
            "a..example",
        ] {
            assert_eq!(
                matches(r#"{"hosts":["a.example"]}"#, &request("GET", authority, "/")),
                Err(Unclear::Host),
                "{authority}"
            );
        }
    }

    #[test]
    fn a_method_that_is_two_methods_is_refused() {
        for method in ["Delete", "delete", "DELETE ", "", "DEL\u{e9}TE", "GET /admin HTTP/1.1"] {
            let found = matches(r#"{"methods":["GET"]}"#, &request(method, "a", "/"));
            assert_eq!(found, Err(Unclear::Method), "{method}");
        }
        assert_eq!(matches(r#"{"methods":["M-SEARCH_2"]}"#, &request("M-SEARCH_2", "a", "/")), Ok(true));
    }

    #[test]
    fn what_no_rule_looks_at_is_not_judged() {
        assert_eq!(matches(r#"{"methods":["GET"]}"#, &request("GET", "a,b", "/x/../y")), Ok(true));
        assert_eq!(matches(r#"{"hosts":["a"]}"#, &request("get", "a", "/x/../y")), Ok(true));
    }

    #[test]
    fn a_request_without_a_path_is_never_matched() {
        let connect: Headers = [(&b":method"[..], &b"CONNECT"[..])].into_iter().collect();
        assert_eq!(matches("{}", &connect), Err(Unclear::NoPath));
    }

    #[test]
    fn conditions_that_could_never_hold_are_refused() {
        for text in [
            r#"{"hosts":[]}"#,
            r#"{"hosts":["API.example"]}"#,
            r#"{"methods":["get"]}"#,
            r#"{"paths":["v1"]}"#,
            r#"{"hosts":["a:080"]}"#,
            r#"{"hosts":["a:"]}"#,
            r#"{"hosts":["a."]}"#,
            r#"{"hosts":[".a"]}"#,
        ] {
            assert!(when(text).is_err(), "{text}");
        }
    }
}
