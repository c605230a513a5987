//! Which of an account's live calls are on a page. Found without a look at the others.

use std::{ops::Range, sync::Arc};

use call::{AccountId, Call, Number, Registry, Timestamp};

use crate::{
    paging,
    query::{ListQuery, Order},
};

/// The calls of a page.
pub struct Selection<'a> {
    /// The calls, in order: by start, those of one instant by id, so that no call is on two pages or on none.
    pub calls: Vec<&'a Arc<Call>>,
    /// How many calls all pages have together.
    pub total: u64,
}

/// The calls that a page of an account's list has.
pub fn select<'a>(registry: &'a Registry, account: AccountId, query: &ListQuery) -> Selection<'a> {
    let calls = match &query.extension {
        Some(number) => registry.calls_with(account, &Number::from(number.as_str())),
        None => registry.calls_of(account),
    };
    let begun = calls.begun(query.from.unwrap_or(Timestamp::MIN), query.until.unwrap_or(Timestamp::MAX));
    let total = begun.len();
    let Range { start, end } = paging::places(query, total);
    let calls = match query.order {
        Order::Ascending => begun.skip(start).take(end - start).collect(),
        Order::Descending => begun.rev().skip(start).take(end - start).collect(),
    };
    Selection { calls, total: total as u64 }
}
