//! What a caller dials or shows: a phone number, an extension, a feature code or a name.

use std::{fmt, sync::Arc};

/// A dialed or shown number, as text. Cheap to clone. Never written to a log (`Debug` hides it).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(Arc<str>);

impl Number {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number with visual separators (blank, `-`, `(`, `)`, `.`) taken out.
    pub fn without_separators(&self) -> Self {
        if !self.0.contains([' ', '-', '(', ')', '.']) {
            return self.clone();
        }
        let kept: String = self.0.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.')).collect();
        kept.into()
    }

    /// The digits of a number written as `+` and digits or as digits alone; `None` for anything else.
    pub fn digits(&self) -> Option<&str> {
        let digits = self.0.strip_prefix('+').unwrap_or(&self.0);
        let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        is_number.then_some(digits)
    }

    /// The text without the `+` that it may begin with: two spellings of a number are one.
    pub fn without_plus(&self) -> &str {
        self.0.trim_start_matches('+')
    }

    /// Whether this is a feature code: `*` or `#`, then digits, `*` or `#`.
    pub fn is_feature_code(&self) -> bool {
        let mut chars = self.0.chars();
        let starts = matches!(chars.next(), Some('*' | '#'));
        starts && chars.all(|c| c.is_ascii_digit() || matches!(c, '*' | '#'))
    }
}

impl From<&str> for Number {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Number {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Number(…)")
    }
}
