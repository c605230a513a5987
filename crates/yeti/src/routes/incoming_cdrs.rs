//! `/incoming-cdrs`: the calls that accounts took (contract yeti.md, 6.9 and 8.2).

use call::event::Side;
use history::{LegField, RateField, RecordField, query::SideFilter};

use crate::{
    records::{Record, SeenRecord, account, attribute, rec},
    resource::{
        Relationship, Resource,
        attribute::{Attribute, Kind},
        value::Value,
    },
};

/// A call that an account took.
pub struct IncomingCdr(SeenRecord);

const SIDE: Side = Side::Termination;

/// A field of the rate that the account is paid.
const fn rate(field: RateField) -> RecordField {
    RecordField::Rate(SIDE, field)
}

/// A field of the called party's leg.
const fn leg(field: LegField) -> RecordField {
    RecordField::Leg(SIDE, field)
}

impl Record for IncomingCdr {
    const SIDE: SideFilter = SideFilter::Terminated;

    fn new(seen: SeenRecord) -> Self {
        Self(seen)
    }

    fn seen(&self) -> &SeenRecord {
        &self.0
    }
}

impl Resource for IncomingCdr {
    const KIND: &'static str = "incoming-cdrs";
    const ID: &'static Attribute<Self> = &attribute("id", Kind::Integer, RecordField::Serial);
    const ATTRIBUTES: &'static [Attribute<Self>] = &[
        attribute("time-start", Kind::Time, RecordField::StartedAt),
        attribute("time-connect", Kind::Time, RecordField::AnsweredAt),
        attribute("time-end", Kind::Time, RecordField::EndedAt),
        attribute("duration", Kind::Integer, RecordField::ConnectedSeconds),
        attribute("success", Kind::Bool, RecordField::IsAnswered),
        attribute("dialpeer-initial-interval", Kind::Integer, rate(RateField::InitialInterval)),
        attribute("dialpeer-initial-rate", Kind::Decimal, rate(RateField::InitialRate)),
        attribute("dialpeer-next-interval", Kind::Integer, rate(RateField::NextInterval)),
        attribute("dialpeer-next-rate", Kind::Decimal, rate(RateField::NextRate)),
        attribute("dialpeer-fee", Kind::Decimal, rate(RateField::Fee)),
        attribute("dialpeer-prefix", Kind::Phone, rate(RateField::Prefix)),
        attribute("vendor-price", Kind::Decimal, RecordField::Price(SIDE)),
        attribute("vendor-duration", Kind::Integer, RecordField::BilledSeconds(SIDE)),
        attribute("src-name-out", Kind::Text, RecordField::CallerName),
        attribute("src-prefix-out", Kind::Phone, RecordField::CallerRouted),
        attribute("dst-prefix-out", Kind::Phone, RecordField::CalledRouted),
        attribute("src-prefix-routing", Kind::Phone, RecordField::CallerRouted),
        attribute("dst-prefix-routing", Kind::Phone, RecordField::CalledRouted),
        attribute("diversion-out", Kind::Text, leg(LegField::Diversion)),
        attribute("local-tag", Kind::Text, RecordField::Leg(Side::Origination, LegField::LocalTag)),
        attribute("legb-disconnect-code", Kind::Integer, leg(LegField::Code)),
        attribute("legb-disconnect-reason", Kind::Text, leg(LegField::Reason)),
        attribute("sign-term-ip", Kind::Text, leg(LegField::Address)),
        attribute("sign-term-port", Kind::Integer, leg(LegField::Port)),
        attribute("sign-term-transport-protocol-id", Kind::Integer, leg(LegField::Transport)),
        attribute("term-call-id", Kind::Text, leg(LegField::SipCallId)),
        attribute("legb-user-agent", Kind::Text, leg(LegField::UserAgent)),
        rec(),
        attribute("account-id", Kind::Uuid, RecordField::Account).filter_only(),
        Attribute::boolean("dialpeer-reverse-billing", |_: &Self| Value::Null).filter_only(),
    ];
    const RELATIONSHIPS: &'static [Relationship<Self>] = &[account()];
    const DEFAULT_SORT: &'static str = "-time-start";
}
