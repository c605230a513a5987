//! Texts that are alike in all the ways in which texts can be, and how they compare, said once more in the
//! plainest way.

use std::net::IpAddr;

use call::filter::{TextKind, TextOperator};

/// Texts to make records and filters of: cases of several alphabets (one whose lower case is longer, one that
/// becomes ASCII, one with two lower cases), numbers in both notations, addresses in several, and what has a
/// meaning in a query, in SQL, in CSV and in a list.
pub const TEXTS: &[&str] = &[
    "",
    "a",
    "A",
    "ab",
    "aB%",
    "a_b",
    "%",
    "é",
    "É",
    "Ï",
    "ïÏ",
    "İi",
    "i",
    "K",
    "k",
    "ΣΑΣ",
    "σας",
    "Ünïcode",
    "+49",
    "49",
    "+",
    "++49",
    "0+49",
    "4915",
    "+4915",
    "\\",
    "*",
    "?",
    "[a]",
    "a,b",
    "\"",
    "\"a\"",
    "a \"b\" c",
    "a\"\"b",
    " a ",
    "'",
    "''; --",
    "127.0.0.1",
    "::ffff:127.0.0.1",
    "::1",
    "0:0:0:0:0:0:0:1",
    "null",
    "a\0b",
    "\u{10400}",
    "\u{10428}",
];

/// Whether a text passes a test, looked at letter by letter.
pub fn passes(kind: TextKind, operator: TextOperator, values: &[String], text: &str) -> bool {
    let text = said(kind, text);
    let any = |is_so: &dyn Fn(&[char]) -> bool| values.iter().any(|value| is_so(&lower(&said(kind, value))));
    match operator {
        TextOperator::Is => values.iter().any(|value| said(kind, value) == text),
        TextOperator::IsNot => !values.iter().any(|value| said(kind, value) == text),
        TextOperator::StartsWith => any(&|value| lower(&text).starts_with(value)),
        TextOperator::EndsWith => any(&|value| lower(&text).ends_with(value)),
        TextOperator::Contains => any(&|value| {
            let text = lower(&text);
            (0..=text.len()).any(|start| text[start..].starts_with(value))
        }),
    }
}

fn said(kind: TextKind, text: &str) -> String {
    match kind {
        TextKind::Plain => text.to_owned(),
        TextKind::Number => text.chars().skip_while(|letter| *letter == '+').collect(),
        TextKind::Address => match text.parse() {
            Ok(IpAddr::V6(address)) => {
                address.to_ipv4_mapped().map_or_else(|| address.to_string(), |address| address.to_string())
            }
            _ => text.to_owned(),
        },
    }
}

fn lower(text: &str) -> Vec<char> {
    text.chars().map(|letter| letter.to_lowercase().next().expect("a letter has a lower case")).collect()
}
