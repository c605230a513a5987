//! JSV: names without quotes, texts with quotes only where they need them, nulls left out.

use crate::dto::{Value, value::double};

/// What makes a text need quotes.
const SPECIAL: [char; 9] = ['"', ':', ',', '{', '}', '[', ']', '\r', '\n'];

/// The text.
pub fn print(value: &Value) -> String {
    let mut text = String::new();
    write(&mut text, value);
    text
}

fn write(text: &mut String, value: &Value) {
    match value {
        Value::Null => {}
        Value::Text(content) => text.push_str(&quoted(content)),
        Value::Int(number) => text.push_str(&number.to_string()),
        Value::Double(number) => text.push_str(&double(*number)),
        Value::Bool(truth) => text.push_str(word(*truth)),
        Value::List(_, items) => between(text, ['[', ']'], items, write),
        Value::Dictionary(pairs) => between(text, ['{', '}'], pairs, |text, (name, content)| {
            *text += &format!("{}:{}", quoted(name), quoted(content));
        }),
        Value::Object(..) => {
            let known = value.members().filter(|(_, value)| !matches!(value, Value::Null));
            between(text, ['{', '}'], known, |text, (member, value)| {
                *text += member.name;
                text.push(':');
                write(text, value);
            });
        }
    }
}

fn between<T>(
    text: &mut String,
    [open, close]: [char; 2],
    items: impl IntoIterator<Item = T>,
    write: impl Fn(&mut String, T),
) {
    text.push(open);
    for (place, item) in items.into_iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        write(text, item);
    }
    text.push(close);
}

/// Yes and no in the vendor's language.
pub fn word(truth: bool) -> &'static str {
    if truth { "True" } else { "False" }
}

fn quoted(text: &str) -> String {
    match text {
        "" => "\"\"".to_owned(),
        text if text.contains(SPECIAL) => format!("\"{}\"", text.replace('"', "\"\"")),
        text => text.to_owned(),
    }
}

/// As the metadata pages dump it: a member on each line, texts without quotes.
pub fn dump(value: &Value) -> String {
    let mut text = String::new();
    dump_into(&mut text, value, 0);
    text
}

fn dump_into(text: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Text(content) => text.push_str(content),
        Value::List(_, items) => lines(text, ['[', ']'], items, depth, dump_into),
        Value::Dictionary(pairs) => lines(text, ['{', '}'], pairs, depth, |text, (name, content), _| {
            *text += &format!("{name}: {content}");
        }),
        Value::Object(..) => {
            let known = value.members().filter(|(_, value)| !matches!(value, Value::Null));
            lines(text, ['{', '}'], known, depth, |text, (member, value), depth| {
                let is_nested = matches!(value, Value::List(..) | Value::Dictionary(_) | Value::Object(..));
                let gap = if is_nested { format!("\n{}", "\t".repeat(depth)) } else { String::new() };
                *text += &format!("{}: {gap}", member.name);
                dump_into(text, value, depth);
            });
        }
        Value::Null | Value::Int(_) | Value::Double(_) | Value::Bool(_) => write(text, value),
    }
}

fn lines<T>(
    text: &mut String,
    [open, close]: [char; 2],
    items: impl IntoIterator<Item = T>,
    depth: usize,
    write: impl Fn(&mut String, T, usize),
) {
    text.push(open);
    for (place, item) in items.into_iter().enumerate() {
        *text += if place > 0 { ",\n" } else { "\n" };
        *text += &"\t".repeat(depth + 1);
        write(text, item, depth + 1);
    }
    *text += &format!("\n{}{close}", "\t".repeat(depth));
}
