//! Which of an account's live calls are on a page. Without a look at the others, unless they must be asked
//! for their numbers.

use std::{ops::Range, sync::Arc};

use call::{Call, CustomerId, Leg, Timestamp, registry::AccountCalls};

use crate::vonage::{
    convert::Foreign,
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

/// The calls that a page of the list has, for the eyes of a customer.
pub fn select<'a>(calls: AccountCalls<'a>, query: &ListQuery, customer: CustomerId) -> Selection<'a> {
    let begun = calls.begun(query.from.unwrap_or(Timestamp::MIN), query.until.unwrap_or(Timestamp::MAX));
    let Some(number) = &query.extension else { return page(begun, query) };
    let found: Vec<_> = begun.filter(|call| has_number(call, number, customer)).collect();
    page(found.into_iter(), query)
}

fn page<'a>(
    calls: impl ExactSizeIterator<Item = &'a Arc<Call>> + DoubleEndedIterator,
    query: &ListQuery,
) -> Selection<'a> {
    let total = calls.len();
    let Range { start, end } = paging::places(query, total);
    let calls = match query.order {
        Order::Ascending => calls.skip(start).take(end - start).collect(),
        Order::Descending => calls.rev().skip(start).take(end - start).collect(),
    };
    Selection { calls, total: total as u64 }
}

/// Whether a number is one that the customer sees on a call.
fn has_number(call: &Call, number: &str, customer: CustomerId) -> bool {
    let started = call.started();
    let is_on = |leg: &&Leg| [&leg.offer.from, &leg.offer.to].into_iter().any(|own| own.as_str() == number);
    let is_shown = |leg: &Leg| !Foreign::of_call(customer, call).hides(leg.offer.owner, leg.offer.side);
    let is_on_call = [&started.caller, &started.dialed].into_iter().any(|own| own.as_str() == number);
    is_on_call || call.legs().iter().filter(is_on).any(is_shown)
}
