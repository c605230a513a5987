//! What a file says of the layout and of the accounts of what is imported.

use std::collections::HashMap;

use jiff::tz::TimeZone;
use serde::Deserialize;

/// How a file is to be read, and whose calls are in it. Read from TOML; everything has a default.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mapping {
    /// The zone of times that say none, by its name in the tz database; `None` = UTC.
    pub time_zone: Option<String>,
    /// What separates the fields of a line; `None` = a comma.
    pub delimiter: Option<char>,
    /// Which column has what, by the name in the first line.
    pub columns: Columns,
    /// Our accounts, by what the file calls them.
    pub accounts: HashMap<String, u32>,
    /// The account of parties that are nobody's otherwise: a carrier's.
    pub outside: Option<u32>,
}

macro_rules! columns {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Columns of a CSV file, by the names in its first line.
        #[derive(Clone, Debug, Default, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct Columns {
            $($(#[$doc])* pub $name: Option<String>,)*
        }

        impl Columns {
            /// Each that is given: what it holds, and its name.
            pub(crate) fn given(&self) -> impl Iterator<Item = (&'static str, &str)> {
                [$((stringify!($name), self.$name.as_deref()),)*]
                    .into_iter()
                    .filter_map(|(what, name)| Some((what, name?)))
            }
        }
    };
}

columns! {
    /// What is another for each call; all of the line if absent.
    id,
    /// Needed.
    started_at,
    /// When the called party rang.
    ringing_at,
    /// This or `talk_seconds` tells of an answer.
    answered_at,
    /// This or `total_seconds` is needed.
    ended_at,
    /// From the start to the end.
    total_seconds,
    /// From the answer to the end.
    talk_seconds,
    /// Needed.
    caller,
    /// Needed.
    called,
    /// The caller's number as used for routing.
    caller_routed,
    /// The called number as used for routing.
    called_routed,
    /// The caller's name.
    caller_name,
    /// The account that sends the call.
    caller_account,
    /// The account that takes it.
    called_account,
    /// The caller's phone, by its SIP user, or trunk, by its name.
    caller_endpoint,
    /// The same, of the called party.
    called_endpoint,
    /// Where the caller is, with or without the port.
    caller_address,
    /// The same, of the called party.
    called_address,
    /// The Call-ID header of the caller's leg.
    caller_sip_call_id,
    /// The same, of the called party's.
    called_sip_call_id,
    /// The final status of SIP.
    sip_code,
    /// Its reason.
    sip_reason,
    /// `caller`, `called` or `switch`.
    released_by,
    /// What the account that sends it pays for it, if it is answered.
    origination_price,
    /// What the account that takes it is paid.
    termination_price,
}

/// Why a mapping cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// It is no TOML, or has keys or values that are not accepted.
    #[error("the mapping cannot be read")]
    Toml(#[from] toml::de::Error),
    /// No such zone.
    #[error("time_zone: found {found:?}, accepted: the name of a zone such as \"Europe/Berlin\"")]
    Zone {
        /// What was given.
        found: String,
    },
    /// The separator is more than a byte.
    #[error("delimiter: found {found:?}, accepted: an ASCII character such as \";\"")]
    Delimiter {
        /// What was given.
        found: char,
    },
}

impl Mapping {
    /// Reads one.
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        let mapping: Self = toml::from_str(text)?;
        mapping.zone()?;
        mapping.separator()?;
        Ok(mapping)
    }

    pub(crate) fn zone(&self) -> Result<TimeZone, MappingError> {
        let Some(name) = &self.time_zone else { return Ok(TimeZone::UTC) };
        TimeZone::get(name).map_err(|_| MappingError::Zone { found: name.clone() })
    }

    pub(crate) fn separator(&self) -> Result<u8, MappingError> {
        let Some(found) = self.delimiter else { return Ok(b',') };
        u8::try_from(found).ok().filter(u8::is_ascii).ok_or(MappingError::Delimiter { found })
    }
}
