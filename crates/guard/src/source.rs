//! Where a request comes from, as far as it can be told apart.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    str::FromStr,
};

/// An IPv4 address, or the /64 of an IPv6 address: whoever has one address of it has all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Source(IpAddr);

impl From<IpAddr> for Source {
    fn from(ip: IpAddr) -> Self {
        match ip.to_canonical() {
            IpAddr::V6(ip) => Self(Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64)).into()),
            ip => Self(ip),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(ip) => write!(f, "{ip}"),
            IpAddr::V6(ip) => write!(f, "{ip}/64"),
        }
    }
}

/// Reads what [`Display`](fmt::Display) prints, and any address.
impl FromStr for Source {
    type Err = std::net::AddrParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(text.strip_suffix("/64").unwrap_or(text).parse::<IpAddr>()?.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> String {
        text.parse::<Source>().unwrap().to_string()
    }

    #[test]
    fn the_addresses_of_one_ipv6_network_are_one_source() {
        assert_eq!(source("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(source("2001:db8:1:2::/64"), "2001:db8:1:2::/64");
    }

    #[test]
    fn an_ipv4_address_is_a_source_however_it_is_written() {
        assert_eq!(source("192.0.2.1"), "192.0.2.1");
        assert_eq!(source("::ffff:192.0.2.1"), "192.0.2.1");
    }
}
