//! XML as the vendor's serializer writes it: what a type extends comes first, then its own members by name; null
//! is `i:nil`. The framework's types keep their members in order.

use super::html::escaped;
use crate::dto::{Dto, FRAMEWORK, Kind, Member, VENDOR, Value, value::double};

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>";
const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";
const ARRAYS: &str = "http://schemas.microsoft.com/2003/10/Serialization/Arrays";

/// The document.
pub fn print(value: &Value) -> String {
    format!("{DECLARATION}{}", Writer { text: String::new(), depth: 0, step: None }.document(value))
}

/// As the metadata pages show it: without declaration, an element on each line.
pub fn dump(value: &Value) -> String {
    Writer { text: String::new(), depth: 0, step: Some("  ") }.document(value)
}

struct Writer {
    text: String,
    /// Elements that are open.
    depth: usize,
    /// What each level is indented by.
    step: Option<&'static str>,
}

impl Writer {
    fn document(mut self, value: &Value) -> String {
        let (name, namespace) = root(value);
        let attributes = format!(" xmlns:i=\"{INSTANCE}\" xmlns=\"{namespace}\"");
        self.element(&name, &attributes, value);
        self.text
    }

    fn element(&mut self, name: &str, attributes: &str, value: &Value) {
        self.break_line();
        match value {
            Value::Null => self.text += &format!("<{name}{attributes} i:nil=\"true\" />"),
            value if is_empty(value) => self.text += &format!("<{name}{attributes} />"),
            value => {
                self.text += &format!("<{name}{attributes}>");
                self.depth += 1;
                self.content(value);
                self.depth -= 1;
                if is_nested(value) {
                    self.break_line();
                }
                self.text += &format!("</{name}>");
            }
        }
    }

    fn content(&mut self, value: &Value) {
        match value {
            Value::Null => {}
            Value::Text(text) => self.text += &escaped(text),
            Value::Int(number) => self.text += &number.to_string(),
            Value::Double(number) => self.text += &double(*number),
            Value::Bool(truth) => self.text += if *truth { "true" } else { "false" },
            Value::List(kind, items) => self.items(kind, items),
            Value::Dictionary(pairs) => self.pairs(pairs),
            Value::Object(dto, _) => {
                for (member, value) in in_order(dto, value) {
                    let attributes = self.prefix(value);
                    self.element(member.name, &attributes, value);
                }
            }
        }
    }

    fn items(&mut self, kind: &Kind, items: &[Value]) {
        let name = contract_name(kind).unwrap_or_else(|| format!("d{}p1:string", self.depth));
        items.iter().for_each(|item| self.element(&name, "", item));
    }

    fn pairs(&mut self, pairs: &[(String, String)]) {
        let prefix = format!("d{}p1", self.depth);
        for (name, text) in pairs {
            self.break_line();
            self.text += &format!("<{prefix}:KeyValueOfstringstring>");
            self.depth += 1;
            self.element(&format!("{prefix}:Key"), "", &Value::Text(name.clone()));
            self.element(&format!("{prefix}:Value"), "", &Value::Text(text.clone()));
            self.depth -= 1;
            self.break_line();
            self.text += &format!("</{prefix}:KeyValueOfstringstring>");
        }
    }

    /// Lists of plain values and dictionaries have a namespace of their own.
    fn prefix(&self, value: &Value) -> String {
        let is_plain = match value {
            Value::List(kind, _) => contract_name(kind).is_none(),
            value => matches!(value, Value::Dictionary(_)),
        };
        if is_plain { format!(" xmlns:d{}p1=\"{ARRAYS}\"", self.depth + 1) } else { String::new() }
    }

    fn break_line(&mut self) {
        if let Some(step) = self.step.filter(|_| !self.text.is_empty()) {
            self.text += &format!("\n{}", step.repeat(self.depth));
        }
    }
}

/// The name and namespace of the root element.
fn root(value: &Value) -> (String, &'static str) {
    match value {
        Value::Object(dto, _) => (dto.root.to_owned(), dto.namespace),
        Value::List(kind, _) => (array_of(kind), VENDOR),
        _ => ("string".to_owned(), VENDOR),
    }
}

/// What the serializer calls a type; plain values have names of their own namespace.
fn contract_name(kind: &Kind) -> Option<String> {
    match kind {
        Kind::Object(dto) => Some(dto.root.to_owned()),
        Kind::List(kind) | Kind::Collection(kind) => Some(array_of(kind)),
        _ => None,
    }
}

fn array_of(kind: &Kind) -> String {
    format!("ArrayOf{}", contract_name(kind).unwrap_or_else(|| "string".to_owned()))
}

fn in_order<'a>(dto: &'static Dto, value: &'a Value) -> impl Iterator<Item = (&'static Member, &'a Value)> {
    let mut lineage: Vec<_> = dto.lineage().collect();
    lineage.reverse();
    let depth = move |member: &Member| {
        lineage.iter().position(|dto| dto.members.iter().any(|own| own.name == member.name))
    };
    let mut members: Vec<_> = value.members().collect();
    match dto.namespace {
        // What the framework has nothing to say of is left out.
        FRAMEWORK => members.retain(|(_, value)| !matches!(value, Value::Null)),
        _ => members.sort_by_key(|(member, _)| (depth(member), member.name)),
    }
    members.into_iter()
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::List(_, items) => items.is_empty(),
        Value::Dictionary(pairs) => pairs.is_empty(),
        Value::Object(_, values) => values.is_empty(),
        _ => false,
    }
}

fn is_nested(value: &Value) -> bool {
    matches!(value, Value::List(..) | Value::Dictionary(_) | Value::Object(..))
}
