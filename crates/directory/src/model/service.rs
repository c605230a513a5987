//! Services: what accounts pay for besides their calls.

use std::{ops::RangeInclusive, sync::Arc};

use call::{AccountId, Timestamp};
use jiff::{Span, tz::TimeZone};
use rust_decimal::Decimal;
use uuid::Uuid;

/// Something that an account pays for besides its calls: once, and then each day or month. What it has been charged
/// follows from these fields and the clock; it is written down nowhere else.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// Its id, unique; given in the file or made from the account and the name.
    pub uuid: Uuid,
    /// Who pays.
    pub account: AccountId,
    /// Its name, unique in the account.
    pub name: Arc<str>,
    /// What kind of service it is, in the operator's words.
    pub kind: Arc<str>,
    /// The price of its beginning.
    pub initial_price: Decimal,
    /// The price of each renewal.
    pub renew_price: Decimal,
    /// How often it is renewed; `None` = never.
    pub renew_period: Option<RenewPeriod>,
    /// When it begins, and is charged first.
    pub starts_at: Timestamp,
    /// When it ends: it is not renewed at this instant or later.
    pub ends_at: Option<Timestamp>,
}

/// How often a service is renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RenewPeriod {
    /// After 24 hours.
    Day,
    /// On the day of the month, and at the time (UTC), at which it began; on the last day of shorter months.
    Month,
}

/// What a service has been charged at one instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServiceCharge {
    /// Which renewal it was; 0 = the beginning.
    pub renewal: u32,
    /// When.
    pub at: Timestamp,
    /// How much. Never zero.
    pub amount: Decimal,
}

impl ServiceCharge {
    /// Its id, the same each time, if it is of the service with this id.
    pub fn uuid(&self, service: Uuid) -> Uuid {
        Uuid::new_v5(&service, self.renewal.to_string().as_bytes())
    }
}

impl Service {
    /// Whether it has begun.
    pub fn has_begun(&self, now: Timestamp) -> bool {
        self.starts_at <= now
    }

    /// Whether it has ended.
    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.ends_at.is_some_and(|ends_at| ends_at <= now)
    }

    /// When it is renewed next; `None` if it is not.
    pub fn renew_at(&self, now: Timestamp) -> Option<Timestamp> {
        let next = self.instant(self.renew_period?, self.renewals(now).checked_add(1)?)?;
        self.ends_at.is_none_or(|ends_at| next < ends_at).then_some(next)
    }

    /// What it has been charged so far, oldest first.
    pub fn charges(&self, now: Timestamp) -> impl Iterator<Item = ServiceCharge> + '_ {
        self.numbers(now).into_iter().flatten().filter_map(|renewal| {
            let (at, amount) = match (renewal, self.renew_period) {
                (0, _) => (self.starts_at, self.initial_price),
                (_, Some(period)) => (self.instant(period, renewal)?, self.renew_price),
                (_, None) => return None,
            };
            (!amount.is_zero()).then_some(ServiceCharge { renewal, at, amount })
        })
    }

    /// What all of that comes to.
    pub fn charged(&self, now: Timestamp) -> Decimal {
        let renewals = self.numbers(now).map(|numbers| *numbers.end());
        renewals.map_or(Decimal::ZERO, |count| self.initial_price + self.renew_price * Decimal::from(count))
    }

    /// The numbers of what it has been charged; `None` before it begins.
    fn numbers(&self, now: Timestamp) -> Option<RangeInclusive<u32>> {
        self.has_begun(now).then(|| 0..=self.renewals(now))
    }

    /// How often it has been renewed.
    fn renewals(&self, now: Timestamp) -> u32 {
        let Some(period) = self.renew_period else { return 0 };
        let is_due = |at: Timestamp| at <= now && self.ends_at.is_none_or(|ends_at| at < ends_at);
        let passed = now.min(self.ends_at.unwrap_or(now)).since(self.starts_at);
        let days = u32::try_from(passed.as_secs() / 86_400).unwrap_or(u32::MAX);
        // Never too few, and at most a handful too many.
        let most = match period {
            RenewPeriod::Day => days,
            RenewPeriod::Month => days / 28,
        };
        let (mut none_due, mut due) = (most.saturating_add(1), 0);
        while none_due - due > 1 {
            let between = due + (none_due - due) / 2;
            match self.instant(period, between).is_some_and(is_due) {
                true => due = between,
                false => none_due = between,
            }
        }
        due
    }

    /// When a renewal is; `None` if that is beyond the calendar.
    fn instant(&self, period: RenewPeriod, renewal: u32) -> Option<Timestamp> {
        let count = i64::from(renewal);
        let span = match period {
            RenewPeriod::Day => Span::new().try_days(count),
            RenewPeriod::Month => Span::new().try_months(count),
        };
        let began = jiff::Timestamp::from_microsecond(self.starts_at.as_micros()).ok()?;
        let at = began.to_zoned(TimeZone::UTC).checked_add(span.ok()?).ok()?;
        Some(Timestamp::from_micros(at.timestamp().as_microsecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_micros(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
    }

    fn service(renew_period: Option<RenewPeriod>, starts_at: &str, ends_at: Option<&str>) -> Service {
        Service {
            uuid: Uuid::from_u128(1),
            account: AccountId(1),
            name: "Seats".into(),
            kind: "pbx".into(),
            initial_price: Decimal::from(50),
            renew_price: Decimal::from(7),
            renew_period,
            starts_at: at(starts_at),
            ends_at: ends_at.map(at),
        }
    }

    fn days(service: &Service, now: &str) -> Vec<String> {
        let print = |charge: ServiceCharge| {
            jiff::Timestamp::from_microsecond(charge.at.as_micros()).unwrap().strftime("%m-%d").to_string()
        };
        service.charges(at(now)).map(print).collect()
    }

    #[test]
    fn a_month_ends_on_the_day_on_which_it_began_or_on_its_last() {
        let service = service(Some(RenewPeriod::Month), "2027-01-31T12:00:00Z", None);
        assert_eq!(days(&service, "2027-01-31T11:59:59Z"), Vec::<String>::new());
        assert_eq!(days(&service, "2027-02-28T11:59:59Z"), ["01-31"]);
        assert_eq!(days(&service, "2027-05-01T00:00:00Z"), ["01-31", "02-28", "03-31", "04-30"]);
        assert_eq!(service.renew_at(at("2027-05-01T00:00:00Z")), Some(at("2027-05-31T12:00:00Z")));
    }

    #[test]
    fn what_has_ended_is_not_renewed() {
        let service = service(Some(RenewPeriod::Day), "2027-01-01T00:00:00Z", Some("2027-01-03T00:00:00Z"));
        assert_eq!(days(&service, "2028-01-01T00:00:00Z"), ["01-01", "01-02"]);
        assert_eq!(service.renew_at(at("2027-01-02T00:00:00Z")), None);
        assert_eq!(service.renew_at(at("2027-01-01T00:00:00Z")), Some(at("2027-01-02T00:00:00Z")));
    }

    #[test]
    fn what_is_charged_in_all_is_the_sum_of_the_charges() {
        let periods = [None, Some(RenewPeriod::Day), Some(RenewPeriod::Month)];
        let ends = [None, Some("2027-06-30T13:00:00Z"), Some("2027-02-28T12:00:00Z")];
        for (period, end) in periods.into_iter().flat_map(|period| ends.map(|end| (period, end))) {
            let service = service(period, "2026-08-31T12:00:00Z", end);
            for day in -3..400 {
                let now = Timestamp::from_micros(service.starts_at.as_micros() + day * 86_400_000_000);
                let sum: Decimal = service.charges(now).map(|charge| charge.amount).sum();
                assert_eq!(service.charged(now), sum, "{period:?} until {end:?} after {day} days");
                let later = service.renew_at(now).is_none_or(|at| at > now);
                assert!(later && service.charges(now).all(|charge| charge.at <= now), "after {day} days");
            }
        }
    }
}
