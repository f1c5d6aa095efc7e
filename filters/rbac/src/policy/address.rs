//! Networks of callers, as `10.0.0.0/8` or one address. A version 4 address in version 6's clothes is the version 4 address,
//! here and in a request.

use std::net::{IpAddr, Ipv6Addr};

/// A network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    bits: u32,
}

const EXPECTED: &str = "a network such as 10.0.0.0/8 or 2001:db8::/32, or one address";
const HOST_BITS: &str = "a network without bits behind its length, such as 10.0.0.0/8";

impl Network {
    /// Reads a network; the error says what was expected.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
        let written: IpAddr = address.parse().map_err(|_| EXPECTED)?;
        let width = width(written);
        let bits = length.map_or(Ok(width), |length| prefix_length(length, width))?;
        let first = canonical(written);
        let bits = if first == written { bits } else { bits.checked_sub(96).ok_or(EXPECTED)? };
        let network = Self { first, bits };
        if network.start_of(first) == Some(number(first)) { Ok(network) } else { Err(HOST_BITS) }
    }

    /// Whether an address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = canonical(address);
        address.is_ipv4() == self.first.is_ipv4() && self.start_of(address) == Some(number(self.first))
    }

    /// The first address of a network of this size.
    fn start_of(&self, address: IpAddr) -> Option<u128> {
        let behind = width(address).checked_sub(self.bits)?;
        let number = number(address);
        Some(number.checked_shr(behind).and_then(|front| front.checked_shl(behind)).unwrap_or_default())
    }
}

fn prefix_length(text: &str, width: u32) -> Result<u32, &'static str> {
    let length: u32 = text.parse().map_err(|_| EXPECTED)?;
    if length <= width && length.to_string() == text { Ok(length) } else { Err(EXPECTED) }
}

fn canonical(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(address) => v4_in(address),
        address @ IpAddr::V4(_) => address,
    }
}

fn v4_in(address: Ipv6Addr) -> IpAddr {
    address.to_ipv4_mapped().map_or(IpAddr::V6(address), IpAddr::V4)
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(network: &str, address: &str) -> bool {
        Network::parse(network).unwrap().contains(address.parse().unwrap())
    }

    /// RBAC-021.
    #[test]
    fn an_address_is_in_its_network() {
        for (network, address, expected) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("10.0.0.0/8", "::ffff:10.0.0.1", true),
            ("::ffff:10.0.0.0/104", "10.1.2.3", true),
            ("::ffff:10.0.0.0/104", "11.1.2.3", false),
            ("10.0.0.1", "10.0.0.1", true),
            ("10.0.0.1", "10.0.0.2", false),
            ("0.0.0.0/0", "8.8.8.8", true),
            ("0.0.0.0/0", "::1", false),
            ("::/0", "::1", true),
            ("::/0", "10.0.0.1", false),
            ("::1/128", "::1", true),
            ("2001:db8::/33", "2001:db8:7fff::", true),
            ("2001:db8::/33", "2001:db8:8000::", false),
            ("::10.0.0.1", "10.0.0.1", false),
        ] {
            assert_eq!(contains(network, address), expected, "{network} {address}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in [
            "",
            "10",
            "10.0.0.1/8",
            "010.0.0.0/8",
            "10.0.0.0/08",
            "10.0.0.0/33",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "::1/129",
            "2001:db8::1/32",
            "10.0.0/8",
            "::ffff:10.0.0.1/104",
            "::ffff:0:0/90",
            "10.0.0.0/8 ",
            "example.org",
            "fe80::1%eth0",
        ] {
            assert!(Network::parse(text).is_err(), "{text}");
        }
        for address in ["010.0.0.1", "0xa.0.0.1", "10.1", "167772161"] {
            assert!(address.parse::<IpAddr>().is_err(), "{address}");
        }
    }
}
