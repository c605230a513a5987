//! What is due when.

use std::{collections::BTreeSet, time::Duration};

use crate::Key;

/// Whose time it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Id {
    Server(Key),
    Client(Key),
}

/// One time for each transaction.
#[derive(Debug, Default)]
pub(crate) struct Queue(BTreeSet<(Duration, Id)>);

impl Queue {
    pub(crate) fn first(&self) -> Option<Duration> {
        self.0.first().map(|(at, _)| *at)
    }

    /// Takes out the first one that is due at `now`.
    pub(crate) fn pop(&mut self, now: Duration) -> Option<Id> {
        self.0.first().filter(|(at, _)| *at <= now)?;
        self.0.pop_first().map(|(_, id)| id)
    }

    /// Another time for a transaction instead of the one that it has.
    pub(crate) fn change(&mut self, id: Id, before: Option<Duration>, now: Option<Duration>) {
        if before == now {
            return;
        }
        if let Some(at) = before {
            self.0.remove(&(at, id));
        }
        if let Some(at) = now {
            self.0.insert((at, id));
        }
    }

    /// The same after its time has come, and was taken out.
    pub(crate) fn set(&mut self, id: Id, at: Option<Duration>) {
        self.change(id, None, at);
    }
}
