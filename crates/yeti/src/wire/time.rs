//! Times (contract yeti.md, 1.2): ISO 8601 in UTC with three fractional digits, truncated.

use call::Timestamp;
use serde::{Serialize, Serializer};

use crate::convert;

/// An instant, as in `2019-01-01T00:00:01.000Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeWire(pub Timestamp);

impl Serialize for TimeWire {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&convert::utc(self.0).strftime("%Y-%m-%dT%H:%M:%S%.3fZ"))
    }
}
