//! The hooks, their places in the log and what was put aside, in memory and on disk.

mod directory;

use std::{
    collections::BTreeMap,
    fmt,
    ops::RangeInclusive,
    sync::{Arc, OnceLock},
    time::Duration,
};

use call::{AccountId, Timestamp};
use guard::Outward;
use keyvalue::{Entry, Table};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::{
    Hook, HookError, HookId, NewHook, Secret, Source,
    delivery::{Delivery, Pause, State},
    format::Formats,
    hook::StoredHookV1,
    post::Poster,
};

/// Hooks of an account that clients have registered, at most.
const OF_ACCOUNT: usize = 20;
/// Events put aside of a hook; the oldest go.
const PUT_ASIDE: usize = 1_000;
/// How long what is kept here is kept: for ever, nearly.
const FOR_EVER: Duration = Duration::from_secs(100 * 365 * 86_400);
/// How long a secret counts after another has taken its place.
const ROTATION: Duration = Duration::from_secs(24 * 3_600);

/// All hooks.
pub struct Webhooks {
    /// Written under the lock, so that the disk has what the memory has.
    table: Arc<dyn Table>,
    pub(crate) outward: Outward,
    pub(crate) formats: Formats,
    poster: OnceLock<Poster>,
    kept: Mutex<Kept>,
    /// Tells that something was changed by somebody else than the task that sends.
    pub(crate) changed: watch::Sender<()>,
}

/// What the table has.
#[derive(Default)]
struct Kept {
    hooks: BTreeMap<HookId, Arc<Hook>>,
    letters: BTreeMap<(HookId, u64), DeadLetter>,
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
    /// The event's number; of a gap, the last one in it.
    pub number: u64,
    /// What the message is called; none of those that were kept before there were names: these have the number.
    #[serde(default)]
    pub(crate) name: Option<String>,
    /// When it was put aside, in microseconds since 1970.
    pub at: i64,
    /// What the receiver answered last.
    pub status: u16,
    /// What was sent.
    pub body: String,
}

impl Webhooks {
    /// Those that are kept in a table.
    pub fn new(table: Arc<dyn Table>, outward: Outward, now: Timestamp) -> Self {
        let mut kept = Kept::default();
        table.load(now).iter().for_each(|entry| kept.read(entry));
        let changed = watch::Sender::new(());
        Self {
            table,
            outward,
            formats: Formats::default(),
            poster: OnceLock::new(),
            kept: kept.into(),
            changed,
        }
    }

    /// The same, with shapes beside CloudEvents.
    #[must_use]
    pub fn with_formats(self, formats: Formats) -> Self {
        Self { formats, ..self }
    }

    pub(crate) fn poster(&self) -> &Poster {
        self.poster.get_or_init(|| Poster::new(self.outward))
    }

    /// The hooks of an account.
    pub fn of(&self, account: AccountId) -> Vec<Arc<Hook>> {
        self.kept.lock().hooks.values().filter(|hook| hook.account == account).cloned().collect()
    }

    /// One of an account.
    pub fn get(&self, account: AccountId, id: HookId) -> Option<Arc<Hook>> {
        self.find(id).filter(|hook| hook.account == account)
    }

    pub(crate) fn ids(&self) -> Vec<HookId> {
        self.kept.lock().hooks.keys().copied().collect()
    }

    pub(crate) fn find(&self, id: HookId) -> Option<Arc<Hook>> {
        self.kept.lock().hooks.get(&id).cloned()
    }

    /// How many hooks there are, and how they are.
    pub fn count(&self) -> Count {
        let kept = self.kept.lock();
        let mut count = Count { all: kept.hooks.len(), dead_letters: kept.letters.len(), ..Count::default() };
        for hook in kept.hooks.values() {
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
        new: NewHook,
        place: (Timestamp, u64),
    ) -> Result<Arc<Hook>, HookError> {
        let hook = Arc::new(Hook::new(account, new, self.outward, place)?);
        let mut kept = self.kept.lock();
        if kept.hooks.values().filter(|hook| hook.account == account && hook.source == Source::Client).count()
            >= OF_ACCOUNT
        {
            return Err(HookError::TooMany(OF_ACCOUNT));
        }
        kept.hooks.insert(hook.id, hook.clone());
        self.write(&hook);
        drop(kept);
        self.changed.send_replace(());
        Ok(hook)
    }

    /// Removes a hook of an account, with what was put aside; says whether there was one.
    pub fn remove(&self, account: AccountId, id: HookId) -> bool {
        let mut kept = self.kept.lock();
        if kept.hooks.get(&id).is_none_or(|hook| hook.account != account) {
            return false;
        }
        self.drop_hook(&mut kept, id);
        drop(kept);
        self.changed.send_replace(());
        true
    }

    /// Removes a hook with what was put aside.
    fn drop_hook(&self, kept: &mut Kept, id: HookId) {
        kept.hooks.remove(&id);
        self.table.remove(&key(id));
        kept.letters.retain(|name, _| {
            let stays = name.0 != id;
            if !stays {
                self.table.remove(&letter_key(*name));
            }
            stays
        });
    }

    /// Lets a hook of an account last until another time, and go on where it was.
    pub fn renew(
        &self,
        account: AccountId,
        id: HookId,
        (now, until): (Timestamp, Timestamp),
    ) -> Option<Arc<Hook>> {
        self.change(account, id, |hook| {
            hook.delivery = Delivery::after(hook.delivery.cursor);
            (hook.expires_at, hook.renewed_at) = (Some(until), Some(now));
        })
    }

    /// Pauses a hook of an account, or lets it go on.
    pub fn set_paused(
        &self,
        account: AccountId,
        id: HookId,
        is_paused: bool,
        now: Timestamp,
    ) -> Option<Arc<Hook>> {
        self.change(account, id, |hook| match is_paused {
            true => drop(hook.delivery.pause(Pause::Asked, now)),
            false => hook.delivery = Delivery::after(hook.delivery.cursor),
        })
    }

    /// Gives a hook of an account another secret; the one before counts for a day.
    pub fn rotate(
        &self,
        account: AccountId,
        id: HookId,
        secret: Secret,
        now: Timestamp,
    ) -> Option<Arc<Hook>> {
        self.change(account, id, |hook| hook.rotate(secret, now, now + ROTATION))
    }

    fn change(&self, account: AccountId, id: HookId, change: impl FnOnce(&mut Hook)) -> Option<Arc<Hook>> {
        let mut kept = self.kept.lock();
        let hook = kept.hooks.get_mut(&id).filter(|hook| hook.account == account)?;
        change(Arc::make_mut(hook));
        self.write(hook);
        let hook = hook.clone();
        drop(kept);
        self.changed.send_replace(());
        Some(hook)
    }

    fn write(&self, hook: &Hook) {
        let stored = serde_json::to_vec(&StoredHookV1::from(hook)).unwrap_or_default();
        self.table.put(&key(hook.id), stored, hook.created_at + FOR_EVER);
    }

    /// Where a hook is, by the task that sends; nothing, if it was paused or removed meanwhile.
    pub(crate) fn note(&self, id: HookId, change: impl FnOnce(&mut Delivery)) {
        let mut kept = self.kept.lock();
        let Some(hook) = kept.hooks.get_mut(&id) else { return };
        if matches!(hook.delivery.state, State::Paused { .. }) {
            return;
        }
        change(&mut Arc::make_mut(hook).delivery);
        self.write(hook);
    }

    /// What was put aside of a hook, oldest first. Whose the hook is, is the caller's business.
    pub fn letters(&self, id: HookId) -> Vec<DeadLetter> {
        self.kept.lock().letters.range(of_hook(id)).map(|(_, letter)| letter.clone()).collect()
    }

    /// How many were put aside of a hook.
    pub fn count_letters(&self, id: HookId) -> usize {
        self.kept.lock().letters.range(of_hook(id)).count()
    }

    pub(crate) fn letter(&self, id: HookId, number: u64) -> Option<DeadLetter> {
        self.kept.lock().letters.get(&(id, number)).cloned()
    }

    /// Puts aside what a hook's receiver refuses; nothing, if the hook was removed meanwhile.
    pub(crate) fn put_aside(&self, id: HookId, letter: DeadLetter, now: Timestamp) {
        let mut kept = self.kept.lock();
        if !kept.hooks.contains_key(&id) {
            return;
        }
        let stored = serde_json::to_vec(&letter).unwrap_or_default();
        let name = (id, letter.number);
        self.table.put(&letter_key(name), stored, now + FOR_EVER);
        kept.letters.insert(name, letter);
        let names: Vec<_> = kept.letters.range(of_hook(id)).map(|(name, _)| *name).collect();
        for oldest in names.iter().take(names.len().saturating_sub(PUT_ASIDE)) {
            self.let_go(&mut kept, *oldest);
        }
    }

    /// Lets go of what was put aside.
    pub(crate) fn forget(&self, id: HookId, number: u64) {
        self.let_go(&mut self.kept.lock(), (id, number));
    }

    fn let_go(&self, kept: &mut Kept, name: (HookId, u64)) {
        self.table.remove(&letter_key(name));
        kept.letters.remove(&name);
    }

    /// Waits until all that was changed is on disk; says whether it is.
    pub async fn durable(&self) -> bool {
        self.table.durable().await
    }
}

impl Kept {
    /// Takes what the table has.
    fn read(&mut self, entry: &Entry) {
        match entry.key.split('/').collect::<Vec<_>>()[..] {
            ["hook", _] => {
                let stored: Option<StoredHookV1> = serde_json::from_slice(&entry.value).ok();
                match stored.and_then(StoredHookV1::open) {
                    Some(hook) => drop(self.hooks.insert(hook.id, Arc::new(hook))),
                    None => tracing::error!(key = entry.key, "a stored webhook cannot be read"),
                }
            }
            ["letter", hook, _] => {
                let letter: Option<DeadLetter> = serde_json::from_slice(&entry.value).ok();
                if let (Ok(id), Some(letter)) = (hook.parse().map(HookId), letter) {
                    self.letters.insert((id, letter.number), letter);
                }
            }
            _ => {}
        }
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

/// The names of what was put aside of a hook.
fn of_hook(id: HookId) -> RangeInclusive<(HookId, u64)> {
    (id, 0)..=(id, u64::MAX)
}

fn letter_key((id, number): (HookId, u64)) -> String {
    format!("letter/{id}/{number}")
}

#[cfg(test)]
mod tests;
