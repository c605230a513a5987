//! Reports of active calls: their parameters, and their points (contract yeti.md, 5.5, 6.2 and 6.5).

use std::net::IpAddr;

use call::{
    AccountId, Registry, Timestamp,
    activity::{ActivityFilter, Bound, TextTest},
    event::Side,
    series::Grid,
};
use directory::{Access, Snapshot};
use history::HistoryError;
use rust_decimal::Decimal;

use super::{
    activity::{Activity, LONGEST, MINUTE},
    convert,
    errors::report::ParameterError,
    query::Query,
    wire::active_calls::{ActiveCallsWire, SeriesWire},
};
use crate::App;

/// Parameters that every report has.
const SHARED: [&str; 16] = [
    "account-id",
    "from-time",
    "to-time",
    "src-country-id",
    "dst-country-id",
    "src-prefix-routing-eq",
    "src-prefix-routing-starts-with",
    "src-prefix-routing-ends-with",
    "src-prefix-routing-contains",
    "dst-prefix-routing-eq",
    "dst-prefix-routing-starts-with",
    "dst-prefix-routing-ends-with",
    "dst-prefix-routing-contains",
    "duration-eq",
    "duration-gt",
    "duration-lt",
];
/// Parameters of the report of calls that the account sends.
const OF_ORIGINATION: [&str; 4] =
    ["auth-orig-ip", "customer-price-eq", "customer-price-gt", "customer-price-lt"];
/// Parameters of the report of calls that the account takes.
const OF_TERMINATION: [&str; 3] = ["vendor-price-eq", "vendor-price-gt", "vendor-price-lt"];

/// A country number that no country has.
const NOWHERE: u16 = u16::MAX;

/// What a report is asked for.
#[derive(Debug)]
pub struct ReportRequest {
    account: AccountId,
    from: Timestamp,
    to: Option<Timestamp>,
    filter: ActivityFilter,
    side: Side,
}

/// What a client sent under a name.
enum Sent<'a> {
    One(&'a str),
    List,
    Object,
}

/// The parameters as far as they are read.
#[derive(Default)]
struct Reading {
    account: Option<AccountId>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    filter: ActivityFilter,
}

impl ReportRequest {
    /// Reads the parameters: first whether the required ones are there, then each in the order in which it
    /// was sent. A name that is sent twice has its first place and its last value.
    pub fn read(
        query: &Query,
        side: Side,
        access: &Access,
        directory: &Snapshot,
    ) -> Result<Self, ParameterError> {
        let sent = sent(query, side);
        let required = ["account-id", "from-time"].into_iter();
        let missing: Vec<_> = required.filter(|name| sent.iter().all(|(known, _)| known != name)).collect();
        if !missing.is_empty() {
            return Err(ParameterError::Missing(missing));
        }
        let mut reading = Reading::default();
        for (name, sent) in sent {
            let is_time = matches!(name, "from-time" | "to-time");
            match sent {
                Sent::List => return Err(ParameterError::Array(name)),
                Sent::Object => return Err(ParameterError::Invalid(name)),
                Sent::One(text) if is_time => reading.take_time(name, text)?,
                Sent::One(text) if name == "account-id" => reading.take_account(text, access, directory)?,
                Sent::One(text) => {
                    reading.take_filter(name, text).ok_or(ParameterError::Invalid(name))?;
                }
            }
        }
        reading.finish(side)
    }

    /// Whether it begins after the present.
    pub fn is_future(&self, now: Timestamp) -> bool {
        self.from > now
    }

    /// The report: a point at each whole minute from the first at or after the beginning to the last at or
    /// before the end and the present.
    pub async fn run(&self, app: &App, live: &Registry, now: Timestamp) -> Result<ActiveCallsWire, RunError> {
        let to = self.to.unwrap_or(now).min(now);
        if to.since(self.from) > LONGEST {
            return Err(ParameterError::Invalid("from-time").into());
        }
        let activity = Activity {
            history: &*app.history,
            live,
            account: self.account,
            side: self.side,
            filter: self.filter.clone(),
        };
        let calls = activity.per_minute(self.from, to).await?;
        let t = Grid::aligned(self.from, to, MINUTE).instants().map(Timestamp::as_seconds).collect();
        Ok(ActiveCallsWire { rows: calls.len(), data: SeriesWire { t, calls } })
    }
}

/// Why a report cannot be given.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It spans too long a time.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// The store failed.
    #[error(transparent)]
    History(#[from] HistoryError),
}

fn sent(query: &Query, side: Side) -> Vec<(&'static str, Sent<'_>)> {
    let own: &'static [&'static str] = match side {
        Side::Origination => &OF_ORIGINATION,
        Side::Termination => &OF_TERMINATION,
    };
    let mut sent: Vec<(&'static str, Sent<'_>)> = Vec::new();
    for parameter in query.parameters() {
        let Some(name) = SHARED.iter().chain(own).find(|name| **name == parameter.name) else { continue };
        let value = match parameter.keys.as_slice() {
            [] => Sent::One(&parameter.value),
            [key] if key.is_empty() => Sent::List,
            _ => Sent::Object,
        };
        match sent.iter_mut().find(|(known, _)| known == name) {
            Some((_, earlier)) => *earlier = value,
            None => sent.push((name, value)),
        }
    }
    sent
}

impl Reading {
    fn take_account(
        &mut self,
        text: &str,
        access: &Access,
        directory: &Snapshot,
    ) -> Result<(), ParameterError> {
        let account = convert::uuid(text).and_then(|uuid| directory.account_by_uuid(uuid));
        let account = account.filter(|account| access.allows(account.id));
        self.account = Some(account.ok_or(ParameterError::Invalid("account-id"))?.id);
        Ok(())
    }

    fn take_time(&mut self, name: &'static str, text: &str) -> Result<(), ParameterError> {
        let at = convert::time(text).ok_or(ParameterError::Invalid(name))?;
        let bound = if name == "from-time" { &mut self.from } else { &mut self.to };
        *bound = Some(at);
        Ok(())
    }

    /// `None` if the text is not a value of the filter.
    fn take_filter(&mut self, name: &str, text: &str) -> Option<()> {
        let filter = &mut self.filter;
        match name {
            "src-country-id" => filter.caller_country = Some(country(text)?),
            "dst-country-id" => filter.called_country = Some(country(text)?),
            "auth-orig-ip" => filter.source = Some(text.parse::<IpAddr>().ok()?.to_canonical()),
            _ => match name.rsplit_once('-')? {
                ("duration", test) => filter.elapsed.push(bound(test, text.parse().ok()?)?),
                ("customer-price" | "vendor-price", test) => filter.price.push(bound(test, decimal(text)?)?),
                _ => return self.take_number_filter(name, text),
            },
        }
        Some(())
    }

    fn take_number_filter(&mut self, name: &str, text: &str) -> Option<()> {
        let (tests, test) = match name.split_once("-prefix-routing-")? {
            ("src", test) => (&mut self.filter.caller, test),
            (_, test) => (&mut self.filter.called, test),
        };
        let number = convert::number(text);
        tests.push(match test {
            "starts-with" => TextTest::StartsWith(number),
            "ends-with" => TextTest::EndsWith(number),
            "contains" => TextTest::Contains(number),
            _ => TextTest::Is(number),
        });
        Some(())
    }

    fn finish(self, side: Side) -> Result<ReportRequest, ParameterError> {
        Ok(ReportRequest {
            account: self.account.ok_or(ParameterError::Invalid("account-id"))?,
            from: self.from.ok_or(ParameterError::Invalid("from-time"))?,
            to: self.to,
            filter: self.filter,
            side,
        })
    }
}

fn bound<T>(test: &str, value: T) -> Option<Bound<T>> {
    match test {
        "eq" => Some(Bound::Is(value)),
        "gt" => Some(Bound::Above(value)),
        "lt" => Some(Bound::Below(value)),
        _ => None,
    }
}

/// A number beyond those of countries is one that no country has.
fn country(text: &str) -> Option<u16> {
    text.parse::<i64>().ok().map(|number| u16::try_from(number).unwrap_or(NOWHERE))
}

fn decimal(text: &str) -> Option<Decimal> {
    text.parse().or_else(|_| Decimal::from_scientific(text)).ok()
}
