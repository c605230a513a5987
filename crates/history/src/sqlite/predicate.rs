//! A condition in SQL, with its values bound.

use call::filter::TextTest;
use rusqlite::types::Value as Bound;

/// Conditions joined by `AND`.
#[derive(Default)]
pub(super) struct Predicate {
    sql: String,
    bound: Vec<Bound>,
}

impl Predicate {
    /// Adds a condition whose question marks stand for `bound`, in order.
    pub(super) fn and(&mut self, sql: &str, bound: impl IntoIterator<Item = Bound>) {
        if !self.sql.is_empty() {
            self.sql.push_str(" AND ");
        }
        self.sql.push_str(sql);
        self.bound.extend(bound);
    }

    /// Adds a test of the text in `column`.
    pub(super) fn and_text(&mut self, column: &str, test: &TextTest) {
        match test {
            TextTest::Is(text) => self.and(&format!("{column} = ?"), [text.clone().into()]),
            TextTest::StartsWith(text) => self.and(&format!("instr({column}, ?) = 1"), [text.clone().into()]),
            TextTest::EndsWith(text) => self.and_suffix(column, text),
            TextTest::Contains(text) => self.and_contains(column, text),
        }
    }

    /// Adds: the text in `column` contains `text`, ASCII letters in either case.
    pub(super) fn and_contains(&mut self, column: &str, text: &str) {
        self.and(&format!("instr(lower({column}), ?) > 0"), [text.to_ascii_lowercase().into()]);
    }

    /// Adds: the text in `column` begins with `text`, ASCII letters in either case.
    pub(super) fn and_prefix_in_any_case(&mut self, column: &str, text: &str) {
        self.and(&format!("instr(lower({column}), ?) = 1"), [text.to_ascii_lowercase().into()]);
    }

    /// Adds: the text in `column` ends with `text`, ASCII letters in either case.
    pub(super) fn and_suffix_in_any_case(&mut self, column: &str, text: &str) {
        self.and_suffix(&format!("lower({column})"), &text.to_ascii_lowercase());
    }

    /// Compares bytes: a UTF-8 text ends with another if its bytes do.
    fn and_suffix(&mut self, column: &str, text: &str) {
        let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
        match length {
            0 => self.and(&format!("{column} IS NOT NULL"), []),
            _ => self.and(
                &format!("substr(CAST({column} AS BLOB), ?) = ?"),
                [(-length).into(), text.as_bytes().to_vec().into()],
            ),
        }
    }

    /// The SQL; `1` if there is no condition.
    pub(super) fn sql(&self) -> &str {
        if self.sql.is_empty() { "1" } else { &self.sql }
    }

    /// The values for its question marks, in order.
    pub(super) fn bound(&self) -> &[Bound] {
        &self.bound
    }
}
