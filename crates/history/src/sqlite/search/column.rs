//! Which column, or expression over columns, a field of a record is.

use std::borrow::Cow;

use call::event::Side;

pub(super) use crate::columns::Kind;
use crate::{
    columns::kind,
    query::{LegField, RateField, RecordField},
};

/// A column.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) kind: Kind,
    /// What to test.
    pub(super) sql: Cow<'static, str>,
    /// What to sort by.
    pub(super) order: Cow<'static, str>,
    /// If what is tested lies in the table of rates: the column with the number of the call's rate.
    pub(super) rate: Option<&'static str>,
    /// Whether a record may have no value.
    pub(super) is_nullable: bool,
}

/// A call's id, which parts of the call share.
pub(super) const CALL_ID: &str = "substr(call_id, 1, 16)";

/// A call's id as text.
const CALL_ID_TEXT: &str = "lower(substr(hex(call_id), 1, 8) || '-' || substr(hex(call_id), 9, 4) || '-' || \
                            substr(hex(call_id), 13, 4) || '-' || substr(hex(call_id), 17, 4) || '-' || \
                            substr(hex(call_id), 21, 12))";

/// Columns that always have a value: for them an index gives the order.
const NEVER_NULL: [&str; 13] = [
    CALL_ID_TEXT,
    "call",
    "account_id",
    "started_at",
    "ended_at",
    "wait",
    "talk",
    "hold",
    "transfer",
    "hold_count",
    "recordings",
    "caller_received",
    "caller_routed",
];

/// A column of what the account noted about the call.
macro_rules! noted {
    ($column:literal) => {
        concat!(
            "(SELECT ",
            $column,
            " FROM annotations WHERE annotations.call_id = substr(account_calls.call_id, 1, 16) \
             AND annotations.account_id = account_calls.account_id)"
        )
    };
}

/// The one place that knows where a field lies.
pub(super) fn column(field: RecordField) -> Column {
    let column = place_of(field);
    let never_null = column.rate.is_none() && NEVER_NULL.contains(&&*column.sql);
    Column { is_nullable: !never_null, ..column }
}

fn place_of(field: RecordField) -> Column {
    use Kind::{Bool, Int, Length, Text, Time};
    let (kind, sql) = match field {
        RecordField::CallId => {
            return Column {
                kind: Text,
                sql: CALL_ID_TEXT.into(),
                order: CALL_ID.into(),
                rate: None,
                is_nullable: false,
            };
        }
        RecordField::Serial => (Int, "iif(sides < 16, call, serial(call, call_id))"),
        RecordField::Account => (Int, "account_id"),
        RecordField::Center => (Int, "center_id"),
        RecordField::StartedAt => (Time, "started_at"),
        RecordField::AnsweredAt => (Time, "answered_at"),
        RecordField::EndedAt => (Time, "ended_at"),
        RecordField::IsAnswered => (Bool, "(answered_at IS NOT NULL)"),
        RecordField::IsOutbound => (Bool, "(sides & 1)"),
        RecordField::Total => (Length, "(ended_at - started_at)"),
        RecordField::Connected => (Length, "max(ended_at - coalesce(answered_at, ended_at), 0)"),
        RecordField::ConnectedSeconds => {
            (Int, "((max(ended_at - coalesce(answered_at, ended_at), 0) + 500000) / 1000000)")
        }
        RecordField::Wait => (Length, "wait"),
        RecordField::Talk => (Length, "talk"),
        RecordField::Hold => (Length, "hold"),
        RecordField::Transfer => (Length, "transfer"),
        RecordField::HoldCount => (Int, "hold_count"),
        RecordField::RecordingCount => (Int, "recordings"),
        RecordField::CallerReceived => (Text, "caller_received"),
        RecordField::CallerRouted => (Text, "caller_routed"),
        RecordField::CallerName => (Text, "caller_name"),
        RecordField::CalledReceived => (Text, "called_received"),
        RecordField::CalledRouted => (Text, "called_routed"),
        RecordField::AnsweredBy => (Text, "answered_by"),
        RecordField::TransferredToNumber => (Text, "transferred_to_number"),
        RecordField::TransferredToName => (Text, "transferred_to_name"),
        RecordField::ScreenPop => (Text, "screen_pop"),
        RecordField::Notes => (Text, noted!("notes")),
        RecordField::IsFlagged => (Bool, concat!("coalesce(", noted!("is_flagged"), ", 0)")),
        RecordField::FlagNotes => (Text, noted!("flag_notes")),
        RecordField::Work => (Length, concat!("coalesce(", noted!("work"), ", 0)")),
        RecordField::Price(Side::Origination) => (Kind::Price, "origination_price"),
        RecordField::Price(Side::Termination) => (Kind::Price, "termination_price"),
        RecordField::NetPrice(side) => return charged(Kind::Price, "net_price", side),
        RecordField::BilledSeconds(side) => return charged(Int, "billed_seconds", side),
        RecordField::Rate(side, field) => return of_rate(side, field),
        RecordField::Leg(side, field) => return of_leg(side, field),
        RecordField::Quality(side, of) => return part_of_leg(kind(field), side, of.name()),
    };
    plain(kind, sql)
}

fn plain(kind: Kind, sql: impl Into<Cow<'static, str>>) -> Column {
    let sql = sql.into();
    Column { kind, order: sql.clone(), sql, rate: None, is_nullable: true }
}

/// The column with the number of the rate of a side.
fn rate_of(side: Side) -> &'static str {
    match side {
        Side::Origination => "origination_rate",
        Side::Termination => "termination_rate",
    }
}

/// What the rate of a side makes of the time from the answer to the end.
fn charged(kind: Kind, function: &str, side: Side) -> Column {
    let rate = rate_of(side);
    let connected = "max(ended_at - answered_at, 0)";
    plain(kind, format!("(SELECT {function}(format, rate, {connected}) FROM rates WHERE id = {rate})"))
}

/// Tests are made on the table of rates, which is small; a row of a call then only has to name one of those
/// that pass.
fn of_rate(side: Side, field: RateField) -> Column {
    let (kind, name) = match field {
        RateField::Prefix => (Kind::Text, "prefix"),
        RateField::InitialInterval => (Kind::Int, "initial_interval"),
        RateField::InitialRate => (Kind::Amount, "initial_rate"),
        RateField::NextInterval => (Kind::Int, "next_interval"),
        RateField::NextRate => (Kind::Amount, "next_rate"),
        RateField::Fee => (Kind::Amount, "fee"),
        RateField::Vat => (Kind::Amount, "vat"),
    };
    let rate = rate_of(side);
    let part = format!("rate_part(format, rate, '{name}')");
    let order = format!("(SELECT {part} FROM rates WHERE id = {rate})").into();
    let sql = if kind == Kind::Amount { format!("{part} COLLATE decimal") } else { part }.into();
    Column { kind, sql, order, rate: Some(rate), is_nullable: true }
}

/// What has no column of its own is read out of the record.
fn of_leg(side: Side, field: LegField) -> Column {
    let (kind, name) = match (field, side) {
        (LegField::Code, Side::Origination) => return plain(Kind::Int, "caller_code"),
        (LegField::Code, Side::Termination) => return plain(Kind::Int, "called_code"),
        (LegField::Address, Side::Origination) => return plain(Kind::Text, "caller_address"),
        (LegField::SipCallId, Side::Origination) => return plain(Kind::Text, "sip_call_id"),
        (LegField::Address, Side::Termination) => (Kind::Text, "address"),
        (LegField::SipCallId, Side::Termination) => (Kind::Text, "sip_call_id"),
        (LegField::Reason, _) => (Kind::Text, "reason"),
        (LegField::Port, _) => (Kind::Int, "port"),
        (LegField::Transport, _) => (Kind::Int, "transport"),
        (LegField::LocalTag, _) => (Kind::Text, "local_tag"),
        (LegField::UserAgent, _) => (Kind::Text, "user_agent"),
        (LegField::FromDomain, _) => (Kind::Text, "from_domain"),
        (LegField::ToDomain, _) => (Kind::Text, "to_domain"),
        (LegField::RuriDomain, _) => (Kind::Text, "ruri_domain"),
        (LegField::Diversion, _) => (Kind::Text, "diversion"),
        (LegField::Asserted, _) => (Kind::Text, "asserted"),
        (LegField::Preferred, _) => (Kind::Text, "preferred"),
        (LegField::Privacy, _) => (Kind::Text, "privacy"),
        (LegField::RemoteParty, _) => (Kind::Text, "remote_party"),
        (LegField::RemotePartyPrivacy, _) => (Kind::Text, "remote_party_privacy"),
    };
    part_of_leg(kind, side, name)
}

fn part_of_leg(kind: Kind, side: Side, name: &str) -> Column {
    let leg = match side {
        Side::Origination => "caller",
        Side::Termination => "called",
    };
    let part = format!("leg_part(format, record, account_calls.call_id, '{leg}', '{name}')");
    plain(kind, format!("(SELECT {part} FROM calls WHERE id = call)"))
}
