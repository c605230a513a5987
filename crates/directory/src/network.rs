//! Which network a number belongs to: the numbers of one kind in one country.
//!
//! Ids are made of what the entries are, so that they are the same on every server.

use std::sync::LazyLock;

use isocountry::CountryCode;
use uuid::Uuid;

use crate::prefix::PrefixTable;

/// The namespace of the ids here.
const NETWORKS: Uuid = Uuid::from_u128(0x93c1_7e0d_4f52_4a8b_b6d4_58e2_0a7f_c319);

/// A kind of numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkType {
    /// Its id.
    pub uuid: Uuid,
    /// Its name.
    pub name: &'static str,
}

/// The numbers of one kind in one country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// Its id.
    pub uuid: Uuid,
    /// Its name: the country's and the kind's.
    pub name: String,
    /// The kind of its numbers.
    pub network_type: &'static NetworkType,
}

/// Digits that the numbers of a network begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkPrefix {
    /// Its id.
    pub uuid: Uuid,
    /// The digits, without `+`.
    pub prefix: &'static str,
    /// Fewest digits of the network's numbers.
    pub number_min_length: u8,
    /// Most digits of the network's numbers.
    pub number_max_length: u8,
    /// The network.
    pub network: &'static Network,
}

impl NetworkPrefix {
    /// Its id as a small number: its digits.
    pub fn number(&self) -> u64 {
        self.prefix.parse().expect("prefixes are few digits")
    }
}

/// All kinds of numbers.
pub fn network_types() -> &'static [NetworkType] {
    &TYPES
}

/// All networks.
pub fn networks() -> &'static [Network] {
    &ALL
}

/// All prefixes of networks.
pub fn network_prefixes() -> &'static [NetworkPrefix] {
    &PREFIXES
}

/// The longest prefix of a network that `digits` begin with.
pub fn network_prefix_of(digits: &str) -> Option<&'static NetworkPrefix> {
    let place = PLACES.fitting(digits).next()?;
    PREFIXES.get((*place)?)
}

/// Words and names of the kinds.
const KINDS: [(&str, &str); 11] = [
    ("access-number", "Universal access number"),
    ("landline", "Landline"),
    ("landline-or-mobile", "Landline or mobile"),
    ("mobile", "Mobile"),
    ("pager", "Pager"),
    ("personal", "Personal number"),
    ("premium-rate", "Premium rate"),
    ("shared-cost", "Shared cost"),
    ("toll-free", "Toll free"),
    ("voicemail", "Voicemail"),
    ("voip", "VoIP"),
];

static TYPES: LazyLock<Vec<NetworkType>> = LazyLock::new(|| {
    let kinds = KINDS.into_iter();
    kinds.map(|(word, name)| NetworkType { uuid: made_uuid("type", word), name }).collect()
});

static ALL: LazyLock<Vec<Network>> = LazyLock::new(|| lines().map(|line| line.network()).collect());

static PREFIXES: LazyLock<Vec<NetworkPrefix>> = LazyLock::new(|| {
    let lines = lines().zip(networks());
    lines.flat_map(|(line, network)| line.prefixes(network)).collect()
});

static PLACES: LazyLock<PrefixTable<Option<usize>>> = LazyLock::new(|| {
    let mut places = PrefixTable::default();
    PREFIXES.iter().enumerate().for_each(|(at, entry)| *places.at(entry.prefix) = Some(at));
    places
});

/// A line of the table: `DE mobile 12-13 49151 49152`.
struct Line {
    country: CountryCode,
    /// Where the kind is in the list.
    kind: usize,
    lengths: (u8, u8),
    prefixes: &'static str,
}

/// The lines of the table. A test sees to it that all of them can be read.
fn lines() -> impl Iterator<Item = Line> {
    let lines = include_str!("network/prefixes.txt").lines();
    lines.filter(|line| !line.starts_with('#')).filter_map(Line::read)
}

impl Line {
    fn read(text: &'static str) -> Option<Self> {
        let mut words = text.splitn(4, ' ');
        let country = CountryCode::for_alpha2(words.next()?).ok()?;
        let kind = words.next()?;
        let kind = KINDS.iter().position(|(word, _)| *word == kind)?;
        let (least, most) = words.next()?.split_once('-')?;
        let lengths = (least.parse().ok()?, most.parse().ok()?);
        Some(Self { country, kind, lengths, prefixes: words.next()? })
    }

    fn network(&self) -> Network {
        let (word, kind) = KINDS[self.kind];
        let name = format!("{}, {}", self.country.name(), kind.to_lowercase());
        let uuid = made_uuid("network", &format!("{} {word}", self.country.alpha2()));
        Network { uuid, name, network_type: &TYPES[self.kind] }
    }

    fn prefixes(&self, network: &'static Network) -> impl Iterator<Item = NetworkPrefix> + use<> {
        let (number_min_length, number_max_length) = self.lengths;
        self.prefixes.split(' ').map(move |prefix| NetworkPrefix {
            uuid: made_uuid("prefix", prefix),
            prefix,
            number_min_length,
            number_max_length,
            network,
        })
    }
}

fn made_uuid(what: &str, name: &str) -> Uuid {
    Uuid::new_v5(&NETWORKS, format!("{what} {name}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let text = include_str!("network/prefixes.txt");
        assert_eq!(lines().count(), text.lines().filter(|line| !line.starts_with('#')).count());
    }
}
