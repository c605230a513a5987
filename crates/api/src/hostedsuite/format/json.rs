//! JSON, and what `?jsconfig=` changes in it.

use serde::{Serialize, Serializer};

use crate::hostedsuite::wire::Value;

/// How JSON looks. By default: names as in the documents, compact, without nulls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JsonStyle {
    camel_case: bool,
    without_defaults: bool,
    with_nulls: bool,
    indented: bool,
}

impl JsonStyle {
    /// From a comma list of flags: `eccn` (camelCase), `edv` (without members at their default), `inv`
    /// (with nulls), `pp` or `i` (indented). Others are passed over.
    pub fn parse(flags: &str) -> Self {
        let has = |names: &[&str]| {
            flags.split(',').any(|flag| names.iter().any(|name| name.eq_ignore_ascii_case(flag.trim())))
        };
        Self {
            camel_case: has(&["eccn"]),
            without_defaults: has(&["edv"]),
            with_nulls: has(&["inv"]),
            indented: has(&["pp", "i"]),
        }
    }

    /// The text.
    pub fn print(&self, value: &Value) -> String {
        let styled = Styled { value, style: self };
        let printed = if self.indented {
            serde_json::to_string_pretty(&styled)
        } else {
            serde_json::to_string(&styled)
        };
        printed.expect("names are texts and writing to memory does not fail")
    }

    fn keeps(&self, value: &Value) -> bool {
        match value {
            Value::Null => self.with_nulls,
            Value::Int(0) | Value::Bool(false) => !self.without_defaults,
            Value::Double(number) => *number != 0.0 || !self.without_defaults,
            _ => true,
        }
    }

    fn name(&self, name: &'static str) -> String {
        let first = name.get(..1).filter(|_| self.camel_case);
        first
            .map_or_else(|| name.to_owned(), |first| first.to_ascii_lowercase() + name.get(1..).unwrap_or(""))
    }
}

struct Styled<'a> {
    value: &'a Value,
    style: &'a JsonStyle,
}

impl<'a> Styled<'a> {
    fn inner(&self, value: &'a Value) -> Self {
        Self { value, style: self.style }
    }
}

impl Serialize for Styled<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value {
            Value::Null => serializer.serialize_unit(),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Int(number) => serializer.serialize_i64(*number),
            Value::Double(number) if is_whole(*number) => serializer.serialize_i64(*number as i64),
            Value::Double(number) => serializer.serialize_f64(*number),
            Value::Bool(truth) => serializer.serialize_bool(*truth),
            Value::List(values) => serializer.collect_seq(values.iter().map(|value| self.inner(value))),
            Value::Object(members) => {
                let kept = members.iter().filter(|(_, value)| self.style.keeps(value));
                serializer.collect_map(kept.map(|(name, value)| (self.style.name(name), self.inner(value))))
            }
        }
    }
}

/// Whole numbers are written without a fraction, as long as a double holds them exactly.
fn is_whole(number: f64) -> bool {
    number.fract() == 0.0 && number.abs() < 9e15
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(flags: &str) -> String {
        let inner = Value::Object(vec![("StartTime", "now".into()), ("Flagged", false.into())]);
        let value = Value::Object(vec![
            ("Items", vec![inner].into()),
            ("Notes", Value::Null),
            ("TalkTimeInSeconds", 60.0.into()),
            ("RingTimeInSeconds", 4.000125.into()),
            ("Page", 0_u32.into()),
        ]);
        JsonStyle::parse(flags).print(&value)
    }

    #[test]
    fn nulls_are_left_out_and_whole_doubles_have_no_fraction() {
        let expected = r#"{"Items":[{"StartTime":"now","Flagged":false}],"TalkTimeInSeconds":60,"RingTimeInSeconds":4.000125,"Page":0}"#;
        assert_eq!(printed(""), expected);
        assert_eq!(printed("unknown"), expected);
    }

    #[test]
    fn names_are_in_camel_case_on_demand() {
        let expected = r#"{"items":[{"startTime":"now","flagged":false}],"talkTimeInSeconds":60,"ringTimeInSeconds":4.000125,"page":0}"#;
        assert_eq!(printed("eccn"), expected);
    }

    #[test]
    fn defaults_are_left_out_on_demand() {
        let expected =
            r#"{"Items":[{"StartTime":"now"}],"TalkTimeInSeconds":60,"RingTimeInSeconds":4.000125}"#;
        assert_eq!(printed("edv"), expected);
    }

    #[test]
    fn nulls_are_shown_on_demand() {
        assert!(printed("inv").contains(r#""Notes":null"#));
    }

    #[test]
    fn flags_are_read_in_either_case_and_combined() {
        assert!(printed("EDV, Eccn").starts_with(r#"{"items":[{"startTime":"now"}],"talk"#));
        assert!(printed("pp").starts_with("{\n  \"Items\": ["));
    }
}
