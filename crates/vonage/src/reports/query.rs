//! The query of a page of call logs.

use axum::{extract::Query, http::Uri};
use call::{AccountId, Timestamp};
use history::{Condition, Grain, RecordField, RecordQuery, Sort, Test, Value, query::SideFilter};
use http_core::time;
use jiff::{civil::DateTime, tz::TimeZone};

use super::{errors::InvalidParameters, wire::LinkWire};

/// Entries on a page when the request does not say, and at most.
const SIZES: (u64, u64) = (10, 1_000);
/// Greatest number of a page, and of entries that are asked for.
const MOST: u64 = 2_147_483_647;
/// How dates are written: UTC.
pub const DATE: &str = "%Y-%m-%d %H:%M:%S";

/// What a client wants of the call logs.
pub struct CallLogsQuery {
    /// Entries on a page.
    pub page_size: u64,
    /// The page, from 1.
    pub page: u64,
    descending: bool,
    conditions: Vec<Condition>,
    pairs: Vec<(String, String)>,
}

/// Reads parameters one by one and keeps what is wrong with them.
struct Reading {
    pairs: Vec<(String, String)>,
    wrong: InvalidParameters,
}

impl CallLogsQuery {
    /// Reads a query. `start:gte` and `start:lte` are needed.
    pub fn read(uri: &Uri) -> Result<Self, InvalidParameters> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri).map(|Query(pairs)| pairs);
        let mut reading =
            Reading { pairs: pairs.unwrap_or_default(), wrong: InvalidParameters::of(uri.path()) };
        let query = reading.query();
        if !reading.wrong.is_empty() {
            return Err(reading.wrong);
        }
        Ok(Self { pairs: reading.pairs, ..query })
    }

    /// The search that answers it.
    pub fn search(&self, account: AccountId) -> RecordQuery {
        RecordQuery {
            accounts: vec![account],
            grain: Grain::Call,
            side: SideFilter::Any,
            conditions: self.conditions.clone(),
            sort: Sort { field: RecordField::StartedAt, descending: self.descending },
            then: Vec::new(),
            offset: (self.page - 1).saturating_mul(self.page_size),
            limit: u32::try_from(self.page_size).unwrap_or(u32::MAX),
            count: true,
        }
    }

    /// The link to another page of the same query.
    pub fn link(&self, path: &str, page: u64) -> LinkWire {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.pairs.iter().filter(|(name, _)| name != "page"));
        query.append_pair("page", &page.to_string());
        LinkWire { href: format!("{path}?{}", query.finish()) }
    }
}

impl Reading {
    fn query(&mut self) -> CallLogsQuery {
        let conditions = [
            self.date("start:gte", RecordField::StartedAt, Test::AtLeast),
            self.date("start:lte", RecordField::StartedAt, until),
            self.date("end:gte", RecordField::EndedAt, Test::AtLeast),
            self.date("end:lte", RecordField::EndedAt, until),
            self.number("from", RecordField::CallerRouted),
            self.number("to", RecordField::CalledReceived),
            self.direction(),
        ];
        for name in ["start:gte", "start:lte"] {
            if self.one(name).is_none() {
                self.wrong.add(name, "must be given");
            }
        }
        for name in ["source_user", "destination_user"] {
            if self.one(name).is_some() {
                self.wrong.add(name, "calls cannot be filtered by user");
            }
        }
        CallLogsQuery {
            page_size: self.count("page_size", 1, SIZES.0).min(SIZES.1),
            page: self.count("page", 1, 1),
            descending: self.order(),
            conditions: conditions.into_iter().flatten().collect(),
            pairs: Vec::new(),
        }
    }

    fn one(&self, name: &str) -> Option<String> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    fn date(
        &mut self,
        name: &'static str,
        field: RecordField,
        test: impl Fn(Value) -> Test,
    ) -> Option<Condition> {
        let text = self.one(name)?;
        let date = DateTime::strptime(DATE, text.replacen('T', " ", 1)).ok();
        let instant = date.and_then(|date| date.to_zoned(TimeZone::UTC).ok());
        if instant.is_none() {
            self.wrong.add(name, "must be a date of the form yyyy-MM-dd HH:mm:ss, in UTC");
        }
        instant.map(|at| Condition { field, test: test(Value::Time(time::instant(at.timestamp()))) })
    }

    fn number(&self, name: &str, field: RecordField) -> Option<Condition> {
        self.one(name).map(|text| Condition { field, test: Test::Is(Value::Text(text)) })
    }

    fn direction(&mut self) -> Option<Condition> {
        let is_outbound = match self.one("direction")?.as_str() {
            "Outbound" => true,
            "Inbound" => false,
            _ => {
                self.wrong.add("direction", "must be Inbound or Outbound");
                return None;
            }
        };
        Some(Condition { field: RecordField::IsOutbound, test: Test::Is(Value::Bool(is_outbound)) })
    }

    fn order(&mut self) -> bool {
        match self.one("order").map(|text| text.to_ascii_lowercase()).as_deref() {
            None | Some("desc") => true,
            Some("asc") => false,
            Some(_) => {
                self.wrong.add("order", "must be asc or desc");
                true
            }
        }
    }

    fn count(&mut self, name: &'static str, least: u64, usual: u64) -> u64 {
        let Some(text) = self.one(name) else { return usual };
        let count = text.parse().ok().filter(|count| (least..=MOST).contains(count));
        if count.is_none() {
            self.wrong.add(name, format!("must be a whole number from {least} to {MOST}"));
        }
        count.unwrap_or(usual)
    }
}

/// To the end of that second: records are kept to the microsecond, and shown by the second.
fn until(value: Value) -> Test {
    match value {
        Value::Time(at) => Test::Below(Value::Time(next_second(at))),
        other => Test::AtMost(other),
    }
}

fn next_second(at: Timestamp) -> Timestamp {
    at + std::time::Duration::from_secs(1)
}
