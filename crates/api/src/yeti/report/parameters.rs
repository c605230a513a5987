//! The parameters of a report: names, and how each is read.

use std::net::IpAddr;

use call::{
    AccountId, Timestamp,
    activity::{ActivityFilter, Bound, TextTest},
    event::Side,
};
use directory::{Access, Snapshot};
use rust_decimal::Decimal;

use crate::yeti::{convert, errors::report::ParameterError, query::Query};

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

/// What a client sent under a name.
pub(super) enum Sent<'a> {
    One(&'a str),
    List,
    Object,
}

/// The parameters as far as they are read.
#[derive(Default)]
pub(super) struct Parameters {
    pub(super) account: Option<AccountId>,
    pub(super) from: Option<Timestamp>,
    pub(super) to: Option<Timestamp>,
    pub(super) filter: ActivityFilter,
}

/// What a client sent under the names that the report of a side has. A name that is sent twice has its first
/// place and its last value.
pub(super) fn sent(query: &Query, side: Side) -> Vec<(&'static str, Sent<'_>)> {
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

impl Parameters {
    /// Reads each in turn; the first that is wrong is the error.
    pub(super) fn read(
        sent: &[(&'static str, Sent<'_>)],
        access: &Access,
        directory: &Snapshot,
    ) -> Result<Self, ParameterError> {
        let mut parameters = Self::default();
        for (name, sent) in sent {
            match (sent, *name) {
                (Sent::List, name) => return Err(ParameterError::Array(name)),
                (Sent::Object, name) => return Err(ParameterError::Invalid(name)),
                (Sent::One(text), "account-id") => parameters.take_account(text, access, directory)?,
                (Sent::One(text), name @ ("from-time" | "to-time")) => parameters.take_time(name, text)?,
                (Sent::One(text), name) => {
                    parameters.take_filter(name, text).ok_or(ParameterError::Invalid(name))?;
                }
            }
        }
        Ok(parameters)
    }

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
