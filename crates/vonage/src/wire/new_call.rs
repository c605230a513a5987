//! The call that a client wants placed.

use serde_json::{Map, Value};

use super::{Contact, ContactType};
use crate::{body, errors::Failure};

const CALLERS: &[ContactType] = &[ContactType::Device, ContactType::Extension, ContactType::FeatureCode];
const CALLED: &[ContactType] =
    &[ContactType::Device, ContactType::Extension, ContactType::Pstn, ContactType::FeatureCode];

/// A call to be placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCallWire {
    /// On whose behalf.
    pub from: Contact,
    /// To whom.
    pub to: Contact,
    /// How.
    pub kind: CallType,
}

/// How a call is placed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CallType {
    /// Rings `from`, then dials `to`.
    Click2Dial,
    /// Rings `to`, then dials `from`.
    Click2DialMe,
    /// As [`Self::Click2Dial`], with recording on demand.
    Odr,
    /// As [`Self::Click2Dial`].
    #[default]
    Default,
}

impl NewCallWire {
    /// Reads a body. A member that is null counts as missing; those of other names are not looked at.
    pub fn read(body: &Map<String, Value>) -> Result<Self, Failure> {
        Ok(Self {
            from: Contact::read(body, "from", CALLERS)?,
            to: Contact::read(body, "to", CALLED)?,
            kind: body::given(body, "type").map_or(Ok(CallType::default()), CallType::read)?,
        })
    }
}

impl CallType {
    fn read(value: &Value) -> Result<Self, Failure> {
        match value.as_str() {
            Some("click2dial") => Ok(Self::Click2Dial),
            Some("click2dialme") => Ok(Self::Click2DialMe),
            Some("odr") => Ok(Self::Odr),
            Some("default") => Ok(Self::Default),
            other => {
                let found = other.unwrap_or_else(|| body::what(Some(value)));
                Err(Failure::bad_value("type", found, "click2dial, click2dialme, odr, default"))
            }
        }
    }
}
