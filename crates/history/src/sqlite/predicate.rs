//! A condition in SQL, with its values bound.

use rusqlite::types::Value as Bound;

/// Conditions joined by `AND`.
#[derive(Default)]
pub(super) struct Predicate {
    terms: Vec<String>,
    bound: Vec<Bound>,
}

impl Predicate {
    /// Adds a condition whose question marks stand for `bound`, in order.
    pub(super) fn and(&mut self, sql: &str, bound: impl IntoIterator<Item = Bound>) {
        self.terms.push(sql.to_owned());
        self.bound.extend(bound);
    }

    /// The SQL; `1` if there is no condition. However many there are, it is not deep: SQLite takes a depth of 1,000.
    pub(super) fn sql(&self) -> String {
        joined(&self.terms)
    }

    /// The values for its question marks, in order.
    pub(super) fn bound(&self) -> &[Bound] {
        &self.bound
    }
}

/// The halves are joined each for itself.
fn joined(terms: &[String]) -> String {
    match terms {
        [] => "1".to_owned(),
        [term] => term.clone(),
        [one, other] => format!("{one} AND {other}"),
        _ => {
            let (first, rest) = terms.split_at(terms.len().next_power_of_two() / 2);
            format!("({}) AND ({})", joined(first), joined(rest))
        }
    }
}
