//! The live calls by the numbers that are seen on them: of each account, the calls that have a number.

use std::{borrow::Cow, collections::HashSet};

use rpds::HashTrieMapSync;

use super::by_start::{ByStart, Key};
use crate::{
    filter::TextKind,
    id::AccountId,
    number::Number,
    party::Owner,
    state::{Call, Foreign, Parts},
};

/// Who finds a call by which number: one that is written with and without `+` is one.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Place(AccountId, Number);

impl Place {
    pub(super) fn new(account: AccountId, number: &Number) -> Self {
        Self(
            account,
            match TextKind::Number.canonical(number.as_str()) {
                Cow::Borrowed(text) if text.len() == number.as_str().len() => number.clone(),
                text => Number::from(&*text),
            },
        )
    }
}

/// The index.
#[derive(Clone, Default)]
pub(super) struct ByNumber(HashTrieMapSync<Place, ByStart>);

impl ByNumber {
    pub(super) fn get(&self, place: &Place) -> Option<&ByStart> {
        self.0.get(place)
    }

    /// Moves a call from the places that it had to those that it has.
    pub(super) fn change(&mut self, key: Key, before: &HashSet<Place>, after: &HashSet<Place>) {
        before.difference(after).for_each(|place| self.remove(place, key));
        after.difference(before).for_each(|place| self.insert(place, key));
    }

    fn insert(&mut self, place: &Place, key: Key) {
        if let Some(calls) = self.0.get_mut(place) {
            calls.insert(key);
        } else {
            let mut calls = ByStart::default();
            calls.insert(key);
            self.0.insert_mut(place.clone(), calls);
        }
    }

    fn remove(&mut self, place: &Place, key: Key) {
        let Some(calls) = self.0.get_mut(place) else { return };
        calls.remove(&key);
        if calls.is_empty() {
            self.0.remove_mut(place);
        }
    }
}

/// Where a call is found: by each account that has a side of it, under the numbers of the call and those of
/// its legs that are the account's to see; and by each other that has a part, under those of the part that it
/// sees.
pub(super) fn places_of(call: &Call) -> HashSet<Place> {
    let owners = [Some(call.origination()), call.termination()];
    let places = owners.into_iter().flatten().flat_map(|owner| places_for(call, owner));
    let parts = Parts::of(call).parts.into_iter().filter(|(attempt, _)| attempt.ended_at.is_none());
    let strangers: HashSet<_> = parts.flat_map(|(attempt, _)| [attempt.sent_by, attempt.taken_by]).collect();
    let strangers = strangers.into_iter().filter(|owner| !call.is_between(owner.account));
    places.chain(strangers.flat_map(|owner| places_for_stranger(call, owner))).collect()
}

fn places_for_stranger(call: &Call, owner: Owner) -> Vec<Place> {
    let part = call.seen_by(owner.account);
    part.map(|part| places_for(&part, owner).collect()).unwrap_or_default()
}

fn places_for(call: &Call, owner: Owner) -> impl Iterator<Item = Place> {
    let (started, foreign) = (call.started(), Foreign::of_call(owner.customer, call));
    let shown = call.legs().iter().filter(move |leg| !foreign.hides(leg.offer.owner, leg.offer.side));
    let of_legs = shown.flat_map(|leg| [&leg.offer.from, &leg.offer.to]);
    let numbers = [call.caller(), &started.dialed].into_iter().chain(of_legs);
    numbers.map(move |number| Place::new(owner.account, number))
}
