//! The condition of being a call on one side of an account.

use call::{
    AccountId,
    event::Side,
    filter::{CallFilter, TextKind, TextOperator, TextTest},
};

use super::{predicate::Predicate, text};

/// The calls in the table of accounts' calls that `account` has on `side`, and that pass the tests of
/// `filter` of what stays the same while a call goes on.
pub(super) fn side(account: AccountId, side: Side, filter: &CallFilter) -> Predicate {
    let has_side = match side {
        Side::Origination => "account_id = ? AND sides & 1",
        Side::Termination => "account_id = ? AND sides & 2",
    };
    let mut predicate = Predicate::default();
    predicate.and(has_side, [i64::from(account.0).into()]);
    add_attributes(&mut predicate, filter);
    predicate
}

/// Whether a row counts on a side. Of what an account sends within a call, all is paid for, but one is counted.
pub(super) const fn is_counted(side: Side) -> &'static str {
    match side {
        Side::Origination => "sides & 8 = 0",
        Side::Termination => "1",
    }
}

fn add_attributes(predicate: &mut Predicate, filter: &CallFilter) {
    for test in &filter.caller {
        text::add(predicate, "caller_routed", test);
    }
    for test in &filter.called {
        text::add(predicate, "called_routed", test);
    }
    for (column, country) in
        [("caller_country", filter.caller_country), ("called_country", filter.called_country)]
    {
        if let Some(country) = country {
            predicate.and(&format!("{column} = ?"), [i64::from(country).into()]);
        }
    }
    if let Some(source) = filter.source {
        text::add(
            predicate,
            "caller_address",
            &TextTest::new(TextKind::Address, TextOperator::Is, [source.to_string()]),
        );
    }
}
