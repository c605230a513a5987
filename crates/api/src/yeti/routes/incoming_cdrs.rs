//! `/incoming-cdrs`: the calls that accounts took (contract yeti.md, 6.9 and 8.2).

use std::sync::Arc;

use call::{
    AccountId, CallRecord, event::Side, party::Transport, rating::Rate, record::LegFacts, time::whole_seconds,
};
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

/// A call that an account took.
pub struct IncomingCdr {
    serial: u64,
    account: AccountId,
    record: Arc<CallRecord>,
    may_fetch_recordings: bool,
}

/// A field of the rate that the account is paid.
const fn rate(field: RateField) -> RecordField {
    RecordField::Rate(Side::Termination, field)
}

/// A field of the called party's leg.
const fn leg(field: LegField) -> RecordField {
    RecordField::Leg(Side::Termination, field)
}

impl Resource for IncomingCdr {
    const KIND: &'static str = "incoming-cdrs";
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
        Attribute::integer("dialpeer-initial-interval", |cdr: &Self| {
            cdr.rate(|rate| rate.initial_interval.as_secs().into())
        })
        .stored(rate(RateField::InitialInterval)),
        Attribute::decimal("dialpeer-initial-rate", |cdr: &Self| cdr.rate(|rate| rate.initial_rate.into()))
            .stored(rate(RateField::InitialRate)),
        Attribute::integer("dialpeer-next-interval", |cdr: &Self| {
            cdr.rate(|rate| rate.next_interval.as_secs().into())
        })
        .stored(rate(RateField::NextInterval)),
        Attribute::decimal("dialpeer-next-rate", |cdr: &Self| cdr.rate(|rate| rate.next_rate.into()))
            .stored(rate(RateField::NextRate)),
        Attribute::decimal("dialpeer-fee", |cdr: &Self| cdr.rate(|rate| rate.fee.into()))
            .stored(rate(RateField::Fee)),
        Attribute::text("dialpeer-prefix", |cdr: &Self| cdr.rate(|rate| rate.prefix.as_str().into()))
            .stored(rate(RateField::Prefix)),
        Attribute::decimal("vendor-price", |cdr: &Self| {
            cdr.record.charge(Side::Termination).map(|charge| charge.price).into()
        })
        .stored(RecordField::Price(Side::Termination)),
        Attribute::integer("vendor-duration", |cdr: &Self| {
            cdr.record.billed(Side::Termination).map(|length| length.as_secs()).into()
        })
        .stored(RecordField::BilledSeconds(Side::Termination)),
        Attribute::text("src-name-out", |cdr: &Self| cdr.record.caller_name.as_deref().into())
            .stored(RecordField::CallerName),
        Attribute::phone("src-prefix-out", |cdr: &Self| cdr.record.caller_routed.as_str().into())
            .stored(RecordField::CallerRouted),
        Attribute::phone("dst-prefix-out", |cdr: &Self| cdr.record.called_routed.as_str().into())
            .stored(RecordField::CalledRouted),
        Attribute::phone("src-prefix-routing", |cdr: &Self| cdr.record.caller_routed.as_str().into())
            .stored(RecordField::CallerRouted),
        Attribute::phone("dst-prefix-routing", |cdr: &Self| cdr.record.called_routed.as_str().into())
            .stored(RecordField::CalledRouted),
        Attribute::text("diversion-out", |cdr: &Self| cdr.leg(|leg| leg.diversion.as_deref().into()))
            .stored(leg(LegField::Diversion)),
        Attribute::text("local-tag", |cdr: &Self| cdr.record.caller_leg.local_tag.as_deref().into())
            .stored(RecordField::Leg(Side::Origination, LegField::LocalTag)),
        Attribute::integer("legb-disconnect-code", |cdr: &Self| {
            cdr.leg(|leg| leg.status.as_ref().map(|status| status.code).into())
        })
        .stored(leg(LegField::Code)),
        Attribute::text("legb-disconnect-reason", |cdr: &Self| {
            cdr.leg(|leg| leg.status.as_ref().map(|status| status.reason.as_ref()).into())
        })
        .stored(leg(LegField::Reason)),
        Attribute::text("sign-term-ip", |cdr: &Self| {
            cdr.leg(|leg| leg.address.map(|address| address.ip().to_string()).into())
        })
        .stored(leg(LegField::Address)),
        Attribute::integer("sign-term-port", |cdr: &Self| {
            cdr.leg(|leg| leg.address.map(|address| address.port()).into())
        })
        .stored(leg(LegField::Port)),
        Attribute::integer("sign-term-transport-protocol-id", |cdr: &Self| {
            cdr.leg(|leg| leg.transport.map(Transport::number).into())
        })
        .stored(leg(LegField::Transport)),
        Attribute::text("term-call-id", |cdr: &Self| cdr.leg(|leg| leg.sip_call_id.as_deref().into()))
            .stored(leg(LegField::SipCallId)),
        Attribute::text("legb-user-agent", |cdr: &Self| cdr.leg(|leg| leg.user_agent.as_deref().into()))
            .stored(leg(LegField::UserAgent)),
        Attribute::boolean("rec", |cdr: &Self| (!cdr.recording().is_empty()).into()).sent_only(),
        Attribute::uuid("account-id", |_: &Self| Value::Null).stored(RecordField::Account).filter_only(),
        Attribute::boolean("dialpeer-reverse-billing", |_: &Self| Value::Null).filter_only(),
    ];
    const RELATIONSHIPS: &'static [Relationship<Self>] = &[Relationship {
        name: "account",
        kind: AccountView::KIND,
        follow: |cdr, known| known.account(cdr.account),
    }];
    const DEFAULT_SORT: &'static str = "-time-start";
}

impl IncomingCdr {
    fn rate(&self, read: impl Fn(&Rate) -> Value) -> Value {
        self.record.rate(Side::Termination).map_or(Value::Null, read)
    }

    fn leg(&self, read: impl Fn(&LegFacts) -> Value) -> Value {
        self.record.called_leg.as_ref().map_or(Value::Null, read)
    }
}

impl Record for IncomingCdr {
    const SIDE: SideFilter = SideFilter::Terminated;

    fn of(found: FoundRecord, request: &ApiRequest) -> Self {
        let FoundRecord { account, serial, record } = found;
        Self { serial, account, record, may_fetch_recordings: request.client.profile.allows_recordings() }
    }
}

impl Recorded for IncomingCdr {
    fn recording(&self) -> Vec<&str> {
        recording::of_account(&self.record, self.account, self.may_fetch_recordings)
    }
}

impl Listed for IncomingCdr {
    async fn list(request: &ApiRequest, wanted: &Wanted<Self>) -> Result<Found<Self>, Refusal> {
        records::list(request, wanted).await
    }

    async fn find(request: &ApiRequest, id: &str) -> Result<Option<Self>, Refusal> {
        records::find(request, id).await
    }
}
