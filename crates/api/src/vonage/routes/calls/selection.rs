//! Which of an account's live calls are on a page. Looks at each call once, and orders no more of them than
//! the page needs.

use std::{ops::Range, sync::Arc};

use call::{Call, CallId, CustomerId, Timestamp};

use crate::vonage::{
    convert::{self, Foreign},
    paging,
    query::{ListQuery, Order},
};

/// The calls of a page.
pub struct Selection<'a> {
    /// The calls, in order.
    pub calls: Vec<&'a Arc<Call>>,
    /// How many calls all pages have together.
    pub total: u64,
}

/// Ordered by start; calls of one instant by id, so that no call is on two pages or on none.
type Ranked<'a> = ((Timestamp, CallId), &'a Arc<Call>);

/// The calls that a page of the list has.
pub fn select<'a>(
    calls: impl Iterator<Item = &'a Arc<Call>>,
    query: &ListQuery,
    customer: CustomerId,
) -> Selection<'a> {
    let listed = calls.filter(|call| is_listed(call, query, customer));
    let mut ranked: Vec<Ranked<'a>> =
        listed.map(|call| ((convert::started_at(call), call.id()), call)).collect();
    let total = ranked.len();
    let places = paging::places(query, total);
    let calls = page(&mut ranked, places, query.order);
    Selection { calls, total: total as u64 }
}

fn is_listed(call: &Call, query: &ListQuery, customer: CustomerId) -> bool {
    let goes_on = call.legs().iter().any(|leg| !leg.is_ended());
    goes_on
        && query.covers(convert::started_at(call))
        && query.extension.as_ref().is_none_or(|extension| has_number(call, extension, customer))
}

fn has_number(call: &Call, number: &str, customer: CustomerId) -> bool {
    let (started, foreign) = (call.started(), Foreign::of_call(customer, call));
    let shown = call.legs().iter().filter(|leg| !foreign.hides(leg.offer.owner, leg.offer.side));
    let of_legs = shown.flat_map(|leg| [&leg.offer.from, &leg.offer.to]);
    [&started.caller, &started.dialed].into_iter().chain(of_legs).any(|known| known.as_str() == number)
}

fn page<'a>(ranked: &mut [Ranked<'a>], places: Range<usize>, order: Order) -> Vec<&'a Arc<Call>> {
    let total = ranked.len();
    let places = match order {
        Order::Ascending => places,
        Order::Descending => total - places.end..total - places.start,
    };
    let part = part(ranked, places);
    part.sort_unstable_by_key(|(rank, _)| *rank);
    let calls = part.iter().map(|(_, call)| *call);
    match order {
        Order::Ascending => calls.collect(),
        Order::Descending => calls.rev().collect(),
    }
}

/// The items that would be at these places if all were sorted; in no order.
fn part<'s, 'a>(ranked: &'s mut [Ranked<'a>], places: Range<usize>) -> &'s mut [Ranked<'a>] {
    let length = places.len();
    let tail = beyond(ranked, places.start);
    if length < tail.len() {
        tail.select_nth_unstable_by_key(length, |(rank, _)| *rank);
    }
    &mut tail[..length]
}

fn beyond<'s, 'a>(ranked: &'s mut [Ranked<'a>], start: usize) -> &'s mut [Ranked<'a>] {
    if (1..ranked.len()).contains(&start) {
        ranked.select_nth_unstable_by_key(start, |(rank, _)| *rank);
    }
    &mut ranked[start..]
}
