//! The latest events of the log, in memory, for readers that keep up.

use std::{collections::VecDeque, sync::Arc};

use parking_lot::Mutex;
use tokio::sync::watch;

use crate::{LogEntry, LogPage, LogQuery};

/// Events that are held: about what comes in some seconds at the highest load.
const ROOM: usize = 8_192;
/// Of these, as many as one question looks at while it holds the lock.
const AT_ONCE: usize = 1_024;

/// The latest events.
pub(super) struct Tail {
    entries: Mutex<VecDeque<Arc<LogEntry>>>,
    latest: watch::Sender<u64>,
}

impl Tail {
    /// Of a log whose latest event has this number.
    pub(super) fn new(latest: u64) -> Arc<Self> {
        Arc::new(Self { entries: Mutex::default(), latest: watch::Sender::new(latest) })
    }

    /// Adds what was made durable.
    pub(super) fn extend(&self, new: impl Iterator<Item = LogEntry>) {
        let mut entries = self.entries.lock();
        entries.extend(new.map(Arc::new));
        let too_many = entries.len().saturating_sub(ROOM);
        entries.drain(..too_many);
        let latest = entries.back().map(|entry| entry.number);
        drop(entries);
        if let Some(latest) = latest.filter(|latest| *latest > *self.latest.borrow()) {
            self.latest.send_replace(latest);
        }
    }

    /// Tells the number of the latest event, whenever there is one more.
    pub(super) fn latest(&self) -> watch::Receiver<u64> {
        self.latest.subscribe()
    }

    /// What comes after a number, if all of that is here.
    pub(super) fn page(&self, query: &LogQuery) -> Option<LogPage> {
        let entries = self.entries.lock();
        let latest = entries.back().map_or_else(|| *self.latest.borrow(), |entry| entry.number);
        if query.after == latest {
            return Some(LogPage::beginning(latest, 0, latest));
        }
        let first = entries.front()?.number;
        let skipped = usize::try_from((query.after + 1).checked_sub(first)?).ok()?;
        let mut page = LogPage::beginning(query.after, first, latest);
        page.take(entries.iter().skip(skipped).take(AT_ONCE), query);
        Some(page)
    }
}
