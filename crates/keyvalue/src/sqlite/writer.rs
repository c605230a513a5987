//! What is to be written, and the thread that writes it.

use std::{collections::HashMap, time::Duration};

use call::Timestamp;
use parking_lot::{Condvar, Mutex};
use rusqlite::Connection;
use tokio::sync::oneshot;

/// Most keys with changes that are not written. One more is not kept: its table has an older value, or none, after
/// a restart.
const ROOM: usize = 100_000;
/// How long a change may wait for others to be written with.
const GATHER: Duration = Duration::from_millis(100);
/// How long to rest after a failure.
const REST: Duration = Duration::from_secs(1);

/// What becomes of a key.
#[derive(Debug)]
pub(super) enum Change {
    Put(Vec<u8>, Timestamp),
    Remove,
}

pub(super) type Changes = HashMap<(&'static str, String), Change>;

/// What is to be written.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    came: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    changes: Changes,
    /// Who wants to know when all before is written.
    asked: Vec<oneshot::Sender<bool>>,
    /// Changes for which there was no room since the last warning.
    lost: u64,
    is_closed: bool,
}

/// What is written in one commit.
struct Work {
    changes: Changes,
    asked: Vec<oneshot::Sender<bool>>,
    /// Whether all that came is in it.
    is_whole: bool,
}

impl Queue {
    pub(super) fn change(&self, name: &'static str, key: &str, value: Option<(Vec<u8>, Timestamp)>) {
        let change = value.map_or(Change::Remove, |(value, until)| Change::Put(value, until));
        let mut waiting = self.waiting.lock();
        // Nobody writes after the end.
        if waiting.is_closed {
            return;
        }
        let key = (name, key.to_owned());
        if waiting.changes.len() >= ROOM && !waiting.changes.contains_key(&key) {
            waiting.lost += 1;
            return;
        }
        waiting.changes.insert(key, change);
        self.came.notify_one();
    }

    pub(super) fn ask(&self, done: oneshot::Sender<bool>) {
        let mut waiting = self.waiting.lock();
        // Nobody writes after the end: then the question is dropped, which says so.
        if !waiting.is_closed {
            waiting.asked.push(done);
            self.came.notify_one();
        }
    }

    pub(super) fn pending(&self) -> usize {
        self.waiting.lock().changes.len()
    }

    pub(super) fn close(&self) {
        self.waiting.lock().is_closed = true;
        self.came.notify_one();
    }

    /// Drops what waits, and whatever still comes: nobody writes it.
    pub(super) fn end(&self) {
        *self.waiting.lock() = Waiting { is_closed: true, ..Waiting::default() };
    }

    /// Waits for changes, and a little for more of them; `None` at the end.
    fn next(&self) -> Option<Work> {
        let mut waiting = self.waiting.lock();
        while waiting.changes.is_empty() && waiting.asked.is_empty() {
            if waiting.is_closed {
                return None;
            }
            self.came.wait(&mut waiting);
        }
        let is_urgent = |waiting: &mut Waiting| !waiting.asked.is_empty() || waiting.is_closed;
        self.came.wait_while_for(&mut waiting, |waiting| !is_urgent(waiting), GATHER);
        let lost = std::mem::take(&mut waiting.lost);
        if lost > 0 {
            tracing::warn!(lost, "there was no room to keep changes for the disk");
        }
        let (changes, asked) = (std::mem::take(&mut waiting.changes), std::mem::take(&mut waiting.asked));
        Some(Work { changes, asked, is_whole: lost == 0 })
    }

    /// Takes back what could not be written, unless it has changed since, and rests. `false` if that was the end.
    fn try_again(&self, changes: Changes) -> bool {
        let mut waiting = self.waiting.lock();
        if waiting.is_closed {
            return false;
        }
        for (key, change) in changes {
            waiting.changes.entry(key).or_insert(change);
        }
        self.came.wait_while_for(&mut waiting, |waiting| !waiting.is_closed, REST);
        true
    }
}

/// Writes until the queue is closed and empty.
pub(super) fn run(queue: &Queue, file: &Mutex<Connection>) {
    let mut is_failing = false;
    while let Some(Work { changes, asked, is_whole }) = queue.next() {
        let written = super::file::write(&mut file.lock(), &changes);
        let is_written = written.is_ok();
        for done in asked {
            // One who no longer waits has given up.
            let _ = done.send(is_written && is_whole);
        }
        if let Err(error) = &written
            && !is_failing
        {
            tracing::error!(%error, "what is to outlive the process cannot be written");
        }
        is_failing = !is_written;
        if is_failing && !queue.try_again(changes) {
            break;
        }
    }
    queue.end();
    super::file::settle(&file.lock());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_changes_than_there_is_room_for_are_not_held() {
        let queue = Queue::default();
        let until = Timestamp::from_seconds(1);
        for key in 0..=ROOM {
            queue.change("x", &key.to_string(), Some((Vec::new(), until)));
        }
        assert_eq!((queue.pending(), queue.waiting.lock().lost), (ROOM, 1));
        assert!(matches!(heard(&queue), Ok(false)), "what was thrown away is not told as kept");
    }

    /// What one hears who asks whether all is written.
    fn heard(queue: &Queue) -> Result<bool, oneshot::error::RecvError> {
        let (done, is_done) = oneshot::channel();
        queue.ask(done);
        queue.close();
        let file = Connection::open_in_memory().unwrap();
        file.execute_batch(super::super::file::TABLES).unwrap();
        run(queue, &Mutex::new(file));
        is_done.blocking_recv()
    }

    #[test]
    fn nobody_waits_for_a_writer_that_is_gone() {
        let queue = Queue::default();
        assert!(matches!(heard(&queue), Ok(true)));
        queue.change("x", "1", None);
        assert_eq!(queue.pending(), 0);
        let (done, is_done) = oneshot::channel();
        queue.ask(done);
        assert!(is_done.blocking_recv().is_err());
    }

    #[test]
    fn a_key_that_waits_may_change_again() {
        let (queue, until) = (Queue::default(), Timestamp::from_seconds(1));
        queue.change("x", "0", Some((Vec::new(), until)));
        queue.change("x", "0", Some((vec![1], until)));
        let waiting = queue.waiting.lock();
        let kept = &waiting.changes[&("x", "0".to_owned())];
        assert!(matches!(kept, Change::Put(value, _) if *value == [1]));
    }
}
