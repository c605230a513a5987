//! The hooks, their places in the log and what was put aside, in memory and on disk.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use call::{AccountId, Timestamp};
use keyvalue::Table;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::{
    Hook, HookError, HookId, NewHook, Secret,
    delivery::{Delivery, Pause, State},
    hook::StoredHookV1,
};

/// Hooks of an account, at most.
const OF_ACCOUNT: usize = 20;
/// Events put aside of a hook; the oldest go.
const PUT_ASIDE: usize = 1_000;
/// How long what is kept here is kept: for ever, nearly.
const FOR_EVER: Duration = Duration::from_secs(100 * 365 * 86_400);
/// How long a secret counts after another has taken its place.
const ROTATION: Duration = Duration::from_secs(24 * 3_600);

/// All hooks.
pub struct Webhooks {
    table: Arc<dyn Table>,
    pub(crate) allows_private: bool,
    hooks: Mutex<BTreeMap<HookId, Hook>>,
    letters: Mutex<BTreeMap<(HookId, u64), DeadLetter>>,
    /// Tells that something was changed by somebody else than the task that sends.
    pub(crate) changed: watch::Sender<()>,
}

/// How many hooks there are, and how they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// All.
    pub all: usize,
    /// Those whose last request was not taken.
    pub failing: usize,
    /// Those that are paused.
    pub paused: usize,
    /// Events that were put aside.
    pub dead_letters: usize,
}

/// An event that its receiver has refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetter {
    /// The event's number.
    pub number: u64,
    /// When it was put aside, in microseconds since 1970.
    pub at: i64,
    /// What the receiver answered last.
    pub status: u16,
    /// What was sent.
    pub body: String,
}

impl Webhooks {
    /// Those that are kept in a table.
    pub fn new(table: Arc<dyn Table>, allows_private: bool, now: Timestamp) -> Self {
        let (mut hooks, mut letters) = (BTreeMap::new(), BTreeMap::new());
        for entry in table.load(now) {
            match entry.key.split('/').collect::<Vec<_>>()[..] {
                ["hook", _] => {
                    let stored: Option<StoredHookV1> = serde_json::from_slice(&entry.value).ok();
                    match stored.and_then(StoredHookV1::open) {
                        Some(hook) => drop(hooks.insert(hook.id, hook)),
                        None => tracing::error!(key = entry.key, "a stored webhook cannot be read"),
                    }
                }
                ["letter", hook, _] => {
                    let letter: Option<DeadLetter> = serde_json::from_slice(&entry.value).ok();
                    if let (Ok(id), Some(letter)) = (hook.parse().map(HookId), letter) {
                        letters.insert((id, letter.number), letter);
                    }
                }
                _ => {}
            }
        }
        let changed = watch::Sender::new(());
        Self { table, allows_private, hooks: hooks.into(), letters: letters.into(), changed }
    }

    /// The hooks of an account.
    pub fn of(&self, account: AccountId) -> Vec<Hook> {
        self.hooks.lock().values().filter(|hook| hook.account == account).cloned().collect()
    }

    /// One of an account.
    pub fn get(&self, account: AccountId, id: HookId) -> Option<Hook> {
        self.hooks.lock().get(&id).filter(|hook| hook.account == account).cloned()
    }

    pub(crate) fn ids(&self) -> Vec<HookId> {
        self.hooks.lock().keys().copied().collect()
    }

    pub(crate) fn find(&self, id: HookId) -> Option<Hook> {
        self.hooks.lock().get(&id).cloned()
    }

    /// How many hooks there are, and how they are.
    pub fn count(&self) -> Count {
        let (hooks, dead_letters) = (self.hooks.lock(), self.letters.lock().len());
        let mut count = Count { all: hooks.len(), dead_letters, ..Count::default() };
        for hook in hooks.values() {
            match hook.delivery.state {
                State::Well => {}
                State::Failing { .. } => count.failing += 1,
                State::Paused { .. } => count.paused += 1,
            }
        }
        count
    }

    /// Registers a hook for what happens after an event.
    pub fn register(
        &self,
        account: AccountId,
        wanted: NewHook,
        (now, after): (Timestamp, u64),
    ) -> Result<Hook, HookError> {
        let hook = Hook::new(account, wanted, self.allows_private, (now, after))?;
        let mut hooks = self.hooks.lock();
        if hooks.values().filter(|hook| hook.account == account).count() >= OF_ACCOUNT {
            return Err(HookError::TooMany(OF_ACCOUNT));
        }
        hooks.insert(hook.id, hook.clone());
        drop(hooks);
        self.keep(&hook);
        Ok(hook)
    }

    /// Removes a hook of an account, with what was put aside; says whether there was one.
    pub fn remove(&self, account: AccountId, id: HookId) -> bool {
        if self.get(account, id).is_none() {
            return false;
        }
        self.hooks.lock().remove(&id);
        self.table.remove(&key(id));
        for letter in self.letters(id) {
            self.forget(id, letter.number);
        }
        self.changed.send_replace(());
        true
    }

    /// Pauses a hook of an account, or lets it go on.
    pub fn set_paused(
        &self,
        account: AccountId,
        id: HookId,
        is_paused: bool,
        now: Timestamp,
    ) -> Option<Hook> {
        self.change(account, id, |hook| match is_paused {
            true => drop(hook.delivery.pause(Pause::Asked, now)),
            false => hook.delivery = Delivery::after(hook.delivery.cursor),
        })
    }

    /// Gives a hook of an account another secret; the one before counts for a day.
    pub fn rotate(&self, account: AccountId, id: HookId, secret: Secret, now: Timestamp) -> Option<Hook> {
        self.change(account, id, |hook| hook.rotate(secret, now, now + ROTATION))
    }

    fn change(&self, account: AccountId, id: HookId, change: impl FnOnce(&mut Hook)) -> Option<Hook> {
        let mut hooks = self.hooks.lock();
        let hook = hooks.get_mut(&id).filter(|hook| hook.account == account)?;
        change(hook);
        let hook = hook.clone();
        drop(hooks);
        self.keep(&hook);
        Some(hook)
    }

    fn keep(&self, hook: &Hook) {
        self.write(hook);
        self.changed.send_replace(());
    }

    fn write(&self, hook: &Hook) {
        let stored = serde_json::to_vec(&StoredHookV1::from(hook)).unwrap_or_default();
        self.table.put(&key(hook.id), stored, hook.created_at + FOR_EVER);
    }

    /// Where a hook is, by the task that sends; nothing, if it was paused or removed meanwhile.
    pub(crate) fn note(&self, id: HookId, change: impl FnOnce(&mut Delivery)) {
        let mut hooks = self.hooks.lock();
        let Some(hook) = hooks.get_mut(&id) else { return };
        if matches!(hook.delivery.state, State::Paused { .. }) {
            return;
        }
        change(&mut hook.delivery);
        let hook = hook.clone();
        drop(hooks);
        self.write(&hook);
    }

    /// What was put aside of a hook, oldest first. Whose the hook is, is the caller's business.
    pub fn letters(&self, id: HookId) -> Vec<DeadLetter> {
        let of_hook = (id, 0)..=(id, u64::MAX);
        self.letters.lock().range(of_hook).map(|(_, letter)| letter.clone()).collect()
    }

    pub(crate) fn put_aside(&self, id: HookId, letter: DeadLetter, now: Timestamp) {
        let stored = serde_json::to_vec(&letter).unwrap_or_default();
        self.table.put(&letter_key(id, letter.number), stored, now + FOR_EVER);
        self.letters.lock().insert((id, letter.number), letter);
        let all = self.letters(id);
        for oldest in all.iter().take(all.len().saturating_sub(PUT_ASIDE)) {
            self.forget(id, oldest.number);
        }
    }

    /// Lets go of what was put aside.
    pub fn forget(&self, id: HookId, number: u64) -> bool {
        self.table.remove(&letter_key(id, number));
        self.letters.lock().remove(&(id, number)).is_some()
    }

    /// Waits until all that was changed is on disk; says whether it is.
    pub async fn durable(&self) -> bool {
        self.table.durable().await
    }
}

impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhooks").field("count", &self.count()).finish_non_exhaustive()
    }
}

fn key(id: HookId) -> String {
    format!("hook/{id}")
}

fn letter_key(id: HookId, number: u64) -> String {
    format!("letter/{id}/{number}")
}
