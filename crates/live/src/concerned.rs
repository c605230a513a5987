//! Whom an event concerns: those who have a side of its call, before and after it, and whose legs it is about. Of a
//! call that is merged, also those of the one that it takes in: they are to learn where theirs has gone.

use call::{
    AccountId, Call, CallEvent, CallId, EventKind, LegId, Registry,
    event::LegOffer,
    party::{Endpoint, Owner},
};
use history::Concerned;

/// As things stand before the event is applied.
pub(crate) fn before(event: &CallEvent, calls: &Registry) -> Concerned {
    let mut concerned = Concerned::default();
    let mut of_call = |id: CallId| {
        let Some(call) = calls.get(id) else { return };
        concerned.origination.get_or_insert(call.origination().account);
        add_sides(&mut concerned.accounts, call.origination(), call.termination());
    };
    of_call(event.call_id);
    if let EventKind::CallMerged { absorbed } = event.kind {
        of_call(absorbed);
    }
    match &event.kind {
        EventKind::CallStarted(started) => concerned.customer = Some(started.origination.customer),
        EventKind::LegOffered { offer, .. } => add_offer(&mut concerned, offer),
        kind => {
            let legs = calls.get(event.call_id).map(|call| (call, legs_of(kind)));
            if let Some((call, legs)) = legs {
                add_legs(&mut concerned, call, legs);
            }
        }
    }
    concerned
}

/// With those after it.
pub(crate) fn then(mut concerned: Concerned, origination: Owner, termination: Option<Owner>) -> Concerned {
    concerned.origination = Some(origination.account);
    add_sides(&mut concerned.accounts, origination, termination);
    concerned
}

fn add_sides(accounts: &mut Vec<AccountId>, origination: Owner, termination: Option<Owner>) {
    add(accounts, origination.account);
    if let Some(termination) = termination {
        add(accounts, termination.account);
    }
}

fn add<T: PartialEq>(known: &mut Vec<T>, one: T) {
    if !known.contains(&one) {
        known.push(one);
    }
}

fn add_offer(concerned: &mut Concerned, offer: &LegOffer) {
    concerned.customer.get_or_insert(offer.owner.customer);
    add(&mut concerned.accounts, offer.owner.account);
    if let Some(route) = &offer.route {
        add(&mut concerned.accounts, route.sent_by.account);
    }
    match offer.endpoint {
        Endpoint::Device { id, .. } => add(&mut concerned.devices, id),
        Endpoint::Trunk { id, .. } => add(&mut concerned.trunks, id),
    }
}

fn add_legs(concerned: &mut Concerned, call: &Call, legs: [Option<LegId>; 2]) {
    for leg in legs.into_iter().flatten().filter_map(|id| call.leg(id)) {
        add_offer(concerned, &leg.offer);
    }
}

/// The legs that an event is about, first the one whose party has done it.
fn legs_of(kind: &EventKind) -> [Option<LegId>; 2] {
    match kind {
        EventKind::LegsBridged { a, b } => [Some(*a), Some(*b)],
        EventKind::TransferCompleted { initiator, recipient } => [Some(*initiator), Some(*recipient)],
        EventKind::LegParked { leg, by, .. } => [*by, Some(*leg)],
        EventKind::LegRetrieved { leg, by } => [Some(*by), Some(*leg)],
        other => [other.leg(), None],
    }
}
