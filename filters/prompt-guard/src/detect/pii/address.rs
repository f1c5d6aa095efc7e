//! IP addresses and hardware addresses.
//!
//! Nobody's, and left: the unspecified and the loopback address, masks and broadcast, multicast, what RFC 5737 and RFC
//! 3849 keep for documentation, a network with its prefix (`10.0.0.0/8`), and the resolvers that everybody configures.
//! Four numbers behind a word such as "version" or "section" are none. An IPv6 address that is shortened by `::` is
//! global (`2000::/3`), unique local (`fc00::/7`), link-local (`fe80::/10`), or embeds one of IPv4: `Add::bad` is a
//! path.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::boundary;

/// The end of the IPv4 address that begins at `start`.
pub(super) fn v4(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes().get(start..)?;
    let length = bytes.iter().take(16).position(|byte| !byte.is_ascii_digit() && *byte != b'.');
    let run = text.get(start..start.saturating_add(length.unwrap_or(16.min(bytes.len()))))?.trim_end_matches('.');
    let address: Ipv4Addr = run.parse().ok()?;
    let end = start.saturating_add(run.len());
    let is_whole = boundary::begins(text, start) && boundary::ends(text, end);
    (is_whole && is_somebodys(address) && !is_network(text, end)).then_some(end)
}

fn is_somebodys(address: Ipv4Addr) -> bool {
    const RESOLVERS: [[u8; 4]; 6] =
        [[1, 1, 1, 1], [1, 0, 0, 1], [8, 8, 8, 8], [8, 8, 4, 4], [9, 9, 9, 9], [208, 67, 222, 222]];
    let [first, ..] = address.octets();
    let is_reserved = matches!(first, 0 | 127 | 224..=239 | 255) || address.is_documentation();
    !is_reserved && !RESOLVERS.contains(&address.octets())
}

/// Whether a prefix length follows that leaves room for many hosts.
fn is_network(text: &str, end: usize) -> bool {
    let [b'/', digits @ ..] = text.as_bytes().get(end..).unwrap_or_default() else { return false };
    match digits {
        [b'3', b'2', ..] => false,
        [tens @ b'1'..=b'3', b'0'..=b'9', rest @ ..] => {
            *tens < b'4' && !rest.first().is_some_and(u8::is_ascii_alphanumeric)
        }
        [b'0'..=b'9', rest @ ..] => !rest.first().is_some_and(u8::is_ascii_alphanumeric),
        _ => false,
    }
}

/// What stands around a colon.
pub(super) struct Colons {
    /// All hexadecimal digits, colons, and full stops in a row.
    pub(super) run: Range<usize>,
    /// How many of them are colons, up to a few.
    pub(super) count: usize,
    pub(super) found: Option<Colon>,
}

/// What was found there.
pub(super) enum Colon {
    /// An IPv6 address, its zone included.
    V6(Range<usize>),
    /// A hardware address.
    Mac(Range<usize>),
}

/// Reads what stands around the colon at `at`, the first of its run.
pub(super) fn colons(text: &str, at: usize) -> Colons {
    let bytes = text.as_bytes();
    let before = bytes.get(at.saturating_sub(4)..at).unwrap_or_default();
    let digits = before.iter().rev().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let start = at.saturating_sub(digits);
    let is_part = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
    let behind = bytes.get(at..).unwrap_or_default();
    let length = behind.iter().position(|byte| !is_part(byte)).unwrap_or(behind.len());
    let run = start..at.saturating_add(length);
    let count = behind.iter().take(length).filter(|byte| **byte == b':').take(8).count();
    Colons { found: read(text, run.clone()), run, count }
}

fn read(text: &str, run: Range<usize>) -> Option<Colon> {
    const LONGEST: usize = 47;
    let (start, whole) = (run.start, text.get(run)?);
    let address = match whole.trim_end_matches('.') {
        trimmed if trimmed.ends_with("::") => trimmed,
        trimmed => trimmed.trim_end_matches(':'),
    };
    let end = start.saturating_add(address.len());
    let colons = address.bytes().take(LONGEST).filter(|byte| *byte == b':').count();
    if address.len() > LONGEST || colons < 2 || !boundary::begins(text, start) || !boundary::ends(text, end) {
        return None;
    }
    if colons == 5 && is_mac(address, ':') {
        return Some(Colon::Mac(start..end));
    }
    let parsed: Ipv6Addr = address.parse().ok()?;
    let is_plausible = colons == 7 || !address.contains("::") || is_usual(parsed);
    (is_plausible && is_somebodys_v6(parsed)).then(|| Colon::V6(start..zone(text, end)))
}

/// RFC 4291 section 2.4 and RFC 4193: what a machine may have.
fn is_usual(address: Ipv6Addr) -> bool {
    let [first, ..] = address.segments();
    let is_global = first & 0xe000 == 0x2000;
    is_global
        || first & 0xfe00 == 0xfc00
        || first & 0xffc0 == 0xfe80
        || address.to_ipv4_mapped().is_some()
        || first == 0x64
}

fn is_somebodys_v6(address: Ipv6Addr) -> bool {
    let is_documentation = matches!(address.segments(), [0x2001, 0x0db8, ..] | [0x3fff, ..]);
    let is_nobodys = address.is_unspecified() || address.is_loopback() || address.is_multicast() || is_documentation;
    !is_nobodys && address.to_ipv4_mapped().is_none_or(is_somebodys)
}

/// The end of a zone (RFC 4007 section 11) that may stand at `end`.
fn zone(text: &str, end: usize) -> usize {
    let rest = text.as_bytes().get(end..).unwrap_or_default();
    let Some(b'%') = rest.first() else { return end };
    let name = rest.iter().skip(1).take(16).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    if name == 0 { end } else { end.saturating_add(1).saturating_add(name) }
}

/// Six pairs with `sign` between them. One of digits only is rather a time, and all the same are nobody's.
fn is_mac(text: &str, sign: char) -> bool {
    let is_pair = |pair: &str| pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_hexdigit());
    text.split(sign).count() == 6 && text.split(sign).all(is_pair) && is_hardware(text.as_bytes())
}

/// The hexadecimal digits of a hardware address, whatever parts them.
pub(super) fn is_hardware(number: &[u8]) -> bool {
    let is_digit = |byte: &&u8| byte.is_ascii_hexdigit();
    let digits = || number.iter().filter(|byte| byte.is_ascii_alphanumeric());
    let first = digits().next();
    let has_letter = digits().any(u8::is_ascii_alphabetic);
    digits().all(|byte| is_digit(&byte)) && has_letter && digits().any(|byte| Some(byte) != first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn six(text: &str) -> Option<&str> {
        match colons(text, text.find(':').unwrap()).found {
            Some(Colon::V6(span)) => text.get(span),
            _ => None,
        }
    }

    #[test]
    fn all_forms_of_rfc_4291_are_addresses() {
        for text in [
            "2a02:810d:8abf:0:1:2:3:4",
            "2A02:810D::1",
            "fe80::1ff:fe23:4567:890a%eth2",
            "::ffff:10.1.2.3",
            "64:ff9b::10.1.2.3",
            "fd00::",
            "abcd:ef01:2345:6789:abcd:ef01:2345:6789",
        ] {
            assert_eq!(six(text), Some(text));
            assert_eq!(six(&format!("[{text}].")), Some(text));
        }
    }

    #[test]
    fn paths_times_and_nobodys_addresses_are_none() {
        for text in [
            "std::fmt",
            "bad::cafe",
            "::1",
            "::",
            "12:34:56",
            "2001:db8::1",
            "ff02::1",
            "Vec::<u8>",
            "1:2:3:4:5:6:7",
            "a::b",
        ] {
            assert_eq!(six(text), None, "{text}");
        }
    }

    #[test]
    fn four_numbers_are_an_address_only_alone() {
        for (text, is_address) in [
            ("86.121.97.248", true),
            ("10.0.0.1:80", true),
            ("192.168.1.7.", true),
            ("256.1.1.1", false),
            ("01.2.3.4", false),
            ("1.2.3.4.5", false),
            ("10.0.0.0/8", false),
            ("10.1.2.3/32", true),
            ("127.0.0.1", false),
            ("0.0.0.0", false),
            ("255.255.255.0", false),
            ("192.0.2.1", false),
            ("8.8.8.8", false),
            ("1.2.3.4a", false),
        ] {
            assert_eq!(v4(text, 0).is_some(), is_address, "{text}");
        }
    }

    #[test]
    fn hardware_addresses_have_six_pairs() {
        let is_found = |text: &str| matches!(colons(text, 2).found, Some(Colon::Mac(_)));
        assert!(is_found("00:1B:44:11:3a:b7"));
        assert!(!is_found("00:1B:44:11:3a:b7:00") && !is_found("ff:ff:ff:ff:ff:ff") && !is_found("12:34:56:12:34:56"));
    }
}
