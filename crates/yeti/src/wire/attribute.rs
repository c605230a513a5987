//! Attributes of resources.

use rust_decimal::Decimal;
use serde::{Serialize, Serializer, ser::SerializeMap};

use super::time::TimeWire;
use crate::resource::value::Value;

/// A resource's attributes by name, in order.
pub struct AttributesWire(pub Vec<(&'static str, Value)>);

/// The value of an attribute: decimals and ids are texts, what is not there is `null`.
struct ValueWire<'a>(&'a Value);

/// A decimal number as text: trailing zeros trimmed, but at least one decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecimalWire(pub Decimal);

impl AttributesWire {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for AttributesWire {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            members.serialize_entry(name, &ValueWire(value))?;
        }
        members.end()
    }
}

impl Serialize for ValueWire<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.serialize_none(),
            Value::Bool(yes) => serializer.serialize_bool(*yes),
            Value::Integer(number) => serializer.serialize_i64(*number),
            Value::Decimal(number) => DecimalWire(*number).serialize(serializer),
            Value::Time(at) => TimeWire(*at).serialize(serializer),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Uuid(id) => serializer.collect_str(id),
            Value::Address(ip) => serializer.collect_str(ip),
            Value::Json(json) => json.0.serialize(serializer),
        }
    }
}

impl Serialize for DecimalWire {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut number = self.0.normalize();
        if number.scale() == 0 {
            number.rescale(1);
        }
        serializer.collect_str(&number)
    }
}
