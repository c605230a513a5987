//! The parameters of reports about the calls of one side of an account: names, and how each is read.

use call::{
    AccountId, Timestamp,
    event::Side,
    filter::{Bound, CallFilter, TextKind, TextOperator, TextTest},
};
use rust_decimal::Decimal;

use super::{
    parameters::{Sent, bound, text_operator},
    request::ReportRequest,
};
use crate::{convert, errors::report::ParameterError};

/// A country number that no country has.
const NOWHERE: u16 = u16::MAX;

/// Which calls a report is about.
pub(super) struct CallParameters {
    pub(super) account: AccountId,
    pub(super) from: Timestamp,
    pub(super) to: Option<Timestamp>,
    pub(super) filter: CallFilter,
    /// Not yet understood; empty if it was not sent.
    pub(super) sampling: String,
}

#[derive(Clone, Copy)]
enum Parameter {
    Account,
    From,
    To,
    Sampling,
    CallerCountry,
    CalledCountry,
    Caller(TextOperator),
    Called(TextOperator),
    Source,
    Seconds(fn(i64) -> Bound<i64>),
    Price(fn(Decimal) -> Bound<Decimal>),
}

/// What has been read so far.
#[derive(Default)]
struct Reading {
    account: Option<AccountId>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    filter: CallFilter,
    sampling: String,
}

impl CallParameters {
    /// Reads the parameters: first whether the `required` ones are there, then each in the order in which it
    /// was sent.
    pub(super) fn read(
        request: &ReportRequest,
        side: Side,
        required: &[&'static str],
    ) -> Result<Self, ParameterError> {
        let sent = Sent::of(&request.query, |name| match name {
            "sampling" if !required.contains(&name) => None,
            _ => Parameter::named(name, side),
        });
        sent.require(required)?;
        let mut reading = Reading::default();
        sent.read(|parameter, text| reading.take(parameter, text, request))?;
        let Reading { account, from, to, filter, sampling } = reading;
        let (Some(account), Some(from)) = (account, from) else {
            return Err(ParameterError::Missing(vec!["account-id", "from-time"]));
        };
        Ok(Self { account, from, to, filter, sampling })
    }
}

impl Parameter {
    fn named(name: &str, side: Side) -> Option<Self> {
        Some(match name {
            "account-id" => Self::Account,
            "from-time" => Self::From,
            "to-time" => Self::To,
            "sampling" => Self::Sampling,
            "src-country-id" => Self::CallerCountry,
            "dst-country-id" => Self::CalledCountry,
            "auth-orig-ip" if side == Side::Origination => Self::Source,
            _ => return Self::test(name, side),
        })
    }

    fn test(name: &str, side: Side) -> Option<Self> {
        let price = match side {
            Side::Origination => "customer-price-",
            Side::Termination => "vendor-price-",
        };
        if let Some(operator) = name.strip_prefix("src-prefix-routing-") {
            text_operator(operator).map(Self::Caller)
        } else if let Some(operator) = name.strip_prefix("dst-prefix-routing-") {
            text_operator(operator).map(Self::Called)
        } else if let Some(operator) = name.strip_prefix("duration-") {
            bound(operator).map(Self::Seconds)
        } else {
            bound(name.strip_prefix(price)?).map(Self::Price)
        }
    }
}

impl Reading {
    /// `None` if the text is not a value of the parameter.
    fn take(&mut self, parameter: Parameter, text: &str, request: &ReportRequest) -> Option<()> {
        let filter = &mut self.filter;
        match parameter {
            Parameter::Account => self.account = Some(request.account(text)?),
            Parameter::From => self.from = Some(convert::time(text)?),
            Parameter::To => self.to = Some(convert::time(text)?),
            Parameter::Sampling => text.clone_into(&mut self.sampling),
            Parameter::CallerCountry => filter.caller_country = Some(country(text)?),
            Parameter::CalledCountry => filter.called_country = Some(country(text)?),
            Parameter::Caller(operator) => filter.caller.push(of_number(operator, text)),
            Parameter::Called(operator) => filter.called.push(of_number(operator, text)),
            Parameter::Source => filter.source = Some(convert::address(text)?),
            Parameter::Seconds(bound) => filter.seconds.push(bound(text.parse().ok()?)),
            Parameter::Price(bound) => filter.price.push(bound(decimal(text)?)),
        }
        Some(())
    }
}

fn of_number(operator: TextOperator, text: &str) -> TextTest {
    TextTest::new(TextKind::Number, operator, [text.trim()])
}

/// A number beyond those of countries is one that no country has.
fn country(text: &str) -> Option<u16> {
    text.parse::<i64>().ok().map(|number| u16::try_from(number).unwrap_or(NOWHERE))
}

fn decimal(text: &str) -> Option<Decimal> {
    text.parse().or_else(|_| Decimal::from_scientific(text)).ok()
}
