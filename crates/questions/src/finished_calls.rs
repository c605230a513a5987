//! The finished calls that somebody looks for, the newest first, and where in them a reader is.

use std::ops::Range;

use call::{AccountId, Timestamp, event::Side};
use history::{
    Condition, FoundRecord, HistoryError, LegField, RecordField, RecordQuery, Records, Sort, Test, Value,
    query::SideFilter,
};

/// The order: the newest first.
const ORDER: Sort = Sort { field: RecordField::StartedAt, descending: true };

/// Which calls are looked for.
#[derive(Clone, Debug, PartialEq)]
pub struct FinishedCalls {
    /// When they began.
    pub range: Range<Timestamp>,
    /// Who sent them.
    pub side: SideFilter,
    /// Part of the caller's number.
    pub caller: Option<String>,
    /// Part of the number that was called.
    pub called: Option<String>,
    /// Part of the name of who answered.
    pub answered_by: Option<String>,
    /// Part of what was noted.
    pub notes: Option<String>,
    /// Whether they were answered.
    pub is_answered: Option<bool>,
    /// Whether they are flagged.
    pub is_flagged: Option<bool>,
    /// The caller's final SIP status.
    pub code: Option<i64>,
    /// How long they were connected at least, in seconds.
    pub least_seconds: Option<i64>,
    /// The Call-ID of the caller's leg.
    pub sip_call_id: Option<String>,
}

/// A place in what is found: how far back, and how many of the calls that began at that very instant were seen. What
/// begins later moves no page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    at: Timestamp,
    seen: u64,
}

/// A part of what is found.
pub struct FinishedPart {
    /// The calls.
    pub records: Vec<FoundRecord>,
    /// Where the next part begins; `None` if this is the last.
    pub next: Option<Place>,
}

impl FinishedCalls {
    /// All that began then.
    pub fn within(range: Range<Timestamp>) -> Self {
        Self {
            range,
            side: SideFilter::default(),
            caller: None,
            called: None,
            answered_by: None,
            notes: None,
            is_answered: None,
            is_flagged: None,
            code: None,
            least_seconds: None,
            sip_call_id: None,
        }
    }

    /// A part of them: at most so many, from a place on.
    pub async fn part(
        &self,
        history: &dyn Records,
        accounts: Vec<AccountId>,
        (after, most): (Option<Place>, u32),
    ) -> Result<FinishedPart, HistoryError> {
        let query = RecordQuery { limit: most.saturating_add(1), ..self.query(accounts) };
        let query = after.map_or_else(|| query.clone(), |place| place.narrow(query.clone()));
        let mut records = history.search(query).await?.records;
        let is_more = records.len() > most as usize;
        records.truncate(most as usize);
        let starts: Vec<_> = records.iter().map(|found| found.record.started_at).collect();
        Ok(FinishedPart { records, next: Place::behind(&starts, after).filter(|_| is_more) })
    }

    /// How many they are.
    pub async fn count(&self, history: &dyn Records, accounts: Vec<AccountId>) -> Result<u64, HistoryError> {
        let query = RecordQuery { count: true, ..self.query(accounts) };
        Ok(history.search(query).await?.total.unwrap_or_default())
    }

    /// What is asked of the history, of these accounts.
    pub fn query(&self, accounts: Vec<AccountId>) -> RecordQuery {
        let conditions = self.conditions();
        RecordQuery { side: self.side, conditions, sort: ORDER, ..RecordQuery::newest(accounts, 0) }
    }

    fn conditions(&self) -> Vec<Condition> {
        let of_caller = |field| RecordField::Leg(Side::Origination, field);
        let has = |field, text: &Option<String>| Some((field, Test::Contains(text.clone()?)));
        let is = |field, is: Option<bool>| Some((field, Test::Is(Value::Bool(is?))));
        let text = |field, text: &Option<String>| Some((field, Test::Is(Value::Text(text.clone()?))));
        let wanted = [
            Some((RecordField::StartedAt, Test::AtLeast(Value::Time(self.range.start)))),
            Some((RecordField::StartedAt, Test::Below(Value::Time(self.range.end)))),
            has(RecordField::CallerRouted, &self.caller),
            has(RecordField::CalledRouted, &self.called),
            has(RecordField::AnsweredBy, &self.answered_by),
            has(RecordField::Notes, &self.notes),
            is(RecordField::IsAnswered, self.is_answered),
            is(RecordField::IsFlagged, self.is_flagged),
            self.code.map(|code| (of_caller(LegField::Code), Test::Is(Value::Int(code)))),
            self.least_seconds
                .map(|seconds| (RecordField::ConnectedSeconds, Test::AtLeast(Value::Int(seconds)))),
            text(of_caller(LegField::SipCallId), &self.sip_call_id),
        ];
        wanted.into_iter().flatten().map(|(field, test)| Condition { field, test }).collect()
    }
}

impl Place {
    /// Reads what [`Self::text`] has written; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (at, seen) = text.split_once('.')?;
        Some(Self { at: Timestamp::from_micros(at.parse().ok()?), seen: seen.parse().ok()? })
    }

    /// The place behind a part that was found from `before` on, of which these are the starts.
    fn behind(part: &[Timestamp], before: Option<Self>) -> Option<Self> {
        let at = *part.last()?;
        let seen = part.iter().filter(|started_at| **started_at == at).count() as u64;
        let earlier = before.filter(|before| before.at == at).map_or(0, |before| before.seen);
        Some(Self { at, seen: seen + earlier })
    }

    /// As it is given to a reader.
    pub fn text(self) -> String {
        format!("{}.{}", self.at.as_micros(), self.seen)
    }

    /// The query from here on.
    fn narrow(self, mut query: RecordQuery) -> RecordQuery {
        let test = Test::AtMost(Value::Time(self.at));
        query.conditions.push(Condition { field: RecordField::StartedAt, test });
        RecordQuery { offset: self.seen, ..query }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_on_over_calls_of_one_instant() {
        let [a, b] = [5, 4].map(Timestamp::from_seconds);
        let first = Place::behind(&[a, b, b], None).unwrap();
        assert_eq!((first.at, first.seen), (b, 2));
        let second = Place::behind(&[b, b], Some(first)).unwrap();
        assert_eq!((second.at, second.seen), (b, 4));
        assert_eq!(Place::parse(&second.text()), Some(second));
        assert_eq!(Place::behind(&[], None), None);
        assert_eq!((Place::parse(""), Place::parse("5"), Place::parse("5.x")), (None, None, None));
    }
}
