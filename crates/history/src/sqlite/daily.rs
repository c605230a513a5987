//! How many calls each account had on each day (UTC), so that nobody has to look at every call of a month to count
//! them. Like the balances, it can be had from the records, and is written together with them.

use std::ops::Range;

use call::AccountId;
use rusqlite::{Connection, params};

/// Microseconds of a day.
pub(super) const DAY: i64 = 86_400_000_000;

/// An account's calls of one kind that started on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Group {
    pub(super) account: AccountId,
    /// When one of them started, in microseconds.
    pub(super) started_at: i64,
    pub(super) sides: i64,
    pub(super) other: Option<AccountId>,
}

impl Group {
    /// The same, told by the beginning of the day.
    pub(super) fn of_day(self) -> Self {
        Self { started_at: self.started_at - self.started_at.rem_euclid(DAY), ..self }
    }
}

/// Adds `calls`, or takes them away, to those of a group.
pub(super) fn add(connection: &Connection, group: Group, calls: i64) -> rusqlite::Result<()> {
    let Group { account, started_at, sides, other } = group;
    connection
        .prepare_cached(
            "INSERT INTO daily_calls (account_id, day, sides, other_account_id, calls) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET calls = calls + excluded.calls",
        )?
        .execute(params![account.0, started_at.div_euclid(DAY), sides, other.map_or(0, |other| other.0), calls])?;
    Ok(())
}

/// Whether an account has calls of a day (numbered from 1970 on).
pub(super) fn has_calls(connection: &Connection, account: AccountId, day: i64) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM daily_calls WHERE account_id = ?1 AND day = ?2 AND calls > 0")?
        .exists(params![account.0, day])
}

/// A span of time, cut where days begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// Microseconds before the first whole day.
    pub(super) before: Range<i64>,
    /// Whole days, numbered from 1970 on.
    pub(super) days: Range<i64>,
    /// Microseconds after the last whole day.
    pub(super) after: Range<i64>,
}

impl Cut {
    /// `None` if there is no whole day in the span, which is in microseconds.
    pub(super) fn of(span: &Range<i64>) -> Option<Self> {
        let begun = span.start.rem_euclid(DAY) != 0;
        let days = span.start.div_euclid(DAY) + i64::from(begun)..span.end.div_euclid(DAY);
        (days.start < days.end).then(|| Self {
            before: span.start..days.start * DAY,
            after: days.end * DAY..span.end,
            days,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_cut_at_its_first_and_last_midnight() {
        let cut =
            |start, end| Cut::of(&(start..end)).map(|Cut { before, days, after }| [before, days, after]);
        assert_eq!(cut(0, DAY), Some([0..0, 0..1, DAY..DAY]));
        assert_eq!(cut(-1, DAY), Some([-1..0, 0..1, DAY..DAY]));
        assert_eq!(cut(-DAY - 5, DAY + 7), Some([-DAY - 5..-DAY, -1..1, DAY..DAY + 7]));
        assert_eq!(cut(1, 2 * DAY - 1), None);
        assert_eq!(cut(5, 5), None);
        assert!(cut(i64::MIN, i64::MAX).is_some());
    }
}
