//! What somebody types to find something by a name or a number.

use call::filter::{TextKind, TextOperator, TextTest};

/// A text that is looked for in names and numbers, as the filters of all lists look for one: in either case, letter by
/// letter; numbers with and without a `+` before them.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchText {
    name: TextTest,
    number: TextTest,
}

impl SearchText {
    /// Of what was typed.
    pub fn new(text: &str) -> Self {
        let test = |kind| TextTest::new(kind, TextOperator::Contains, [text]);
        Self { name: test(TextKind::Plain), number: test(TextKind::Number) }
    }

    /// Whether a name has it.
    pub fn is_in_name(&self, name: &str) -> bool {
        self.name.accepts(name)
    }

    /// Whether a number has it.
    pub fn is_in_number(&self, number: &str) -> bool {
        self.number.accepts(number)
    }
}
