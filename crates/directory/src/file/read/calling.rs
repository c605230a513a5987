//! Where and when the calls of accounts may go to the outside.

use super::{Table, forms};
use crate::model::CallingRules;

/// The field `calling` of an account; nothing is forbidden if absent.
pub(super) fn read(account: &Table<'_>) -> CallingRules {
    let accepted = r#"a table such as { countries = ["DE"], hours = ["mon-fri 08:00-18:00"] }"#;
    let Some(table) = account.inner("calling", accepted) else { return CallingRules::default() };
    let rules = CallingRules {
        countries: table.set("countries", forms::country()),
        blocked_countries: table.set("blocked_countries", forms::country()),
        prefixes: table.set("prefixes", forms::some_prefix()),
        blocked_prefixes: table.set("blocked_prefixes", forms::some_prefix()),
        hours: table.set("hours", forms::hours()),
        time_zone: table.given("time_zone", forms::time_zone()).unwrap_or(CallingRules::default().time_zone),
    };
    table.finish();
    rules
}
