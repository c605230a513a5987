//! A party as a request names it: `{"destination": …, "type": …}`.

use serde_json::{Map, Value};

use crate::{body, errors::Failure};

/// Most characters of a destination.
const LONGEST: usize = 128;
const DESTINATION: &str = "a text of 1 to 128 characters or a non-negative integer";

/// A party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// What it is called by, without blanks around it.
    pub destination: String,
    /// What `destination` is.
    pub kind: ContactType,
}

/// What a destination is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactType {
    /// A phone.
    Device,
    /// An extension of the account.
    Extension,
    /// An outside number.
    Pstn,
    /// A feature code.
    FeatureCode,
}

impl ContactType {
    fn as_str(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Extension => "extension",
            Self::Pstn => "pstn",
            Self::FeatureCode => "feature_code",
        }
    }

    fn read(field: &str, value: Option<&Value>, accepted: &[Self]) -> Result<Self, Failure> {
        let words = || accepted.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
        let text = match value {
            Some(Value::String(text)) => text,
            other => return Err(Failure::bad_value(field, body::what(other), &words())),
        };
        let named = accepted.iter().find(|kind| kind.as_str() == text);
        named.copied().ok_or_else(|| Failure::bad_value(field, text, &words()))
    }
}

impl Contact {
    /// The party that the member `name` of a body names, if its type is one of these.
    pub fn read(body: &Map<String, Value>, name: &str, accepted: &[ContactType]) -> Result<Self, Failure> {
        let contact = match body::given(body, name) {
            Some(Value::Object(contact)) => contact,
            other => {
                let accepted = "an object with destination and type";
                return Err(Failure::bad_value(name, body::what(other), accepted));
            }
        };
        Ok(Self {
            destination: destination(&format!("{name}.destination"), body::given(contact, "destination"))?,
            kind: ContactType::read(&format!("{name}.type"), body::given(contact, "type"), accepted)?,
        })
    }
}

fn destination(field: &str, value: Option<&Value>) -> Result<String, Failure> {
    let text = match value {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) if number.is_u64() => number.to_string(),
        Some(Value::Number(number)) => {
            return Err(Failure::bad_value(field, &number.to_string(), DESTINATION));
        }
        other => return Err(Failure::bad_value(field, body::what(other), DESTINATION)),
    };
    if text.is_empty() || text.chars().count() > LONGEST {
        return Err(Failure::bad_value(field, &text, DESTINATION));
    }
    Ok(text)
}
