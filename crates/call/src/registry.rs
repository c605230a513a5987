//! All live calls. One writer applies events; a clone is a snapshot and costs next to nothing.

mod account_calls;
mod by_number;
mod by_start;
mod concerned;

use std::{collections::HashSet, fmt, sync::Arc};

use rpds::{HashTrieMapSync, HashTrieSetSync, QueueSync};

pub use account_calls::AccountCalls;
use by_number::{ByNumber, Place, places_of};
use by_start::{ByStart, Key};
use concerned::Concerned;

use crate::{
    event::{CallEvent, EventKind},
    id::{AccountId, CallId},
    number::Number,
    record::CallRecord,
    state::Call,
};

/// What an event did.
#[derive(Clone, Debug, PartialEq)]
pub enum Applied {
    /// Something is different now.
    Changed,
    /// It was the call's last event; this is its record.
    Ended(Box<CallRecord>),
    /// A repeat, or too late: nothing changed.
    Stale,
    /// It fits nothing that is known: nothing changed.
    Unexpected,
}

/// How many ended calls are remembered, so that a late repeat of their first event does not wake them.
const REMEMBERED: usize = 8_192;

type ByAccount = HashTrieMapSync<AccountId, ByStart>;

/// The live calls of all accounts.
#[derive(Clone, Default)]
pub struct Registry {
    calls: HashTrieMapSync<CallId, Arc<Call>>,
    by_account: ByAccount,
    /// The calls of which an account has only parts that are over.
    left: ByAccount,
    by_number: ByNumber,
    /// Of each call that was merged into a live one, which that is.
    absorbed: HashTrieMapSync<CallId, CallId>,
    ended: HashTrieSetSync<CallId>,
    ended_order: QueueSync<CallId>,
}

impl Registry {
    /// How many calls are active, all accounts together.
    pub fn len(&self) -> usize {
        self.calls.size()
    }

    /// Whether no call is active.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// All live calls, in no order. For the writer and for counting; clients go by account.
    pub fn calls(&self) -> impl Iterator<Item = &Arc<Call>> {
        self.calls.values()
    }

    /// Whether the call has been here and is over (as far as is remembered).
    pub fn has_ended(&self, id: CallId) -> bool {
        self.ended.contains(&id)
    }

    /// The live calls that `account` sends or takes, or of which it has a part that goes on, oldest first;
    /// those of one instant by id. How the account sees each of them, [`Call::seen_by`] tells.
    pub fn calls_of(&self, account: AccountId) -> AccountCalls<'_> {
        AccountCalls::new(&self.calls, self.by_account.get(&account))
    }

    /// The live calls that go on without `account`, after it has had a part of them, in the same order.
    pub fn calls_left_by(&self, account: AccountId) -> AccountCalls<'_> {
        AccountCalls::new(&self.calls, self.left.get(&account))
    }

    /// Those of [its calls](Self::calls_of) that have a number, exactly as it is written: as the caller's, as the one dialed, or on a
    /// leg that is the account's to see ([`Foreign`](crate::state::Foreign)).
    pub fn calls_with(&self, account: AccountId, number: &Number) -> AccountCalls<'_> {
        AccountCalls::new(&self.calls, self.by_number.get(&Place::new(account, number)))
    }

    /// The live call that a call was merged into; the call itself if it was not.
    pub fn resolve(&self, id: CallId) -> CallId {
        self.absorbed.get(&id).copied().unwrap_or(id)
    }

    /// One live call, whoever's it is. For the writer; clients go by account.
    pub fn get(&self, id: CallId) -> Option<&Arc<Call>> {
        self.calls.get(&id)
    }

    /// One live call, if `account` sends or takes it, or has a part of it that goes on; by its id, or by that of
    /// a call that was merged into it. How the account sees it, [`Call::seen_by`] tells.
    pub fn call(&self, account: AccountId, id: CallId) -> Option<&Arc<Call>> {
        self.calls.get(&self.resolve(id)).filter(|call| call.seen_by(account).is_some())
    }

    /// Takes in one event.
    pub fn apply(&mut self, event: &Arc<CallEvent>) -> Applied {
        match &event.kind {
            EventKind::CallStarted(_) => self.begin(event),
            EventKind::CallMerged { absorbed } => self.merge(event, *absorbed),
            _ => self.change(event),
        }
    }

    fn begin(&mut self, event: &Arc<CallEvent>) -> Applied {
        let id = event.call_id;
        if self.calls.contains_key(&id) || self.ended.contains(&id) {
            return Applied::Stale;
        }
        let Some(call) = Call::begin(event) else { return Applied::Unexpected };
        self.put(call, &Concerned::default());
        Applied::Changed
    }

    fn change(&mut self, event: &Arc<CallEvent>) -> Applied {
        let id = event.call_id;
        let Some(known) = self.calls.get_mut(&id) else { return self.stranger(id) };
        let before = Concerned::by(known);
        let is_told = matches!(event.kind, EventKind::CallRouted(_) | EventKind::LegOffered { .. });
        let old_places = (is_told || before.has_parts()).then(|| places_of(known));
        let call = Arc::make_mut(known);
        let applied = call.apply(event);
        if !matches!(applied, Applied::Changed) {
            return applied;
        }
        let (key, after) = (key_of(call), Concerned::by(call));
        if let Some(old) = old_places {
            self.by_number.change(key_of(call), &old, &places_of(call));
        }
        let over = call.is_over().then(|| CallRecord::of(call));
        if before != after {
            self.reindex(key, &before, &after);
        }
        match over {
            Some(record) => {
                self.bury(id);
                Applied::Ended(Box::new(record))
            }
            None => Applied::Changed,
        }
    }

    fn merge(&mut self, event: &Arc<CallEvent>, absorbed: CallId) -> Applied {
        let Some(into) = self.calls.get(&event.call_id) else { return self.stranger(event.call_id) };
        let Some(other) = self.calls.get(&absorbed) else { return self.stranger(absorbed) };
        let Some(merged) = into.merged_with(other, event) else { return Applied::Unexpected };
        let before = Concerned::by(into);
        self.by_number.change(key_of(into), &places_of(into), &HashSet::new());
        self.bury(absorbed);
        for id in merged.absorbed_calls() {
            self.absorbed.insert_mut(id, merged.id());
        }
        self.put(merged, &before);
        Applied::Changed
    }

    fn stranger(&self, id: CallId) -> Applied {
        if self.ended.contains(&id) { Applied::Stale } else { Applied::Unexpected }
    }

    /// `before` is whom it concerned so far.
    fn put(&mut self, call: Call, before: &Concerned) {
        let (key, concerned) = (key_of(&call), Concerned::by(&call));
        self.by_number.change(key, &HashSet::new(), &places_of(&call));
        self.calls.insert_mut(call.id(), Arc::new(call));
        self.reindex(key, before, &concerned);
    }

    fn reindex(&mut self, key: Key, before: &Concerned, after: &Concerned) {
        before
            .now()
            .filter(|account| !after.is_now(*account))
            .for_each(|it| unindex(&mut self.by_account, it, key));
        after
            .now()
            .filter(|account| !before.is_now(*account))
            .for_each(|it| index(&mut self.by_account, it, key));
        before.left().for_each(|it| unindex(&mut self.left, it, key));
        after.left().for_each(|it| index(&mut self.left, it, key));
    }

    fn bury(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id).cloned() else { return };
        self.calls.remove_mut(&id);
        for absorbed in call.absorbed_calls() {
            self.absorbed.remove_mut(&absorbed);
        }
        let key = key_of(&call);
        self.by_number.change(key, &places_of(&call), &HashSet::new());
        self.reindex(key, &Concerned::by(&call), &Concerned::default());
        self.remember(id);
    }

    fn remember(&mut self, id: CallId) {
        self.ended.insert_mut(id);
        self.ended_order.enqueue_mut(id);
        if self.ended_order.len() > REMEMBERED {
            if let Some(oldest) = self.ended_order.peek().copied() {
                self.ended.remove_mut(&oldest);
            }
            self.ended_order.dequeue_mut();
        }
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.calls()).finish()
    }
}

fn index(calls: &mut ByAccount, account: AccountId, key: Key) {
    if let Some(calls) = calls.get_mut(&account) {
        calls.insert(key);
    } else {
        let mut first = ByStart::default();
        first.insert(key);
        calls.insert_mut(account, first);
    }
}

fn unindex(calls: &mut ByAccount, account: AccountId, key: Key) {
    let Some(of_account) = calls.get_mut(&account) else { return };
    of_account.remove(&key);
    if of_account.is_empty() {
        calls.remove_mut(&account);
    }
}

fn key_of(call: &Call) -> Key {
    (call.started_at(), call.id())
}
