//! `/cdrs`: the calls that accounts sent (contract yeti.md, 6.9 and 8.1).

use std::sync::Arc;

use call::{AccountId, CallRecord, event::Side, party::Transport, rating::Rate, time::whole_seconds};
use history::{FoundRecord, LegField, RateField, RecordField, query::SideFilter};

use super::{
    accounts::AccountView,
    recording::{self, Recorded},
    resource::Listed,
};
use crate::yeti::{
    errors::Refusal,
    query::wanted::{Found, Wanted},
    records::{self, Record},
    request::ApiRequest,
    resource::{Relationship, Resource, attribute::Attribute, value::Value},
};

/// A call that an account sent.
pub struct Cdr {
    serial: u64,
    account: AccountId,
    record: Arc<CallRecord>,
    may_fetch_recordings: bool,
}

/// A field of the rate that the account pays.
const fn rate(field: RateField) -> RecordField {
    RecordField::Rate(Side::Origination, field)
}

/// A field of the caller's leg.
const fn leg(field: LegField) -> RecordField {
    RecordField::Leg(Side::Origination, field)
}

impl Resource for Cdr {
    const KIND: &'static str = "cdrs";
    const ID: &'static Attribute<Self> =
        &Attribute::integer("id", |cdr: &Self| cdr.serial.into()).stored(RecordField::Serial);
    const ATTRIBUTES: &'static [Attribute<Self>] = &[
        Attribute::time("time-start", |cdr: &Self| cdr.record.started_at.into())
            .stored(RecordField::StartedAt),
        Attribute::time("time-connect", |cdr: &Self| cdr.record.answered_at.into())
            .stored(RecordField::AnsweredAt),
        Attribute::time("time-end", |cdr: &Self| cdr.record.ended_at.into()).stored(RecordField::EndedAt),
        Attribute::integer("duration", |cdr: &Self| whole_seconds(cdr.record.connected()).into())
            .stored(RecordField::ConnectedSeconds),
        Attribute::boolean("success", |cdr: &Self| cdr.record.answered_at.is_some().into())
            .stored(RecordField::IsAnswered),
        Attribute::integer("destination-initial-interval", |cdr: &Self| {
            cdr.rate(|rate| rate.initial_interval.as_secs().into())
        })
        .stored(rate(RateField::InitialInterval)),
        Attribute::decimal("destination-initial-rate", |cdr: &Self| {
            cdr.rate(|rate| rate.initial_rate.into())
        })
        .stored(rate(RateField::InitialRate)),
        Attribute::integer("destination-next-interval", |cdr: &Self| {
            cdr.rate(|rate| rate.next_interval.as_secs().into())
        })
        .stored(rate(RateField::NextInterval)),
        Attribute::decimal("destination-next-rate", |cdr: &Self| cdr.rate(|rate| rate.next_rate.into()))
            .stored(rate(RateField::NextRate)),
        Attribute::decimal("destination-fee", |cdr: &Self| cdr.rate(|rate| rate.fee.into()))
            .stored(rate(RateField::Fee)),
        Attribute::decimal("customer-price", |cdr: &Self| {
            cdr.record.charge(Side::Origination).map(|charge| charge.price).into()
        })
        .stored(RecordField::Price(Side::Origination)),
        Attribute::integer("customer-duration", |cdr: &Self| {
            cdr.record.billed(Side::Origination).map(|length| length.as_secs()).into()
        })
        .stored(RecordField::BilledSeconds(Side::Origination)),
        Attribute::text("src-name-in", |cdr: &Self| cdr.record.caller_name.as_deref().into())
            .stored(RecordField::CallerName),
        Attribute::phone("src-prefix-in", |cdr: &Self| cdr.record.caller_received.as_str().into())
            .stored(RecordField::CallerReceived),
        Attribute::text("from-domain", |cdr: &Self| cdr.record.caller_leg.from_domain.as_deref().into())
            .stored(leg(LegField::FromDomain)),
        Attribute::phone("dst-prefix-in", |cdr: &Self| cdr.record.called_received.as_str().into())
            .stored(RecordField::CalledReceived),
        Attribute::text("to-domain", |cdr: &Self| cdr.record.caller_leg.to_domain.as_deref().into())
            .stored(leg(LegField::ToDomain)),
        Attribute::text("ruri-domain", |cdr: &Self| cdr.record.caller_leg.ruri_domain.as_deref().into())
            .stored(leg(LegField::RuriDomain)),
        Attribute::text("diversion-in", |cdr: &Self| cdr.record.caller_leg.diversion.as_deref().into())
            .stored(leg(LegField::Diversion)),
        Attribute::text("local-tag", |cdr: &Self| cdr.record.caller_leg.local_tag.as_deref().into())
            .stored(leg(LegField::LocalTag)),
        Attribute::integer("lega-disconnect-code", |cdr: &Self| {
            cdr.record.caller_leg.status.as_ref().map(|status| status.code).into()
        })
        .stored(leg(LegField::Code)),
        Attribute::text("lega-disconnect-reason", |cdr: &Self| {
            cdr.record.caller_leg.status.as_ref().map(|status| status.reason.as_ref()).into()
        })
        .stored(leg(LegField::Reason)),
        Attribute::integer("auth-orig-transport-protocol-id", |cdr: &Self| {
            cdr.record.caller_leg.transport.map(Transport::number).into()
        })
        .stored(leg(LegField::Transport)),
        Attribute::address("auth-orig-ip", |cdr: &Self| {
            cdr.record.caller_leg.address.map(|address| address.ip()).into()
        })
        .stored(leg(LegField::Address)),
        Attribute::integer("auth-orig-port", |cdr: &Self| {
            cdr.record.caller_leg.address.map(|address| address.port()).into()
        })
        .stored(leg(LegField::Port)),
        Attribute::phone("src-prefix-routing", |cdr: &Self| cdr.record.caller_routed.as_str().into())
            .stored(RecordField::CallerRouted),
        Attribute::phone("dst-prefix-routing", |cdr: &Self| cdr.record.called_routed.as_str().into())
            .stored(RecordField::CalledRouted),
        Attribute::text("destination-prefix", |cdr: &Self| cdr.rate(|rate| rate.prefix.as_str().into()))
            .stored(rate(RateField::Prefix)),
        Attribute::text("orig-call-id", |cdr: &Self| cdr.record.caller_leg.sip_call_id.as_deref().into())
            .stored(leg(LegField::SipCallId)),
        Attribute::text("lega-user-agent", |cdr: &Self| cdr.record.caller_leg.user_agent.as_deref().into())
            .stored(leg(LegField::UserAgent)),
        Attribute::boolean("rec", |cdr: &Self| (!cdr.recording().is_empty()).into()).sent_only(),
        Attribute::uuid("account-id", |_: &Self| Value::Null).stored(RecordField::Account).filter_only(),
        Attribute::decimal("customer-acc-vat", |cdr: &Self| cdr.rate(|rate| rate.vat.into()))
            .stored(rate(RateField::Vat))
            .filter_only(),
        Attribute::decimal("customer-price-no-vat", |_: &Self| Value::Null)
            .stored(RecordField::NetPrice(Side::Origination))
            .filter_only(),
        Attribute::boolean("destination-reverse-billing", |_: &Self| Value::Null).filter_only(),
        Attribute::text("pai-in", |_: &Self| Value::Null).filter_only(),
        Attribute::text("ppi-in", |_: &Self| Value::Null).filter_only(),
        Attribute::text("privacy-in", |_: &Self| Value::Null).filter_only(),
        Attribute::text("rpid-in", |_: &Self| Value::Null).filter_only(),
        Attribute::text("rpid-privacy-in", |_: &Self| Value::Null).filter_only(),
    ];
    const RELATIONSHIPS: &'static [Relationship<Self>] = &[Relationship {
        name: "account",
        kind: AccountView::KIND,
        follow: |cdr, known| known.account(cdr.account),
    }];
    const DEFAULT_SORT: &'static str = "-time-start";
}

impl Cdr {
    fn rate(&self, read: impl Fn(&Rate) -> Value) -> Value {
        self.record.rate(Side::Origination).map_or(Value::Null, read)
    }
}

impl Record for Cdr {
    const SIDE: SideFilter = SideFilter::Originated;

    fn of(found: FoundRecord, request: &ApiRequest) -> Self {
        let FoundRecord { account, serial, record } = found;
        Self { serial, account, record, may_fetch_recordings: request.client.profile.allows_recordings() }
    }
}

impl Recorded for Cdr {
    fn recording(&self) -> Vec<&str> {
        recording::of_account(&self.record, self.account, self.may_fetch_recordings)
    }
}

impl Listed for Cdr {
    async fn list(request: &ApiRequest, wanted: &Wanted<Self>) -> Result<Found<Self>, Refusal> {
        records::list(request, wanted).await
    }

    async fn find(request: &ApiRequest, id: &str) -> Result<Option<Self>, Refusal> {
        records::find(request, id).await
    }
}
