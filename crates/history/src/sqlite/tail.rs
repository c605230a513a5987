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

#[cfg(test)]
mod tests {
    use call::{AccountId, CallEvent, CallId, EventKind, Timestamp};

    use super::*;
    use crate::{Concerned, Happening, LogFilter};

    fn entry(number: u64) -> LogEntry {
        let at = Timestamp::from_seconds(1);
        let event = CallEvent { call_id: CallId::new(at, [0; 10]), at, kind: EventKind::CallInterrupted };
        let concerned = Concerned { accounts: vec![AccountId(1)], ..Concerned::default() };
        LogEntry { number, concerned, what: Happening::Call(Arc::new(event)) }
    }

    #[test]
    fn the_latest_are_held_and_who_is_further_back_is_sent_elsewhere() {
        let (tail, last) = (Tail::new(0), 2 * ROOM as u64);
        for number in 1..=last {
            tail.extend(std::iter::once(entry(number)));
        }
        assert_eq!(tail.entries.lock().len(), ROOM);
        let filter = LogFilter { accounts: vec![AccountId(1)], ..LogFilter::default() };
        let page = |after| tail.page(&LogQuery { filter: filter.clone(), after, limit: 2 });
        let oldest = last - ROOM as u64;
        assert_eq!(page(oldest).unwrap().entries[0].number, oldest + 1);
        assert!(page(oldest - 1).is_none());
    }
}
