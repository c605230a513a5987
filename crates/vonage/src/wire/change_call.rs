//! What a client wants done to a call. Which of the three it is, only the members that are there tell.

use serde_json::{Map, Value};

use super::{Contact, ContactType};
use crate::{body, errors::Failure};

const PARTIES: &[ContactType] = &[ContactType::Device, ContactType::Extension, ContactType::Pstn];

/// A change of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeCallWire {
    /// `state: active` and `to`: the phone that rings there answers.
    Answer {
        /// Who answers.
        to: Contact,
    },
    /// `from` and `to`, no `state`: the one hands the call over to the other.
    Transfer {
        /// Who hands over.
        from: Contact,
        /// To whom.
        to: Contact,
    },
    /// `state: parked` and `from`: the other party is parked.
    Park {
        /// Who parks.
        from: Contact,
    },
}

impl ChangeCallWire {
    /// Reads a body. A member that is null counts as missing; those of other names, and those that the change
    /// has no use for, are not looked at.
    pub fn read(body: &Map<String, Value>) -> Result<Self, Failure> {
        let party = |name| Contact::read(body, name, PARTIES);
        match body::given(body, "state") {
            None if body::given(body, "from").is_none() && body::given(body, "to").is_none() => {
                Err(Failure::bad_value("The body", "without state, from and to", "a change of the call"))
            }
            None => Ok(Self::Transfer { from: party("from")?, to: party("to")? }),
            Some(Value::String(state)) if state == "active" => Ok(Self::Answer { to: party("to")? }),
            Some(Value::String(state)) if state == "parked" => Ok(Self::Park { from: party("from")? }),
            other => Err(Failure::bad_value("state", body::found(other), "active or parked")),
        }
    }
}
