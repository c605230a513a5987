//! The layouts of files, one module for each.

mod asterisk;
mod freeswitch;
mod mapped;
mod yeti;

use std::collections::HashMap;

use crate::{
    field::{Field, Mistake},
    foreign::ForeignCall,
    mapping::Mapping,
    source::Understood,
};

pub(crate) use self::freeswitch::read as read_freeswitch;

/// The layout of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// CSV whose first line names the columns, and a mapping that says what they hold.
    Csv,
    /// `Master.csv` of Asterisk's `cdr_csv`.
    Asterisk,
    /// JSON of FreeSWITCH's `mod_json_cdr`, one after the other, or a folder of such files.
    Freeswitch,
    /// `cdr.cdr` of a Yeti, as CSV with a first line that names the columns.
    Yeti,
}

/// Reads the lines of a CSV file.
pub(crate) trait LineReader {
    /// Whether the first line names the columns.
    fn has_header(&self) -> bool;

    /// Learns the columns; an error if one that is needed is not there.
    fn learn(&mut self, header: &csv::StringRecord) -> Result<(), Mistake>;

    /// Understands a line.
    fn read(&self, line: &csv::StringRecord) -> Result<Understood, Mistake>;
}

impl Format {
    /// Its name on the command line.
    pub const NAMES: [(&'static str, Self); 4] = [
        ("csv", Self::Csv),
        ("asterisk", Self::Asterisk),
        ("freeswitch", Self::Freeswitch),
        ("yeti", Self::Yeti),
    ];

    pub(crate) fn lines(self, mapping: &Mapping) -> Option<Box<dyn LineReader + Send>> {
        let zone = mapping.zone().unwrap_or(jiff::tz::TimeZone::UTC);
        match self {
            Self::Csv => Some(Box::new(mapped::Mapped::new(mapping, zone))),
            Self::Asterisk => Some(Box::new(asterisk::MasterCsv { zone })),
            Self::Yeti => Some(Box::new(yeti::Dump::new(zone))),
            Self::Freeswitch => None,
        }
    }
}

/// Where columns are that a header names.
#[derive(Default)]
struct Header(HashMap<String, usize>);

impl Header {
    fn of(line: &csv::StringRecord) -> Self {
        let mut places = HashMap::new();
        for (place, name) in line.iter().enumerate() {
            // Of two columns with one name the first is meant.
            places.entry(name.trim().to_owned()).or_insert(place);
        }
        Self(places)
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.0.get(name).copied()
    }

    fn needed(&self, name: &str) -> Result<usize, Mistake> {
        self.place(name).ok_or_else(|| {
            let mut names: Vec<_> = self.0.iter().map(|(name, place)| (place, name.as_str())).collect();
            names.sort_unstable();
            let names: Vec<_> = names.into_iter().map(|(_, name)| name).collect();
            Mistake::new("the first line", &names.join(","), format!("one with the column {name}"))
        })
    }
}

/// The field in a place of a line; an empty one if the line is shorter.
fn at<'a>(line: &'a csv::StringRecord, name: &'a str, place: Option<usize>) -> Field<'a> {
    Field::new(name, place.and_then(|place| line.get(place)).unwrap_or_default())
}

/// What is there, or the mistake that it is not.
fn needed<T>(found: Result<Option<T>, Mistake>, field: &str, accepted: &str) -> Result<T, Mistake> {
    found?.ok_or_else(|| Mistake::new(field, "", accepted))
}

/// The whole of a line, as what makes it this one.
fn whole(line: &csv::StringRecord) -> String {
    line.iter().collect::<Vec<_>>().join("\u{1f}")
}

impl From<ForeignCall> for Understood {
    fn from(call: ForeignCall) -> Self {
        Self::Call(Box::new(call))
    }
}
