//! Who may read now: look-ups, pages and searches do not wait for one another, and within a lane accounts take
//! turns.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use call::AccountId;
use parking_lot::Mutex;
use tokio::sync::oneshot;

/// What kind of reading it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// One thing by its key.
    LookUp,
    /// A page of a list, or a few sums.
    Page,
    /// What may look at every call of an account.
    Search,
}

/// A lane: so many at the same time, and one account never has all of them.
pub(super) struct Gate {
    state: Mutex<State>,
    /// What one account may have.
    share: usize,
}

struct State {
    free: usize,
    is_closed: bool,
    held: HashMap<Option<AccountId>, usize>,
    /// Accounts that wait, the one whose turn is next first.
    turns: VecDeque<Option<AccountId>>,
    waiting: HashMap<Option<AccountId>, VecDeque<oneshot::Sender<Pass>>>,
}

/// The leave to read; given back when dropped.
pub(super) struct Pass {
    gate: Arc<Gate>,
    account: Option<AccountId>,
}

impl Gate {
    /// For so many at the same time.
    pub(super) fn new(places: usize) -> Arc<Self> {
        let places = places.max(1);
        let state = State {
            free: places,
            is_closed: false,
            held: HashMap::new(),
            turns: VecDeque::new(),
            waiting: HashMap::new(),
        };
        Arc::new(Self { state: Mutex::new(state), share: (places - 1).max(1) })
    }

    /// Waits for a place; `None` once the gate is closed. Whoever gives up waiting loses its turn.
    pub(super) async fn enter(self: &Arc<Self>, account: Option<AccountId>) -> Option<Pass> {
        let turn = {
            let mut state = self.state.lock();
            if state.is_closed {
                return None;
            }
            if state.free > 0 && state.held_by(account) < self.share {
                state.take(account);
                return Some(Pass { gate: self.clone(), account });
            }
            let (give, turn) = oneshot::channel();
            let waiting = state.waiting.entry(account).or_default();
            waiting.push_back(give);
            if waiting.len() == 1 {
                state.turns.push_back(account);
            }
            turn
        };
        turn.await.ok()
    }

    /// Lets nobody in any more, and waits until all are out.
    pub(super) fn close(&self) {
        let mut state = self.state.lock();
        state.is_closed = true;
        state.turns.clear();
        state.waiting.clear();
    }

    /// Whether somebody is in.
    pub(super) fn is_in_use(&self) -> bool {
        !self.state.lock().held.is_empty()
    }

    fn leave(self: &Arc<Self>, account: Option<AccountId>) {
        let passes = {
            let mut state = self.state.lock();
            state.give_back(account);
            self.next(&mut state)
        };
        // Outside the lock: whoever has given up waiting drops the pass, which comes here again.
        for (give, pass) in passes {
            let _ = give.send(pass);
        }
    }

    /// Those whose turn it is.
    fn next(self: &Arc<Self>, state: &mut State) -> Vec<(oneshot::Sender<Pass>, Pass)> {
        let mut passes = Vec::new();
        for _ in 0..state.turns.len() {
            if state.free == 0 {
                break;
            }
            let Some(account) = state.turns.pop_front() else { break };
            if state.held_by(account) >= self.share {
                state.turns.push_back(account);
                continue;
            }
            if let Some(give) = state.pop(account) {
                state.take(account);
                passes.push((give, Pass { gate: self.clone(), account }));
            }
        }
        passes
    }
}

impl State {
    fn held_by(&self, account: Option<AccountId>) -> usize {
        self.held.get(&account).copied().unwrap_or(0)
    }

    fn take(&mut self, account: Option<AccountId>) {
        self.free -= 1;
        *self.held.entry(account).or_default() += 1;
    }

    fn give_back(&mut self, account: Option<AccountId>) {
        self.free += 1;
        if let Some(held) = self.held.get_mut(&account) {
            *held -= 1;
            if *held == 0 {
                self.held.remove(&account);
            }
        }
    }

    /// The first of the account that still waits; the account goes to the end of the line if it has more.
    fn pop(&mut self, account: Option<AccountId>) -> Option<oneshot::Sender<Pass>> {
        let waiting = self.waiting.get_mut(&account)?;
        waiting.retain(|give| !give.is_closed());
        let first = waiting.pop_front();
        if waiting.is_empty() {
            self.waiting.remove(&account);
        } else {
            self.turns.push_back(account);
        }
        first
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.gate.leave(self.account);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const BUSY: Option<AccountId> = Some(AccountId(1));
    const OTHER: Option<AccountId> = Some(AccountId(2));

    async fn soon<T>(waits: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout(Duration::from_millis(20), waits).await.ok()
    }

    #[tokio::test]
    async fn one_account_never_has_all_places() {
        let gate = Gate::new(3);
        let held = [gate.enter(BUSY).await.unwrap(), gate.enter(BUSY).await.unwrap()];
        assert!(soon(gate.enter(BUSY)).await.is_none());
        assert!(soon(gate.enter(OTHER)).await.is_some());
        drop(held);
        assert!(!gate.is_in_use());
    }

    #[tokio::test]
    async fn accounts_that_wait_take_turns() {
        let gate = Gate::new(1);
        let first = gate.enter(BUSY).await.unwrap();
        let (told, mut order) = tokio::sync::mpsc::unbounded_channel();
        for (account, name) in [(BUSY, "busy 1"), (BUSY, "busy 2"), (OTHER, "other")] {
            let (gate, told) = (gate.clone(), told.clone());
            tokio::spawn(async move {
                let _pass = gate.enter(account).await.unwrap();
                told.send(name).unwrap();
            });
            tokio::task::yield_now().await;
        }
        drop(first);
        let mut came = Vec::new();
        while came.len() < 3 {
            came.push(order.recv().await.unwrap());
        }
        assert_eq!(came, ["busy 1", "other", "busy 2"]);
    }

    #[tokio::test]
    async fn whoever_gives_up_waiting_holds_up_nobody() {
        let gate = Gate::new(1);
        let first = gate.enter(BUSY).await.unwrap();
        assert!(soon(gate.enter(OTHER)).await.is_none());
        drop(first);
        assert!(soon(gate.enter(BUSY)).await.is_some());
        gate.close();
        assert!(gate.enter(BUSY).await.is_none());
    }
}
