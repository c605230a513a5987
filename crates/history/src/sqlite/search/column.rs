//! Which column, or expression over columns, a field of a record is.

use crate::query::RecordField;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Int,
    Bool,
    Time,
    Length,
    Decimal,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) kind: Kind,
    /// What to test.
    pub(super) sql: &'static str,
    /// What to sort by.
    pub(super) order: &'static str,
}

/// A call's id as text.
const CALL_ID_TEXT: &str = "lower(substr(hex(call_id), 1, 8) || '-' || substr(hex(call_id), 9, 4) || '-' || \
                            substr(hex(call_id), 13, 4) || '-' || substr(hex(call_id), 17, 4) || '-' || \
                            substr(hex(call_id), 21))";

/// A column of what the account noted about the call.
macro_rules! noted {
    ($column:literal) => {
        concat!(
            "(SELECT ",
            $column,
            " FROM annotations WHERE annotations.call_id = account_calls.call_id \
             AND annotations.account_id = account_calls.account_id)"
        )
    };
}

/// The one place that knows where a field lies.
pub(super) fn column(field: RecordField) -> Column {
    use Kind::{Bool, Decimal, Int, Length, Text, Time};
    let (kind, sql) = match field {
        RecordField::CallId => return Column { kind: Text, sql: CALL_ID_TEXT, order: "call_id" },
        RecordField::Account => (Int, "account_id"),
        RecordField::Center => (Int, "center_id"),
        RecordField::StartedAt => (Time, "started_at"),
        RecordField::AnsweredAt => (Time, "answered_at"),
        RecordField::EndedAt => (Time, "ended_at"),
        RecordField::IsAnswered => (Bool, "(answered_at IS NOT NULL)"),
        RecordField::IsOutbound => (Bool, "(sides <> 2)"),
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
        RecordField::CallerCode => (Int, "caller_code"),
        RecordField::CalledCode => (Int, "called_code"),
        RecordField::CallerAddress => (Text, "caller_address"),
        RecordField::SipCallId => (Text, "sip_call_id"),
        RecordField::OriginationPrice => (Decimal, "origination_price"),
        RecordField::TerminationPrice => (Decimal, "termination_price"),
        RecordField::Notes => (Text, noted!("notes")),
        RecordField::IsFlagged => (Bool, concat!("coalesce(", noted!("is_flagged"), ", 0)")),
        RecordField::FlagNotes => (Text, noted!("flag_notes")),
        RecordField::Work => (Length, concat!("coalesce(", noted!("work"), ", 0)")),
    };
    Column { kind, sql, order: sql }
}
