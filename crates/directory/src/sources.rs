//! Which trunk something comes from, by its address.

use std::{
    collections::{BTreeSet, HashMap},
    net::IpAddr,
};

use ipnet::IpNet;

use crate::model::TrunkSource;

/// Trunks by their sources. A look-up takes a step or two for each length of a network's prefix that there is,
/// however many trunks there are.
#[derive(Default)]
pub(crate) struct SourceTable {
    trunks: HashMap<TrunkSource, usize>,
    lengths: BTreeSet<u8>,
}

impl SourceTable {
    /// The table of sources, each with the place of its trunk.
    pub(crate) fn of(sources: impl Iterator<Item = (usize, TrunkSource)>) -> Self {
        let mut table = Self::default();
        for (at, source) in sources {
            table.trunks.insert(TrunkSource { net: source.net.trunc(), ..source }, at);
            table.lengths.insert(source.net.prefix_len());
        }
        table
    }

    /// Where the trunk is that calls from `ip` and `port` come from: one that names the port goes before one that
    /// does not, a smaller network before a larger one.
    pub(crate) fn find(&self, ip: IpAddr, port: u16) -> Option<usize> {
        let ip = ip.to_canonical();
        let smallest = |port| {
            self.lengths.iter().rev().find_map(|length| {
                let net = IpNet::new(ip, *length).ok()?.trunc();
                self.trunks.get(&TrunkSource { net, port }).copied()
            })
        };
        smallest(Some(port)).or_else(|| smallest(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCES: [(&str, Option<u16>); 9] = [
        ("192.0.2.7/32", None),
        ("192.0.2.7/32", Some(5070)),
        ("192.0.2.0/24", None),
        ("192.0.2.0/24", Some(5080)),
        ("192.0.99.1/16", None),
        ("0.0.0.0/0", Some(5090)),
        ("2001:db8::7/128", Some(5070)),
        ("2001:db8::/32", None),
        ("2001:db8:1::/48", Some(5060)),
    ];

    /// The best of all sources, one by one.
    fn looked_for(sources: &[TrunkSource], ip: IpAddr, port: u16) -> Option<usize> {
        let fits = |source: &TrunkSource| {
            source.net.contains(&ip.to_canonical()) && source.port.is_none_or(|own| own == port)
        };
        let fitting = sources.iter().enumerate().filter(|(_, source)| fits(source));
        let best = fitting.max_by_key(|(_, source)| (source.port.is_some(), source.net.prefix_len()));
        best.map(|(at, _)| at)
    }

    #[test]
    fn the_table_finds_what_a_look_at_every_source_finds() {
        let sources = SOURCES.map(|(net, port)| TrunkSource { net: net.parse().unwrap(), port });
        let table = SourceTable::of(sources.into_iter().enumerate());
        let ips = ["192.0.2.7", "192.0.2.8", "192.0.3.1", "10.0.0.1", "::ffff:192.0.2.7"]
            .into_iter()
            .chain(["2001:db8::7", "2001:db8:1::9", "2001:db9::1", "::1"]);
        for ip in ips.map(|ip| ip.parse().unwrap()) {
            for port in [5060, 5070, 5080, 5090] {
                assert_eq!(table.find(ip, port), looked_for(&sources, ip, port), "{ip} {port}");
            }
        }
    }
}
