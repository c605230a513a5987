//! JSON, and what `?jsconfig=` changes in it.

use serde::{Serialize, Serializer};

use crate::hostedsuite::dto::Value;

/// How JSON looks. By default: names as in the documents, compact, without nulls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JsonStyle {
    names: Names,
    without_defaults: bool,
    with_nulls: bool,
    indented: bool,
}

/// How names are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Names {
    #[default]
    Pascal,
    Camel,
    LowerUnderscore,
}

impl JsonStyle {
    /// From a comma list of flags: `eccn` (camelCase), `elun` (lower_underscore), `epcn` (as in the documents),
    /// `edv` (without members at their default), `inv` (with nulls), `pp` or `i` (indented); also by their full
    /// names. Others are passed over.
    pub fn parse(flags: &str) -> Self {
        let mut style = Self::default();
        for flag in flags.split(',') {
            match flag.trim().to_ascii_lowercase().as_str() {
                "eccn" | "emitcamelcasenames" => style.names = Names::Camel,
                "elun" | "emitlowercaseunderscorenames" => style.names = Names::LowerUnderscore,
                "epcn" | "emitpascalcasenames" => style.names = Names::Pascal,
                "edv" | "excludedefaultvalues" => style.without_defaults = true,
                "inv" | "includenullvalues" => style.with_nulls = true,
                "pp" | "i" | "indent" => style.indented = true,
                _ => {}
            }
        }
        style
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
            value => !(self.without_defaults && value.is_default()),
        }
    }

    fn name(&self, name: &'static str) -> String {
        match self.names {
            Names::Pascal => name.to_owned(),
            Names::Camel => {
                let (first, rest) = name.split_at(1);
                first.to_ascii_lowercase() + rest
            }
            Names::LowerUnderscore => underscored(name),
        }
    }
}

fn underscored(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

/// A script that gives the JSON to a function.
pub fn script(callback: &str, json: &str) -> String {
    format!("{callback}({})", script_safe(json))
}

/// Two characters that may stand in JSON strings end a line in older scripts.
fn script_safe(json: &str) -> String {
    json.replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
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
            Value::List(_, items) => serializer.collect_seq(items.iter().map(|item| self.inner(item))),
            Value::Dictionary(pairs) => serializer.collect_map(pairs.iter().map(|(name, text)| (name, text))),
            Value::Object(..) => {
                let kept = self.value.members().filter(|(_, value)| self.style.keeps(value));
                let named = kept.map(|(member, value)| (self.style.name(member.name), self.inner(value)));
                serializer.collect_map(named)
            }
        }
    }
}

/// Whole numbers are written without a fraction, as long as a double holds them exactly.
fn is_whole(number: f64) -> bool {
    number.fract() == 0.0 && number.abs() < 9e15
}
