//! How phones ring.

use super::{Table, forms};
use crate::model::RingRule;

/// The tables `rings` of an account or a device, in the order in which they are asked.
pub(super) fn read(owner: &Table<'_>) -> Vec<RingRule> {
    owner.tables("rings").into_iter().map(read_rule).collect()
}

fn read_rule(table: Table<'_>) -> RingRule {
    let rule = RingRule {
        from: table.given("from", forms::ring_source()),
        callers: table.set("callers", forms::some_prefix()),
        dialed: table.set("dialed", forms::caller_id()),
        alert_info: table.given("alert_info", forms::header_value()),
        call_info: table.given("call_info", forms::header_value()),
    };
    table.finish();
    rule
}
