//! What happens, as it happens or from where a reader was, for one client.
//!
//! A feed holds a page of events and nothing else: a reader that is slow is read for from memory while that reaches back
//! far enough, and from the disk beyond.

use std::{collections::VecDeque, error::Error, ops::Range, sync::Arc, time::Duration};

use directory::Access;
use history::{EventLog, Happening, HistoryError, LogEntry, LogFilter, LogQuery};
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until},
};

use crate::{
    Live, Phase,
    readers::{Place, TooManyReaders},
};

/// Events that a feed holds.
const PAGE: usize = 256;
/// The shortest time between two looks for what is new. What comes alone is told at once; when much comes, readers
/// gather it, as each look costs as much as some events.
const PACE: Duration = Duration::from_millis(100);
/// How long to wait when the log could not be read.
const RETRY: Duration = Duration::from_secs(1);

/// What a feed tells.
#[derive(Clone, Debug)]
pub enum FeedItem {
    /// Something happened; it is durable, and the live calls show it.
    Event(Arc<LogEntry>),
    /// The events with these numbers are no longer kept, or are of another log. A snapshot and the records tell where
    /// things stand.
    Gap(Range<u64>),
}

/// What happens to the calls that a client may see.
pub struct Feed {
    history: Arc<dyn EventLog>,
    filter: LogFilter,
    /// All up to this number was told, or is about to be.
    through: u64,
    items: VecDeque<FeedItem>,
    latest: watch::Receiver<u64>,
    /// The number of the latest event that the published calls show.
    published: watch::Receiver<u64>,
    phase: watch::Receiver<Phase>,
    looks_at: Instant,
    /// Held as long as the reader is there.
    _place: Option<Place>,
}

impl Live {
    /// What happens to the calls of `access` from now on.
    pub fn subscribe(&self, access: &Access) -> Feed {
        self.follow(access, LogFilter::default(), self.latest_event())
    }

    /// The number of the latest event.
    pub fn latest_event(&self) -> u64 {
        *self.history.latest_event().borrow()
    }

    /// What has happened after an event, of what `filter` wants and `access` allows, for a reader from outside: such have
    /// places. A filter without accounts is one for all of them.
    pub fn read_on(&self, access: &Access, filter: LogFilter, after: u64) -> Result<Feed, TooManyReaders> {
        let place = self.readers.enter(access)?;
        Ok(Feed { _place: Some(place), ..self.follow(access, filter, after) })
    }

    /// The same for a reader of the server's own, which has no place.
    pub fn follow(&self, access: &Access, mut filter: LogFilter, after: u64) -> Feed {
        match filter.accounts.is_empty() {
            true => filter.accounts = access.accounts().to_vec(),
            false => filter.accounts.retain(|account| access.allows(*account)),
        }
        Feed {
            history: self.history.clone(),
            filter,
            through: after,
            items: VecDeque::new(),
            latest: self.history.latest_event(),
            published: self.published.through.subscribe(),
            phase: self.phase.subscribe(),
            looks_at: Instant::now(),
            _place: None,
        }
    }
}

impl Feed {
    /// Waits for the next item; `None` when the server has stopped. May be dropped at any time.
    pub async fn next(&mut self) -> Option<FeedItem> {
        loop {
            if let Some(item) = self.items.pop_front() {
                return Some(item);
            }
            let is_stopped = |phase: &Phase| matches!(phase, Phase::Done(_));
            let mut phase = self.phase.clone();
            tokio::select! {
                biased;
                more = self.look() => more?,
                () = async { drop(phase.wait_for(is_stopped).await) } => {
                    // What was written last is told too.
                    self.look_now().await?;
                    if self.items.is_empty() {
                        return None;
                    }
                }
            }
        }
    }

    /// The number up to which everything has been told, once nothing is held.
    pub fn through(&self) -> u64 {
        match self.items.front() {
            Some(FeedItem::Event(entry)) => entry.number - 1,
            Some(FeedItem::Gap(gap)) => gap.start - 1,
            None => self.through,
        }
    }

    /// Waits for what is new, if there is nothing.
    async fn look(&mut self) -> Option<()> {
        let through = self.through;
        if *self.latest.borrow_and_update() == through {
            self.latest.changed().await.ok()?;
        }
        sleep_until(self.looks_at).await;
        self.look_now().await
    }

    async fn look_now(&mut self) -> Option<()> {
        let query = LogQuery { filter: self.filter.clone(), after: self.through, limit: PAGE };
        match self.history.events(query).await {
            Ok(page) => {
                let last_of_call =
                    page.entries.iter().rfind(|entry| matches!(entry.what, Happening::Call(_)));
                if let Some(last) = last_of_call {
                    self.published.wait_for(|published| *published >= last.number).await.ok()?;
                }
                // One that is behind reads on at once.
                if page.through == *self.latest.borrow() {
                    self.looks_at = Instant::now() + PACE;
                }
                self.through = page.through;
                self.items.extend(page.gap.map(FeedItem::Gap));
                self.items.extend(page.entries.into_iter().map(FeedItem::Event));
            }
            Err(HistoryError::Closed) => return None,
            Err(error) => {
                tracing::warn!(error = &error as &dyn Error, "events cannot be read; trying again");
                sleep(RETRY).await;
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use call::{CallEvent, CallId, EventKind, Timestamp};
    use history::{Concerned, LogPage};

    use super::*;

    /// A log with more than any reader may hold.
    struct Long(watch::Sender<u64>);

    #[async_trait]
    impl EventLog for Long {
        async fn events(&self, query: LogQuery) -> Result<LogPage, HistoryError> {
            let at = Timestamp::from_seconds(1);
            let event = CallEvent { call_id: CallId::new(at, [0; 10]), at, kind: EventKind::CallInterrupted };
            let what = Happening::Call(Arc::new(event));
            let entry = |number| LogEntry { number, concerned: Concerned::default(), what: what.clone() };
            let through = self.0.borrow().min(query.after + query.limit as u64);
            let entries = (query.after + 1..=through).map(|number| Arc::new(entry(number))).collect();
            Ok(LogPage { gap: None, entries, through })
        }

        fn latest_event(&self) -> watch::Receiver<u64> {
            self.0.subscribe()
        }
    }

    #[tokio::test]
    async fn a_reader_has_no_more_events_held_for_it_than_a_page_and_misses_none() {
        let last = 4 * PAGE as u64 + 7;
        let history: Arc<dyn EventLog> = Arc::new(Long(watch::Sender::new(last)));
        let (published, phase) = (watch::Sender::new(last), watch::Sender::new(Phase::Running));
        let mut feed = Feed {
            latest: history.latest_event(),
            history,
            filter: LogFilter::default(),
            through: 0,
            items: VecDeque::new(),
            published: published.subscribe(),
            phase: phase.subscribe(),
            looks_at: Instant::now(),
            _place: None,
        };
        for number in 1..=last {
            let Some(FeedItem::Event(entry)) = feed.next().await else { panic!("{number} is missing") };
            assert_eq!(entry.number, number);
            assert!(feed.items.len() < PAGE);
        }
    }
}
