//! Random calls, and what is known of them without the server.
//!
//! Times are microseconds before or after [`NOW`].

use call::Timestamp;
use rand::{RngExt, rngs::StdRng};
use rust_decimal::Decimal;

use crate::{
    harness::NOW,
    yeti::{CARRIER, OFFICE, SHOP},
};

pub const MINUTE: i64 = 60_000_000;

/// Phones and outside numbers: the account, the number, and the phone's SIP user if it is one.
pub const PARTIES: [(&str, &str, Option<&str>); 6] = [
    (OFFICE, "101", Some("acme-101")),
    (OFFICE, "102", Some("acme-102")),
    (SHOP, "301", Some("shop-301")),
    (CARRIER, "+14155550199", None),
    (CARRIER, "14155550123", None),
    (CARRIER, "+493012345678", None),
];

/// A call, by the test's own account.
#[derive(Clone, Copy)]
pub struct Told {
    /// Places in [`PARTIES`].
    pub from: usize,
    pub to: usize,
    pub began: i64,
    pub answered: Option<i64>,
    /// `None` while it goes on.
    pub ended: Option<i64>,
}

pub fn instant(micros: i64) -> Timestamp {
    Timestamp::from_micros(NOW.as_micros() + micros)
}

/// A moment between two minutes; one in four is a whole minute.
fn moment(rng: &mut StdRng, (least, most): (i64, i64)) -> i64 {
    let moment = rng.random_range(least * MINUTE..=most * MINUTE);
    if rng.random_ratio(1, 4) { moment.div_euclid(MINUTE) * MINUTE } else { moment }
}

/// Lengths from nothing over seconds to hours; some are whole seconds, few are long.
fn length(rng: &mut StdRng) -> i64 {
    match rng.random_range(0..20) {
        0..5 => 0,
        5..10 => rng.random_range(0..90) * 1_000_000,
        10..14 => rng.random_range(0..90_000_000),
        14..18 => rng.random_range(0..20 * MINUTE),
        _ => rng.random_range(0..300 * MINUTE),
    }
}

impl Told {
    /// A call that begins between two minutes.
    pub fn random(rng: &mut StdRng, beginnings: (i64, i64)) -> Self {
        let (from, to) = (rng.random_range(0..PARTIES.len()), rng.random_range(0..PARTIES.len()));
        let began = moment(rng, beginnings);
        let answered = rng.random_ratio(3, 4).then(|| began + length(rng));
        let ended = answered.unwrap_or(began) + length(rng);
        let has_been = |at: &i64| *at <= 0;
        Self { from, to, began, answered: answered.filter(has_been), ended: Some(ended).filter(has_been) }
    }

    /// The calling party's account and number, without `+`.
    pub fn caller(&self) -> (&'static str, &'static str) {
        side(self.from)
    }

    /// The called party's account and number, without `+`.
    pub fn called(&self) -> (&'static str, &'static str) {
        side(self.to)
    }

    /// The address that it comes from.
    pub fn source(&self) -> &'static str {
        if PARTIES[self.from].2.is_some() { "198.51.100.1" } else { "192.0.2.1" }
    }

    /// The whole minutes at which it is active, up to the present.
    pub fn minutes(&self) -> impl Iterator<Item = i64> {
        let end = self.ended.unwrap_or(1);
        -(-self.began).div_euclid(MINUTE)..-(-end).div_euclid(MINUTE)
    }

    /// Whole seconds of talk at an instant; `None` before the answer.
    pub fn seconds(&self, at: i64) -> Option<i64> {
        let answered = self.answered.filter(|answered| *answered <= at)?;
        Some((at - answered + 500_000).div_euclid(1_000_000))
    }

    /// What the office pays at an instant: a minute at 0.06, steps of 6 s at 0.03 a minute, fee 0.01, VAT 20 %.
    /// Calls inside have no price.
    pub fn office_price(&self, at: i64) -> Option<Decimal> {
        let price = |seconds: i64| Decimal::new(840 + 36 * ((seconds - 60).max(0) + 5).div_euclid(6), 4);
        (self.called().0 != OFFICE).then(|| self.seconds(at).map(price).unwrap_or_default())
    }

    /// What the carrier is paid at an instant: 0.006 a minute, by the second, at least one.
    pub fn carrier_price(&self, at: i64) -> Decimal {
        self.seconds(at).map(|seconds| Decimal::new(seconds.max(1), 4)).unwrap_or_default()
    }
}

fn side(party: usize) -> (&'static str, &'static str) {
    let (account, number, _) = PARTIES[party];
    (account, number.trim_start_matches('+'))
}
