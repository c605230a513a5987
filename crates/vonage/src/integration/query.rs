//! The query of a list of call events.

use axum::{extract::Query, http::Uri};
use call::{AccountId, Timestamp};
use history::{Condition, RecordField, RecordQuery, Sort, Test, Value};

use crate::errors::Failure;

/// Events on a page when the request does not say, and at most.
const SIZES: (u64, u64) = (20, 1_000);
/// The greatest number of a page.
const MOST: u64 = 1_000_000;

/// What a client wants of a list.
#[derive(Clone, Debug)]
pub struct EventsQuery {
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    direction: Option<bool>,
    page: u64,
    size: u64,
    descending: bool,
}

impl EventsQuery {
    /// Reads a query: instants in milliseconds since 1970, pages from 0.
    pub fn read(uri: &Uri) -> Result<Self, Failure> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri).map(|Query(pairs)| pairs);
        let pairs = pairs.unwrap_or_default();
        let one = |name: &str| pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        if let Some(states) = one("states") {
            return Err(Failure::bad_value("states", states, "nothing: filter by direction and time"));
        }
        match one("types") {
            None | Some("CALL") => {}
            Some(types) => return Err(Failure::bad_value("types", types, "CALL")),
        }
        Ok(Self {
            from: one("fromDate").map(|text| instant("fromDate", text)).transpose()?,
            until: one("toDate").map(|text| instant("toDate", text)).transpose()?,
            direction: one("direction").map(direction).transpose()?,
            page: one("offset").map_or(Ok(0), |text| count("offset", text, (0, MOST)))?,
            size: one("size").map_or(Ok(SIZES.0), |text| count("size", text, (1, SIZES.1)))?,
            descending: one("order").map_or(Ok(true), order)?,
        })
    }

    /// Whether a call that goes on is wanted.
    pub fn wants(&self, started_at: Timestamp, is_outbound: bool) -> bool {
        self.from.is_none_or(|from| started_at >= from)
            && self.until.is_none_or(|until| started_at <= until)
            && self.direction.is_none_or(|wanted| wanted == is_outbound)
    }

    /// Which of the list are on the page: how many are before them, and how many there are at most.
    pub fn window(&self) -> (u64, u64) {
        (self.page.saturating_mul(self.size), self.size)
    }

    /// Whether the newest come first.
    pub fn is_descending(&self) -> bool {
        self.descending
    }

    /// The search for calls that are over.
    pub fn search(&self, account: AccountId, (offset, limit): (u64, u64)) -> RecordQuery {
        let time = |at, test: fn(Value) -> Test| Condition {
            field: RecordField::StartedAt,
            test: test(Value::Time(at)),
        };
        let is_outbound = |is| Condition { field: RecordField::IsOutbound, test: Test::Is(Value::Bool(is)) };
        let conditions = [
            self.from.map(|at| time(at, Test::AtLeast)),
            self.until.map(|at| time(at, Test::AtMost)),
            self.direction.map(is_outbound),
        ];
        RecordQuery {
            conditions: conditions.into_iter().flatten().collect(),
            sort: Sort { field: RecordField::StartedAt, descending: self.descending },
            offset,
            ..RecordQuery::newest(vec![account], u32::try_from(limit).unwrap_or(u32::MAX))
        }
    }
}

fn instant(name: &str, text: &str) -> Result<Timestamp, Failure> {
    let millis = text.parse::<u64>().ok().and_then(|millis| i64::try_from(millis.checked_mul(1_000)?).ok());
    let refuse = || Failure::bad_value(name, text, "milliseconds since 1970-01-01 UTC, in digits alone");
    millis.map(Timestamp::from_micros).ok_or_else(refuse)
}

fn direction(text: &str) -> Result<bool, Failure> {
    match text {
        "OUTBOUND" => Ok(true),
        "INBOUND" => Ok(false),
        _ => Err(Failure::bad_value("direction", text, "INBOUND or OUTBOUND")),
    }
}

fn order(text: &str) -> Result<bool, Failure> {
    match text.to_ascii_lowercase().as_str() {
        "desc" | "descending" => Ok(true),
        "asc" | "ascending" => Ok(false),
        _ => Err(Failure::bad_value("order", text, "asc or desc")),
    }
}

fn count(name: &str, text: &str, (least, most): (u64, u64)) -> Result<u64, Failure> {
    let count = text.parse().ok().filter(|count| (least..=most).contains(count));
    count.ok_or_else(|| Failure::bad_value(name, text, &format!("a whole number from {least} to {most}")))
}
