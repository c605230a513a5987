//! What calls cost those who send them, and whom that is held against.

use rust_decimal::Decimal;

use crate::{
    event::Side,
    id::{AccountId, DeviceId},
    record::{CallRecord, LegRecord},
    row::AccountRow,
    state::Call,
    time::{Timestamp, whole_seconds},
};

/// Who is held to bounds of what calls cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Payer {
    /// An account, for all that it sends.
    Account(AccountId),
    /// One of its phones, for what that sends.
    Device(DeviceId),
}

/// What a call, or a part of one, costs whoever sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// The account that sends it.
    pub account: AccountId,
    /// The phone of that account that does; `None` if none does, or it is not known which.
    pub device: Option<DeviceId>,
    /// When it began.
    pub started_at: Timestamp,
    /// With VAT, as the record has it, or would if the call ended now.
    pub price: Decimal,
    /// From the answer on.
    pub seconds: u64,
    /// Whether it goes on.
    pub goes_on: bool,
}

impl Cost {
    /// Whom it is held against.
    pub fn payers(&self) -> impl Iterator<Item = Payer> {
        std::iter::once(Payer::Account(self.account)).chain(self.device.map(Payer::Device))
    }
}

impl Call {
    /// What the call and its parts have cost so far whoever sends them, but for what is free. What was not answered
    /// yet costs what it would if nobody answered.
    pub fn costs(&self, now: Timestamp) -> Vec<Cost> {
        let rows = self.rows();
        rows.iter().filter(|row| row.sides.originates()).filter_map(|row| cost_so_far(row, now)).collect()
    }
}

fn cost_so_far(row: &AccountRow<std::borrow::Cow<'_, Call>>, now: Timestamp) -> Option<Cost> {
    let call = &row.call;
    let rate = call.routed()?.rate(Side::Origination).filter(|rate| !rate.is_free())?;
    let until = if call.is_over() { call.timeline().until() } else { now };
    let talked = call.answered_at().map(|answered_at| until.since(answered_at));
    let charge = talked.map_or_else(|| rate.attempt_charge(), |talked| rate.charge(talked));
    let leg = call.caller_leg().filter(|leg| leg.offer.owner.account == row.owner.account);
    Some(Cost {
        account: row.owner.account,
        device: leg.and_then(|leg| leg.offer.endpoint.device()),
        started_at: call.started_at(),
        price: charge.price,
        seconds: talked.map_or(0, whole_seconds),
        goes_on: !call.is_over(),
    })
}

impl CallRecord {
    /// What the call and its parts cost whoever sends them, but for what is free.
    pub fn costs(&self) -> Vec<Cost> {
        let rows = self.rows();
        rows.iter()
            .filter(|row| row.sides.originates())
            .filter_map(|row| row.call.cost(row.owner.account))
            .collect()
    }

    /// What this costs an account as its sender, its parts left out; `None` if it is free.
    pub fn cost(&self, account: AccountId) -> Option<Cost> {
        let price = self
            .rate(Side::Origination)
            .filter(|rate| !rate.is_free())
            .and(self.charge(Side::Origination))?;
        Some(Cost {
            account,
            device: self
                .calling_leg()
                .filter(|leg| leg.owner.account == account)
                .and_then(|leg| leg.endpoint.device()),
            started_at: self.started_at,
            price: price.price,
            seconds: whole_seconds(self.connected()),
            goes_on: false,
        })
    }

    /// The calling party's leg: of several that were rung for it, the one that answered.
    fn calling_leg(&self) -> Option<&LegRecord> {
        let legs = || self.legs.iter().filter(|leg| leg.side == Side::Origination);
        let answered = legs().filter(|leg| leg.answered_at.is_some());
        answered.min_by_key(|leg| leg.answered_at).or_else(|| legs().next())
    }
}
