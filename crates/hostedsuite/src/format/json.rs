//! JSON, and what `?jsconfig=` changes in it.

use serde::{Serialize, Serializer};

use crate::dto::Value;

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

impl Names {
    fn of_case(word: &str) -> Self {
        match word {
            "cc" | "camelcase" => Self::Camel,
            "sc" | "snakecase" => Self::LowerUnderscore,
            _ => Self::Pascal,
        }
    }
}

impl JsonStyle {
    /// From a comma list of flags, each with `:true` or `:false` behind it or not: `eccn` (camelCase), `elun`
    /// (lower_underscore), `epcn` (as in the documents), `edv` (without members at their default), `inv` (with
    /// nulls), `pp` or `i` (indented), also by their full names; and `tc`, the case of names. Others are passed
    /// over.
    pub fn parse(flags: &str) -> Self {
        let flags = flags.split(',').map(|flag| flag.trim().to_ascii_lowercase());
        flags.fold(Self::default(), |style, flag| {
            let (name, value) = flag
                .split_once(':')
                .map_or((&*flag, None), |(name, value)| (name.trim(), Some(value.trim())));
            style.with(name, value)
        })
    }

    fn with(self, name: &str, value: Option<&str>) -> Self {
        let is_on = !matches!(value, Some("false" | "0"));
        let named = |names| Self { names: if is_on { names } else { Names::default() }, ..self };
        match name {
            "eccn" | "emitcamelcasenames" => named(Names::Camel),
            "elun" | "emitlowercaseunderscorenames" => named(Names::LowerUnderscore),
            "epcn" | "emitpascalcasenames" => named(Names::Pascal),
            "tc" | "textcase" => Self { names: Names::of_case(value.unwrap_or_default()), ..self },
            "edv" | "excludedefaultvalues" => Self { without_defaults: is_on, ..self },
            "inv" | "includenullvalues" => Self { with_nulls: is_on, ..self },
            "pp" | "i" | "indent" | "prettyprint" => Self { indented: is_on, ..self },
            _ => self,
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
