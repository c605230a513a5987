//! A record as one of its accounts sees it, and what its fields hold.

use std::sync::Arc;

use call::{
    AccountId, CallId,
    party::{CallerIdentity, Transport},
    rating::Rate,
    record::LegFacts,
    time::whole_seconds,
};
use history::{FoundRecord, LegField, RateField, RecordField};

use crate::{request::ApiRequest, resource::value::Value, routes::recording};

/// A record as it is shown to a client.
pub struct SeenRecord {
    found: FoundRecord,
    may_fetch_recordings: bool,
}

impl SeenRecord {
    /// As it is shown to the client of a request.
    pub fn new(found: FoundRecord, request: &ApiRequest) -> Self {
        Self { found, may_fetch_recordings: request.client.profile.allows_recordings() }
    }

    /// As it is sent to the account's own server.
    pub fn pushed(found: FoundRecord) -> Self {
        Self { found, may_fetch_recordings: true }
    }

    /// The call.
    pub fn call(&self) -> CallId {
        self.found.record.call_id
    }

    /// The account that it is seen from.
    pub fn account(&self) -> AccountId {
        self.found.account
    }

    /// Whether the caller's INVITE says anything of the caller besides From.
    pub fn is_identified(&self) -> bool {
        self.found.record.caller_leg.identity.is_some()
    }

    /// The files of the recording, in order; empty if there is none that the client may fetch.
    pub fn recording(&self) -> Vec<&str> {
        recording::of_account(&self.found.record, self.found.account, self.may_fetch_recordings)
    }

    /// What a field holds; nothing if no attribute shows it.
    pub fn value(&self, field: RecordField) -> Value {
        let record = &self.found.record;
        match field {
            RecordField::Serial => self.found.serial.into(),
            RecordField::StartedAt => record.started_at.into(),
            RecordField::AnsweredAt => record.answered_at.into(),
            RecordField::EndedAt => record.ended_at.into(),
            RecordField::IsAnswered => record.answered_at.is_some().into(),
            RecordField::ConnectedSeconds => whole_seconds(record.connected()).into(),
            RecordField::CallerReceived => record.caller_received.as_str().into(),
            RecordField::CallerRouted => record.caller_routed.as_str().into(),
            RecordField::CallerName => record.caller_name.as_deref().into(),
            RecordField::CalledReceived => record.called_received.as_str().into(),
            RecordField::CalledRouted => record.called_routed.as_str().into(),
            RecordField::Price(side) => record.charge(side).map(|charge| charge.price).into(),
            RecordField::BilledSeconds(side) => record.billed(side).map(|length| length.as_secs()).into(),
            RecordField::Rate(side, field) => record.rate(side).map(|rate| of_rate(rate, field)).into(),
            RecordField::Leg(side, field) => record.leg(side).map(|leg| of_leg(leg, field)).into(),
            // What no attribute shows; `account` is a relationship.
            RecordField::CallId
            | RecordField::Account
            | RecordField::Center
            | RecordField::IsOutbound
            | RecordField::Total
            | RecordField::Connected
            | RecordField::Wait
            | RecordField::Talk
            | RecordField::Hold
            | RecordField::Transfer
            | RecordField::HoldCount
            | RecordField::RecordingCount
            | RecordField::AnsweredBy
            | RecordField::TransferredToNumber
            | RecordField::TransferredToName
            | RecordField::ScreenPop
            | RecordField::NetPrice(_)
            | RecordField::Quality(..)
            | RecordField::Notes
            | RecordField::IsFlagged
            | RecordField::FlagNotes
            | RecordField::Work => Value::Null,
        }
    }
}

fn of_rate(rate: &Rate, field: RateField) -> Value {
    match field {
        RateField::Prefix => rate.prefix.as_str().into(),
        RateField::InitialInterval => rate.initial_interval.as_secs().into(),
        RateField::InitialRate => rate.initial_rate.into(),
        RateField::NextInterval => rate.next_interval.as_secs().into(),
        RateField::NextRate => rate.next_rate.into(),
        RateField::Fee => rate.fee.into(),
        RateField::Vat => rate.vat.into(),
    }
}

fn of_leg(leg: &LegFacts, field: LegField) -> Value {
    match field {
        LegField::Code => leg.status.as_ref().map(|status| status.code).into(),
        LegField::Reason => leg.status.as_ref().map(|status| status.reason.as_ref()).into(),
        LegField::Address => leg.address.map(|address| address.ip().to_canonical()).into(),
        LegField::Port => leg.address.map(|address| address.port()).into(),
        LegField::Transport => leg.transport.map(Transport::number).into(),
        LegField::SipCallId => leg.sip_call_id.as_deref().into(),
        LegField::LocalTag => leg.local_tag.as_deref().into(),
        LegField::UserAgent => leg.user_agent.as_deref().into(),
        LegField::FromDomain => leg.from_domain.as_deref().into(),
        LegField::ToDomain => leg.to_domain.as_deref().into(),
        LegField::RuriDomain => leg.ruri_domain.as_deref().into(),
        LegField::Diversion => leg.diversion.as_deref().into(),
        LegField::Asserted => said(leg, |identity| &identity.asserted),
        LegField::Preferred => said(leg, |identity| &identity.preferred),
        LegField::Privacy => said(leg, |identity| &identity.privacy),
        LegField::RemoteParty => said(leg, |identity| &identity.remote_party),
        LegField::RemotePartyPrivacy => said(leg, |identity| &identity.remote_party_privacy),
    }
}

/// What the INVITE says of the caller besides From.
fn said(leg: &LegFacts, what: fn(&CallerIdentity) -> &Option<Arc<str>>) -> Value {
    leg.identity.as_deref().and_then(|identity| what(identity).as_deref()).into()
}
