//! What a row says in each field.

use std::{borrow::Cow, time::Duration};

use call::{
    AccountId, AccountRow, CallRecord, Number,
    event::Side,
    rating::Rate,
    record::{LegFacts, Own},
    state::Sides,
    time::whole_seconds,
};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::layout::Column;
use crate::{
    bits::Bits,
    query::{LegField, RateField, RecordField},
    scaled, stored,
};

/// What an account has of a call, with the serial number of the row.
pub(crate) struct Row<'a> {
    row: &'a AccountRow<&'a CallRecord>,
    serial: i64,
    own: Own<'a>,
}

/// A value, as it is compared: flags as 0 and 1, instants and lengths in microseconds, prices in millionths.
pub(crate) enum Cell<'a> {
    /// A whole number, and what is one when it is stored.
    Number(i64),
    /// A decimal as it is.
    Amount(Decimal),
    /// A text.
    Text(Cow<'a, str>),
    /// A call's id.
    Uuid(Uuid),
}

impl<'a> Row<'a> {
    pub(crate) fn new(row: &'a AccountRow<&'a CallRecord>, serial: i64) -> Self {
        Self { row, serial, own: row.call.own_of(row.owner.account) }
    }

    /// What it says in `column`.
    pub(super) fn value(&self, column: Column) -> Option<Cell<'a>> {
        let record = self.row.call;
        match column {
            Column::Field(field) => self.cell(field),
            Column::Sides => Some(Cell::Number(Bits::of(self.row).0)),
            Column::Part => Some(count(self.row.part.into())),
            Column::Ahead => ahead(&self.row.ahead),
            Column::OtherAccount => self.row.other.map(|other| Cell::Number(other.0.into())),
            Column::Country(Side::Origination) => record.caller_country.map(|code| count(code.into())),
            Column::Country(Side::Termination) => record.called_country.map(|code| count(code.into())),
            Column::Rate(side) => record.rate(side).map(whole_rate),
        }
    }

    /// What it says in `field`. What accounts note about calls is no part of it.
    pub(super) fn cell(&self, field: RecordField) -> Option<Cell<'a>> {
        let (record, times) = (self.row.call, &self.row.call.times);
        Some(match field {
            RecordField::CallId => Cell::Uuid(*record.call_id.as_uuid()),
            RecordField::Serial => Cell::Number(self.serial),
            RecordField::Account => Cell::Number(self.row.owner.account.0.into()),
            RecordField::Center => Cell::Number(self.row.owner.center?.0.into()),
            RecordField::StartedAt => Cell::Number(record.started_at.as_micros()),
            RecordField::AnsweredAt => Cell::Number(record.answered_at?.as_micros()),
            RecordField::EndedAt => Cell::Number(record.ended_at.as_micros()),
            RecordField::IsAnswered => flag(record.answered_at.is_some()),
            RecordField::IsOutbound => flag(self.row.sides.is_outbound()),
            RecordField::Total => length(record.ended_at.since(record.started_at)),
            RecordField::Connected => length(record.connected()),
            RecordField::ConnectedSeconds => count(whole_seconds(record.connected())),
            RecordField::Wait => length(times.pdd + times.ring),
            RecordField::Talk => length(times.talk),
            RecordField::Hold => length(times.hold),
            RecordField::Transfer => length(times.transfer),
            RecordField::HoldCount => count(record.hold_count.into()),
            RecordField::RecordingCount => count(record.recordings.len() as u64),
            RecordField::CallerReceived => text(record.caller_received.as_str()),
            RecordField::CallerRouted => text(record.caller_routed.as_str()),
            RecordField::CallerName => text(record.caller_name.as_deref()?),
            RecordField::CalledReceived => text(record.called_received.as_str()),
            RecordField::CalledRouted => text(record.called_routed.as_str()),
            RecordField::AnsweredBy => text(self.own.answered_by()?),
            RecordField::TransferredToNumber => text(self.own.transferred_to_number().map(Number::as_str)?),
            RecordField::TransferredToName => text(self.own.transferred_to_name()?),
            RecordField::ScreenPop => text(self.own.screen_pop()?),
            RecordField::Price(side) => Cell::Number(scaled::stored_price(record.charge(side)?.price)),
            RecordField::NetPrice(side) => Cell::Number(net_price(record, side)?),
            RecordField::BilledSeconds(side) => count(record.billed(side)?.as_secs()),
            RecordField::Rate(side, field) => of_rate(record.rate(side)?, field),
            RecordField::Leg(side, field) => return of_leg(record.leg(side)?, field),
            RecordField::Quality(side, field) => {
                Cell::Number(field.of(record.leg(side)?.quality.as_deref()?)?)
            }
            RecordField::Notes | RecordField::IsFlagged | RecordField::FlagNotes | RecordField::Work => {
                return None;
            }
        })
    }
}

fn ahead(ahead: &[(AccountId, Sides)]) -> Option<Cell<'static>> {
    let ahead: Vec<_> = ahead.iter().map(|(account, sides)| (account.0, Bits::of_sides(*sides))).collect();
    ahead_text(&ahead).map(|text| Cell::Text(text.into()))
}

/// Accounts and their sides, as `account:sides`, comma-joined; `None` if there are none.
pub(crate) fn ahead_text(ahead: &[(u32, i64)]) -> Option<String> {
    let listed = ahead.iter().map(|(account, sides)| format!("{account}:{sides}"));
    (!ahead.is_empty()).then(|| listed.collect::<Vec<_>>().join(","))
}

/// What [`ahead_text`] has written.
pub(super) fn read_ahead(text: &str) -> impl Iterator<Item = (AccountId, i64)> {
    text.split(',').filter_map(|pair| {
        let (account, sides) = pair.split_once(':')?;
        Some((AccountId(account.parse().ok()?), sides.parse().ok()?))
    })
}

fn whole_rate(rate: &Rate) -> Cell<'static> {
    let mut json = Vec::new();
    stored::write_rate(rate, &mut json);
    Cell::Text(String::from_utf8_lossy(&json).into_owned().into())
}

fn flag(yes: bool) -> Cell<'static> {
    Cell::Number(yes.into())
}

fn count(number: u64) -> Cell<'static> {
    Cell::Number(i64::try_from(number).unwrap_or(i64::MAX))
}

fn length(length: Duration) -> Cell<'static> {
    Cell::Number(scaled::stored_length(length))
}

fn text(text: &str) -> Cell<'_> {
    Cell::Text(text.into())
}

/// The price without VAT.
fn net_price(record: &CallRecord, side: Side) -> Option<i64> {
    let net = Rate { vat: Decimal::ZERO, ..record.rate(side)?.clone() };
    let charge = match record.answered_at {
        Some(_) => net.charge(record.connected()),
        None => net.attempt_charge(),
    };
    Some(scaled::stored_price(charge.price))
}

/// What a rate says.
pub(super) fn of_rate(rate: &Rate, field: RateField) -> Cell<'_> {
    match field {
        RateField::Prefix => text(&rate.prefix),
        RateField::InitialInterval => count(rate.initial_interval.as_secs()),
        RateField::InitialRate => Cell::Amount(rate.initial_rate),
        RateField::NextInterval => count(rate.next_interval.as_secs()),
        RateField::NextRate => Cell::Amount(rate.next_rate),
        RateField::Fee => Cell::Amount(rate.fee),
        RateField::Vat => Cell::Amount(rate.vat),
    }
}

/// What SIP said on a leg.
pub(super) fn of_leg(leg: &LegFacts, field: LegField) -> Option<Cell<'_>> {
    Some(match field {
        LegField::Code => count(leg.status.as_ref()?.code.into()),
        LegField::Reason => text(&leg.status.as_ref()?.reason),
        LegField::Address => Cell::Text(leg.address?.ip().to_string().into()),
        LegField::Port => count(leg.address?.port().into()),
        LegField::Transport => Cell::Number(leg.transport?.number().into()),
        LegField::SipCallId => text(leg.sip_call_id.as_deref()?),
        LegField::LocalTag => text(leg.local_tag.as_deref()?),
        LegField::UserAgent => text(leg.user_agent.as_deref()?),
        LegField::FromDomain => text(leg.from_domain.as_deref()?),
        LegField::ToDomain => text(leg.to_domain.as_deref()?),
        LegField::RuriDomain => text(leg.ruri_domain.as_deref()?),
        LegField::Diversion => text(leg.diversion.as_deref()?),
        LegField::Asserted => text(leg.identity.as_ref()?.asserted.as_deref()?),
        LegField::Preferred => text(leg.identity.as_ref()?.preferred.as_deref()?),
        LegField::Privacy => text(leg.identity.as_ref()?.privacy.as_deref()?),
        LegField::RemoteParty => text(leg.identity.as_ref()?.remote_party.as_deref()?),
        LegField::RemotePartyPrivacy => text(leg.identity.as_ref()?.remote_party_privacy.as_deref()?),
    })
}
