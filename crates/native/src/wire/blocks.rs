//! Who is kept out.

use schemars::JsonSchema;
use serde::Serialize;

/// The answer.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct BlocksWire {
    /// The ones that end last come first.
    pub blocks: Vec<BlockWire>,
}

/// Somebody who is kept out.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct BlockWire {
    /// An IPv4 address, or the /64 of an IPv6 address.
    pub source: String,
    /// Whom there: `"strangers"`, who have not proved themselves there of late, or one `"user"`.
    pub who: &'static str,
    /// For what: as in the log.
    pub offence: &'static str,
    /// RFC 3339, UTC.
    pub since: String,
    /// RFC 3339, UTC.
    pub until: String,
    /// Tries since then that were turned away.
    pub refused: u64,
}
