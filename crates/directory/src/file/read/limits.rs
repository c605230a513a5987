//! Limits of accounts, phones and trunks.

use super::{Table, forms};
use crate::model::Limits;

/// The field `limits` of an account, phone or trunk; none if absent.
pub(super) fn read(owner: &Table<'_>) -> Limits {
    let Some(table) = owner.inner("limits", "a table such as { calls = 100, calls_per_second = 10 }") else {
        return Limits::default();
    };
    let limits = Limits {
        calls: table.given("calls", forms::call_limit()),
        outgoing_calls: table.given("outgoing_calls", forms::call_limit()),
        incoming_calls: table.given("incoming_calls", forms::call_limit()),
        calls_per_second: table.given("calls_per_second", forms::call_rate()),
        max_call_length: table.given("max_call_seconds", forms::call_length()),
    };
    table.finish();
    limits
}
