//! Texts in CSV that a spreadsheet would take for formulas. Callers choose their names, and clerks open the lists.

use std::borrow::Cow;

/// What becomes of texts in CSV that a spreadsheet would take for formulas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Formulas {
    /// An apostrophe before them makes them texts.
    #[default]
    Disarmed,
    /// They stay as they are, for programs that want every byte.
    Kept,
}

impl Formulas {
    /// A text as it stands in a cell.
    pub fn cell(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Disarmed => disarmed(text),
            Self::Kept => text.into(),
        }
    }
}

/// The text with an apostrophe before it if a spreadsheet would take it for a formula: if it begins with `=`, `+`,
/// `-`, `@`, a tab or a carriage return. A telephone number stays as it is, with its `+`.
pub fn disarmed(text: &str) -> Cow<'_, str> {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_formula && !is_number(text) { format!("'{text}").into() } else { text.into() }
}

/// Whether it is `+`, if anything, and digits, with spaces between them at most.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    digits.starts_with(|first: char| first.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_a_formula_is_disarmed_and_numbers_are_left_alone() {
        let armed = [
            "=HYPERLINK(\"http://evil.example\")",
            "+cmd|' /C calc'!A0",
            "-2+3+cmd|' /C calc'!A0",
            "@SUM(1)",
            "\t=1",
            "\r=1",
            "+",
            "+49=1",
        ];
        for text in armed {
            assert_eq!(disarmed(text), format!("'{text}"));
            assert_eq!(Formulas::Kept.cell(text), text);
        }
        for text in ["", "Ann", "+493012345", "+49 30 12345", "1+1", "'=1", "a=b", "O'Neil"] {
            assert_eq!(disarmed(text), text);
        }
    }
}
