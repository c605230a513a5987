//! For whom a query is read.

use directory::model::HiddenFields;
use jiff::tz::TimeZone;

/// The types of records of calls.
const RECORDS: [&str; 2] = ["cdrs", "incoming-cdrs"];

/// For whom a query is read.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// The zone of times without an offset.
    pub zone: TimeZone,
    /// What of records of calls the client is not shown. To the client it is as if there were no such attributes.
    pub hidden: HiddenFields,
}

/// Who sees everything, at UTC.
impl Default for Viewer {
    fn default() -> Self {
        Self { zone: TimeZone::UTC, hidden: HiddenFields::default() }
    }
}

impl Viewer {
    /// Whether an attribute of a type is hidden.
    pub fn hides(&self, kind: &str, attribute: &str) -> bool {
        self.hidden.has(attribute) && RECORDS.contains(&kind)
    }
}
