//! How texts are compared: the one place for it, whoever asks and wherever the text lies.
//!
//! As in PostgreSQL: equality is exact, and a part of a text is found in either case (`ILIKE`), letter by letter
//! and whatever the alphabet. What a text says may lie in several notations of it ([`TextKind`]).

use std::{borrow::Cow, fmt, net::IpAddr};

/// What a text says, and so which texts are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextKind {
    /// Just what is written.
    Plain,
    /// A telephone number: it is the same with and without a `+` before it.
    Number,
    /// An IP address: it is the same in each notation, and so is one of version 4 that is written as one of
    /// version 6 (RFC 4291, section 2.5.5.2).
    Address,
}

/// How a text is compared with values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextOperator {
    /// Is one of the values.
    Is,
    /// Is none of the values.
    IsNot,
    /// Begins with one of the values, in either case.
    StartsWith,
    /// Ends with one of the values, in either case.
    EndsWith,
    /// Contains one of the values, in either case.
    Contains,
}

/// A test of a text.
#[derive(Clone, PartialEq, Eq)]
pub struct TextTest {
    kind: TextKind,
    operator: TextOperator,
    /// As a text is before it is compared.
    values: Vec<Box<str>>,
}

impl TextKind {
    /// The one notation of all those that say the same.
    pub fn canonical(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Plain => text.into(),
            Self::Number => text.trim_start_matches('+').into(),
            Self::Address => match text.parse::<IpAddr>() {
                Ok(address) => address.to_canonical().to_string().into(),
                Err(_) => text.into(),
            },
        }
    }
}

impl TextTest {
    /// The test of texts of a kind.
    pub fn new(
        kind: TextKind,
        operator: TextOperator,
        values: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Self {
        let values = values.into_iter().map(|value| operator.read(kind, value.as_ref()).into());
        Self { kind, operator, values: values.collect() }
    }

    /// What the texts say.
    pub fn kind(&self) -> TextKind {
        self.kind
    }

    /// How they are compared.
    pub fn operator(&self) -> TextOperator {
        self.operator
    }

    /// What they are compared with: [canonical](TextKind::canonical), and in lower case where the case is not
    /// looked at.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.values.iter().map(|value| &**value)
    }

    /// Whether a text passes.
    pub fn accepts(&self, text: &str) -> bool {
        let text = &*self.operator.read(self.kind, text);
        let mut values = self.values();
        match self.operator {
            TextOperator::Is => values.any(|value| text == value),
            TextOperator::IsNot => values.all(|value| text != value),
            TextOperator::StartsWith => values.any(|value| text.starts_with(value)),
            TextOperator::EndsWith => values.any(|value| text.ends_with(value)),
            TextOperator::Contains => values.any(|value| text.contains(value)),
        }
    }
}

impl TextOperator {
    /// A text, or a value, as it is compared.
    fn read(self, kind: TextKind, text: &str) -> Cow<'_, str> {
        match (self, kind.canonical(text)) {
            (Self::Is | Self::IsNot, text) => text,
            (Self::StartsWith | Self::EndsWith | Self::Contains, Cow::Borrowed(text)) => folded(text),
            (Self::StartsWith | Self::EndsWith | Self::Contains, Cow::Owned(text)) => {
                folded(&text).into_owned().into()
            }
        }
    }
}

/// In lower case, letter by letter: a part of a text is the same part of it then, which is not so with those
/// rules of languages that look at the letters around one.
pub fn folded(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return text.into();
    }
    text.chars().map(|letter| letter.to_lowercase().next().unwrap_or(letter)).collect::<String>().into()
}

impl fmt::Debug for TextTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, operator, values } = self;
        write!(f, "{operator:?}({kind:?}, {} values)", values.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_letters_have_a_case() {
        for letter in '\0'..=char::MAX {
            let lower = letter.to_string();
            let lower = folded(&lower).into_owned();
            let is_own = lower.chars().eq([letter]);
            let comes_of_ascii = lower.chars().all(|lower| lower.is_ascii() && !lower.is_ascii_alphabetic());
            assert!(is_own || !comes_of_ascii, "{letter:?} became {lower:?}");
        }
    }
}
