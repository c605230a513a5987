//! `/cdrs`: the calls that accounts sent (contract yeti.md, 6.9 and 8.1).

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

/// A call that an account sent.
pub struct Cdr(SeenRecord);

const SIDE: Side = Side::Origination;

/// A field of the rate that the account pays.
const fn rate(field: RateField) -> RecordField {
    RecordField::Rate(SIDE, field)
}

/// A field of the caller's leg.
const fn leg(field: LegField) -> RecordField {
    RecordField::Leg(SIDE, field)
}

/// What the INVITE says of the caller besides From. Yeti sends it of no record; it is sent of those that have it,
/// and where `fields` names it.
const fn said(name: &'static str, field: LegField) -> Attribute<Cdr> {
    attribute(name, Kind::Text, leg(field)).sent_if(|cdr: &Cdr| cdr.0.is_identified())
}

impl Record for Cdr {
    const SIDE: SideFilter = SideFilter::Originated;

    fn new(seen: SeenRecord) -> Self {
        Self(seen)
    }

    fn seen(&self) -> &SeenRecord {
        &self.0
    }
}

impl Resource for Cdr {
    const KIND: &'static str = "cdrs";
    const ID: &'static Attribute<Self> = &attribute("id", Kind::Integer, RecordField::Serial);
    const ATTRIBUTES: &'static [Attribute<Self>] = &[
        attribute("time-start", Kind::Time, RecordField::StartedAt),
        attribute("time-connect", Kind::Time, RecordField::AnsweredAt),
        attribute("time-end", Kind::Time, RecordField::EndedAt),
        attribute("duration", Kind::Integer, RecordField::ConnectedSeconds),
        attribute("success", Kind::Bool, RecordField::IsAnswered),
        attribute("destination-initial-interval", Kind::Integer, rate(RateField::InitialInterval)),
        attribute("destination-initial-rate", Kind::Decimal, rate(RateField::InitialRate)),
        attribute("destination-next-interval", Kind::Integer, rate(RateField::NextInterval)),
        attribute("destination-next-rate", Kind::Decimal, rate(RateField::NextRate)),
        attribute("destination-fee", Kind::Decimal, rate(RateField::Fee)),
        attribute("customer-price", Kind::Decimal, RecordField::Price(SIDE)),
        attribute("customer-duration", Kind::Integer, RecordField::BilledSeconds(SIDE)),
        attribute("src-name-in", Kind::Text, RecordField::CallerName),
        attribute("src-prefix-in", Kind::Phone, RecordField::CallerReceived),
        attribute("from-domain", Kind::Text, leg(LegField::FromDomain)),
        attribute("dst-prefix-in", Kind::Phone, RecordField::CalledReceived),
        attribute("to-domain", Kind::Text, leg(LegField::ToDomain)),
        attribute("ruri-domain", Kind::Text, leg(LegField::RuriDomain)),
        attribute("diversion-in", Kind::Text, leg(LegField::Diversion)),
        attribute("local-tag", Kind::Text, leg(LegField::LocalTag)),
        attribute("lega-disconnect-code", Kind::Integer, leg(LegField::Code)),
        attribute("lega-disconnect-reason", Kind::Text, leg(LegField::Reason)),
        attribute("auth-orig-transport-protocol-id", Kind::Integer, leg(LegField::Transport)),
        attribute("auth-orig-ip", Kind::Address, leg(LegField::Address)),
        attribute("auth-orig-port", Kind::Integer, leg(LegField::Port)),
        attribute("src-prefix-routing", Kind::Phone, RecordField::CallerRouted),
        attribute("dst-prefix-routing", Kind::Phone, RecordField::CalledRouted),
        attribute("destination-prefix", Kind::Phone, rate(RateField::Prefix)),
        attribute("orig-call-id", Kind::Text, leg(LegField::SipCallId)),
        attribute("lega-user-agent", Kind::Text, leg(LegField::UserAgent)),
        rec(),
        attribute("account-id", Kind::Uuid, RecordField::Account).filter_only(),
        attribute("customer-acc-vat", Kind::Decimal, rate(RateField::Vat)).filter_only(),
        attribute("customer-price-no-vat", Kind::Decimal, RecordField::NetPrice(SIDE)).filter_only(),
        Attribute::boolean("destination-reverse-billing", |_: &Self| Value::Null).filter_only(),
        said("pai-in", LegField::Asserted),
        said("ppi-in", LegField::Preferred),
        said("privacy-in", LegField::Privacy),
        said("rpid-in", LegField::RemoteParty),
        said("rpid-privacy-in", LegField::RemotePartyPrivacy),
    ];
    const RELATIONSHIPS: &'static [Relationship<Self>] = &[account()];
    const DEFAULT_SORT: &'static str = "-time-start";
}
