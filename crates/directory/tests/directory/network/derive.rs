//! The table of networks, made from the metadata of the crate phonenumber.
//!
//! A network is the numbers of one kind in one country. Its prefixes are found by walking down the digits: a
//! prefix with which only one kind of number can begin belongs to that kind.

use std::{collections::BTreeMap, fmt::Write};

use call::Number;
use directory::country::country_of;
use isocountry::CountryCode;
use phonenumber::metadata::{DATABASE, Descriptors, Metadata};
use regex_automata::{
    Anchored,
    dfa::{Automaton, StartKind, dense},
    util::{primitives::StateID, start, syntax},
};

/// Most digits after the calling code that tell the country.
const COUNTRY_DEPTH: usize = 5;
/// Most digits after those that tell the country that tell kinds apart.
const KIND_DEPTH: usize = 4;

const HEAD: &str = "\
# Networks: ISO 3166-1 alpha-2 code of the country, kind of numbers, fewest and most digits, then the prefixes
# without +. The longest fitting prefix holds. Printed by `cargo run -p directory --example networks`, from the
# metadata of the crate phonenumber.
";

/// The kinds of numbers. If several are possible for the same numbers the first holds, as in libphonenumber.
const KINDS: [&str; 11] = [
    "premium-rate",
    "toll-free",
    "shared-cost",
    "voip",
    "personal",
    "pager",
    "access-number",
    "voicemail",
    "landline-or-mobile",
    "landline",
    "mobile",
];
const EITHER: usize = 8;
const LANDLINE: usize = 9;
const MOBILE: usize = 10;

/// The fewest and most digits of the numbers of a country that are of one kind, and their prefixes.
type Networks = BTreeMap<(&'static str, usize), ((usize, usize), Vec<String>)>;

/// The text of the table.
pub fn table() -> String {
    let mut networks = Networks::new();
    for metadata in (1..1000).filter_map(|code| DATABASE.by_code(&code)).flatten() {
        if let Ok(country) = CountryCode::for_alpha2(iso(metadata.id())) {
            let region = Region::new(metadata, country);
            for (prefix, kind) in region.walk(
                &metadata.country_code().to_string(),
                &region.starts(),
                [COUNTRY_DEPTH, KIND_DEPTH],
            ) {
                let network = networks.entry((country.alpha2(), kind)).or_default();
                *network = (region.lengths(kind), std::mem::take(&mut network.1));
                network.1.push(prefix);
            }
        }
    }
    networks.iter_mut().for_each(|(_, (_, prefixes))| prefixes.sort());
    print(&networks)
}

fn print(networks: &Networks) -> String {
    let mut text = HEAD.to_owned();
    for ((country, kind), ((least, most), prefixes)) in networks {
        let kind = KINDS[*kind];
        writeln!(text, "{country} {kind} {least}-{most} {}", prefixes.join(" ")).expect("a string takes all");
    }
    text
}

/// Ascension and Tristan da Cunha are part of Saint Helena in ISO 3166-1.
fn iso(region: &str) -> &str {
    match region {
        "AC" | "TA" => "SH",
        own => own,
    }
}

/// A kind of numbers of a region.
struct Pattern {
    kind: usize,
    lengths: (usize, usize),
    numbers: dense::DFA<Vec<u32>>,
}

struct Region {
    country: CountryCode,
    patterns: Vec<Pattern>,
}

impl Region {
    fn new(metadata: &Metadata, country: CountryCode) -> Self {
        let code_length = metadata.country_code().to_string().len();
        let texts = texts(metadata.descriptors());
        let patterns = texts.into_iter().map(|(kind, (text, lengths))| {
            let lengths = lengths.iter().map(|length| usize::from(*length) + code_length);
            let least = lengths.clone().min().unwrap_or(code_length);
            let lengths = (least, lengths.max().unwrap_or(15));
            Pattern { kind, lengths, numbers: automaton(text) }
        });
        Self { country, patterns: patterns.collect() }
    }

    /// Each pattern before any digit.
    fn starts(&self) -> Vec<(usize, StateID)> {
        let start = |pattern: &Pattern| {
            let config = start::Config::new().anchored(Anchored::Yes);
            pattern.numbers.start_state(&config).expect("the automaton can start anchored")
        };
        self.patterns.iter().enumerate().map(|(at, pattern)| (at, start(pattern))).collect()
    }

    /// The prefixes that begin with `prefix`, after which these patterns are possible yet, with their kinds.
    fn walk(&self, prefix: &str, possible: &[(usize, StateID)], depths: [usize; 2]) -> Vec<(String, usize)> {
        let Some(kind) = self.decide(possible) else { return Vec::new() };
        let deeper = match (self.owns(prefix), depths) {
            (true, [_, 0]) => return vec![(prefix.to_owned(), kind)],
            (true, _) if possible.len() == 1 => return vec![(prefix.to_owned(), kind)],
            (true, [country, kind]) => [country, kind - 1],
            (false, [0, _]) => return Vec::new(),
            (false, [country, kind]) => [country - 1, kind],
        };
        let digits = (b'0'..=b'9').flat_map(|digit| {
            let next = possible.iter().map(|(at, state)| (*at, self.step(*at, *state, digit)));
            let next: Vec<_> = next.filter(|(at, state)| !self.is_dead(*at, *state)).collect();
            self.walk(&format!("{prefix}{}", char::from(digit)), &next, deeper)
        });
        self.joined(prefix, digits.collect())
    }

    /// One prefix instead of those that begin with it, if these are all of one kind.
    fn joined(&self, prefix: &str, found: Vec<(String, usize)>) -> Vec<(String, usize)> {
        match found.first() {
            Some((_, kind)) if found.iter().all(|(_, other)| other == kind) && self.owns(prefix) => {
                vec![(prefix.to_owned(), *kind)]
            }
            _ => found,
        }
    }

    /// The first kind of those that are possible.
    fn decide(&self, possible: &[(usize, StateID)]) -> Option<usize> {
        let kinds = || possible.iter().map(|(at, _)| self.patterns[*at].kind);
        let is_either = [LANDLINE, MOBILE].iter().all(|kind| kinds().any(|possible| possible == *kind));
        kinds().chain(is_either.then_some(EITHER)).min()
    }

    /// Whether the prefix is this country's: calling codes are shared.
    fn owns(&self, prefix: &str) -> bool {
        let country = country_of(&Number::from(format!("{prefix:0<12}")));
        country.map(u32::from) == Some(self.country.numeric_id())
    }

    /// Fewest and most digits of the numbers of a kind.
    fn lengths(&self, kind: usize) -> (usize, usize) {
        let is_of = |own: usize| own == kind || (kind == EITHER && [LANDLINE, MOBILE].contains(&own));
        let lengths =
            self.patterns.iter().filter(|pattern| is_of(pattern.kind)).map(|pattern| pattern.lengths);
        lengths.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).expect("the kind is one of the region")
    }

    fn step(&self, at: usize, state: StateID, digit: u8) -> StateID {
        self.patterns[at].numbers.next_state(state, digit)
    }

    fn is_dead(&self, at: usize, state: StateID) -> bool {
        self.patterns[at].numbers.is_dead_state(state)
    }
}

/// The patterns and lengths of each kind. Landline and mobile numbers that cannot be told apart are one kind.
fn texts(all: &Descriptors) -> BTreeMap<usize, (String, Vec<u16>)> {
    let kinds = [
        all.premium_rate(),
        all.toll_free(),
        all.shared_cost(),
        all.voip(),
        all.personal_number(),
        all.pager(),
        all.uan(),
        all.voicemail(),
        None,
        all.fixed_line(),
        all.mobile(),
    ];
    let known = kinds.into_iter().enumerate().filter_map(|(kind, descriptor)| {
        let descriptor = descriptor?;
        let pattern = descriptor.national_number().as_str().to_owned();
        Some((kind, (pattern, descriptor.possible_length().to_vec())))
    });
    let mut texts: BTreeMap<_, _> = known.collect();
    if texts.contains_key(&LANDLINE) && texts.get(&LANDLINE) == texts.get(&MOBILE) {
        let either = texts.remove(&LANDLINE);
        texts.remove(&MOBILE);
        texts.extend(either.map(|either| (EITHER, either)));
    }
    texts
}

fn automaton(pattern: String) -> dense::DFA<Vec<u32>> {
    dense::Builder::new()
        .configure(dense::Config::new().start_kind(StartKind::Anchored))
        .syntax(syntax::Config::new().unicode(false).utf8(false).ignore_whitespace(true))
        .build(&format!("(?:{pattern})$"))
        .expect("the metadata holds regular expressions")
}
