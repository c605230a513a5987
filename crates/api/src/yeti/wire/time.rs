//! Times (contract yeti.md, 1.2): ISO 8601 in UTC with three fractional digits, truncated.

use call::Timestamp;
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};

use crate::time::in_zone;

/// An instant, as in `2019-01-01T00:00:01.000Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeWire(pub Timestamp);

impl Serialize for TimeWire {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let at = in_zone(self.0, &TimeZone::UTC);
        serializer.collect_str(&at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ"))
    }
}
