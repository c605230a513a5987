//! What a call has cost an account so far.

use rust_decimal::Decimal;

use super::Call;
use crate::{
    event::Side,
    id::AccountId,
    time::{Timestamp, whole_seconds},
};

/// What a part of a live call has cost whoever sends it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CostSoFar {
    /// With VAT, as the record would have it if the call ended now.
    pub price: Decimal,
    /// From the answer on.
    pub seconds: u64,
    /// Whether a part of it goes on that costs something.
    pub goes_on: bool,
}

impl Call {
    /// What the call and its parts have cost `account`, which sends them, at `now`; of a call that costs nothing,
    /// nothing. What was not answered yet costs what it would if nobody answered.
    pub fn cost_so_far(&self, account: AccountId, now: Timestamp) -> CostSoFar {
        let rows = self.rows();
        let sent = rows.iter().filter(|row| row.owner.account == account && row.sides.originates());
        sent.fold(CostSoFar::default(), |sum, row| {
            let Some(rate) = row.call.routed().and_then(|routed| routed.rate(Side::Origination)) else {
                return sum;
            };
            if rate.is_free() {
                return sum;
            }
            let until = if row.call.is_over() { row.call.timeline().until() } else { now };
            let talked = row.call.answered_at().map(|answered_at| until.since(answered_at));
            let charge = talked.map_or_else(|| rate.attempt_charge(), |talked| rate.charge(talked));
            CostSoFar {
                price: sum.price.saturating_add(charge.price),
                seconds: sum.seconds + talked.map_or(0, whole_seconds),
                goes_on: sum.goes_on || !row.call.is_over(),
            }
        })
    }
}
