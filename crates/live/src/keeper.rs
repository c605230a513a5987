//! Makes batches durable: in the store, and in the spill file while the store fails or is slow.
//!
//! Whatever [`Keeper::keep`] has returned for is on disk, in one of the two. What lies in the spill file is handed
//! to the store in the same order as soon as that takes it; batches are numbered, so that none is taken twice,
//! whatever ends the server in between.

use std::{
    collections::VecDeque, error::Error, future::pending, path::PathBuf, pin::Pin, sync::Arc, time::Duration,
};

use call::Timestamp;
use history::{Batch, History, HistoryError, SpillFile};
use parking_lot::Mutex;
use tokio::{
    task::{JoinHandle, spawn_blocking},
    time::{Instant, sleep, sleep_until, timeout},
};

use crate::{health::StoreHealth, metrics::Metrics};

/// How long to wait before a failed commit is tried again.
const RETRY: Duration = Duration::from_millis(200);
/// How long a commit may take before its batch goes to the spill file as well.
const SLOW: Duration = Duration::from_millis(250);
/// Events that are handed to the store at once when it works again, about.
const CATCH_UP: usize = 8_192;
/// How far apart those were taken that are handed over as one, at most: their events are told as taken with the
/// last of them, and that is what an interrupted call's length is measured by.
const AS_ONE: Duration = Duration::from_millis(200);
/// How often it is said that a store fails.
const SAY_AGAIN: Duration = Duration::from_secs(10);

/// Where batches go.
pub(crate) struct Keeper {
    history: Arc<dyn History>,
    spill: Option<Arc<Mutex<SpillFile>>>,
    metrics: Arc<Metrics>,
    health: Arc<StoreHealth>,
    /// The number of the latest batch.
    number: i64,
    state: State,
    said: Option<Instant>,
}

enum State {
    /// The store has everything.
    Sound,
    /// It has not, or not yet.
    Behind { waiting: VecDeque<Batch>, attempt: Attempt },
}

enum Attempt {
    /// The next one is made then.
    Rests(Instant),
    /// The store is asked to take the first `count` of those that wait.
    Commits { count: usize, commit: Commit },
    /// It has taken them all; the spill file is being emptied.
    Clears(JoinHandle<()>),
}

type Commit = Pin<Box<dyn Future<Output = Result<(), HistoryError>> + Send>>;

/// Where everything is after a stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// In the store.
    Stored,
    /// Some events are in the spill file only; the next start reads it.
    Spilled {
        /// How many.
        events: usize,
        /// The file.
        path: PathBuf,
    },
    /// The writer has failed by a bug, told in the log.
    Unknown,
}

impl Keeper {
    pub(crate) fn new(
        history: Arc<dyn History>,
        spill: Option<SpillFile>,
        metrics: Arc<Metrics>,
        health: Arc<StoreHealth>,
    ) -> Self {
        let spill = spill.map(|file| Arc::new(Mutex::new(file)));
        let number = history.latest_append();
        Self { history, spill, metrics, health, number, state: State::Sound, said: None }
    }

    /// The number of the latest event in the store.
    pub(crate) fn latest_event(&self) -> u64 {
        *self.history.latest_event().borrow()
    }

    /// How the store is.
    pub(crate) fn health(&self) -> &StoreHealth {
        &self.health
    }

    /// Makes a batch durable; returns when it is.
    pub(crate) async fn keep(&mut self, batch: Batch) {
        self.number += 1;
        let batch = Batch { number: Some(self.number), run: Some(self.history.run()), ..batch };
        match &mut self.state {
            State::Sound => {
                let began = Instant::now();
                let mut commit = self.commit(batch.clone());
                match timeout(SLOW, &mut commit).await {
                    Ok(Ok(())) => return self.committed(began),
                    Ok(Err(error)) => {
                        let rest = self.after_failure(&error);
                        self.fall_behind(batch, rest);
                    }
                    Err(_) => self.fall_behind(batch, Attempt::Commits { count: 1, commit }),
                }
            }
            State::Behind { waiting, .. } => waiting.push_back(batch),
        }
        self.spill_latest().await;
    }

    /// That the run goes on, which no heartbeat can tell a store that takes nothing.
    pub(crate) async fn note_alive(&mut self, taken_at: Timestamp) {
        if !self.is_sound() {
            self.keep(Batch { taken_at: Some(taken_at), ..Batch::default() }).await;
        }
    }

    /// One step of catching up; waits for ever while there is nothing to do. May be dropped at any time.
    pub(crate) async fn advance(&mut self) {
        let State::Behind { waiting, attempt } = &mut self.state else { return pending().await };
        match attempt {
            Attempt::Rests(until) => {
                sleep_until(*until).await;
                let (count, batch) = first(waiting);
                let commit = self.commit(batch);
                self.set_attempt(Attempt::Commits { count, commit });
            }
            Attempt::Commits { count, commit } => {
                let (count, result) = (*count, commit.await);
                self.on_attempt(count, result);
            }
            Attempt::Clears(cleared) => {
                // It has told itself what went wrong.
                let _ = cleared.await;
                self.on_cleared();
            }
        }
    }

    /// Hands over what waits until the store has it all, or `patience` ends; says where everything is.
    pub(crate) async fn flush(mut self, patience: impl Future<Output = ()>) -> Kept {
        let mut patience = std::pin::pin!(patience);
        while !self.is_sound() {
            tokio::select! {
                () = self.advance() => {}
                () = &mut patience => break,
            }
        }
        let (State::Behind { waiting, .. }, Some(spill)) = (&self.state, &self.spill) else {
            return Kept::Stored;
        };
        let events = waiting.iter().map(|batch| batch.events.len()).sum();
        match events {
            0 => Kept::Stored,
            events => Kept::Spilled { events, path: spill.lock().path().to_owned() },
        }
    }

    fn committed(&self, began: Instant) {
        self.health.committed();
        self.metrics.tell_quarantined(&*self.history);
        self.metrics.journal_seconds.observe(began.elapsed().as_secs_f64());
    }

    fn is_sound(&self) -> bool {
        matches!(self.state, State::Sound)
    }

    fn commit(&self, batch: Batch) -> Commit {
        let history = self.history.clone();
        Box::pin(async move { history.append(batch).await })
    }

    fn fall_behind(&mut self, batch: Batch, attempt: Attempt) {
        self.health.fell_behind();
        self.state = State::Behind { waiting: VecDeque::from([batch]), attempt };
    }

    fn set_attempt(&mut self, next: Attempt) {
        if let State::Behind { attempt, .. } = &mut self.state {
            *attempt = next;
        }
    }

    fn on_attempt(&mut self, count: usize, result: Result<(), HistoryError>) {
        let next = match result {
            Ok(()) => self.on_taken(count),
            Err(error) => self.after_failure(&error),
        };
        self.set_attempt(next);
    }

    fn on_taken(&mut self, count: usize) -> Attempt {
        self.health.committed();
        self.metrics.tell_quarantined(&*self.history);
        let State::Behind { waiting, .. } = &mut self.state else { return Attempt::Rests(Instant::now()) };
        waiting.drain(..count.min(waiting.len()));
        match waiting.is_empty() {
            true => Attempt::Clears(self.clear()),
            false => Attempt::Rests(Instant::now()),
        }
    }

    fn on_cleared(&mut self) {
        let State::Behind { waiting, attempt } = &mut self.state else { return };
        if !waiting.is_empty() {
            *attempt = Attempt::Rests(Instant::now());
            return;
        }
        self.state = State::Sound;
        self.health.caught_up();
        if self.said.take().is_some() {
            tracing::info!("the call history has taken everything that waited");
        }
    }

    fn after_failure(&mut self, error: &HistoryError) -> Attempt {
        self.metrics.failed_commits.inc();
        let now = Instant::now();
        if self.said.is_none_or(|said| now.duration_since(said) >= SAY_AGAIN) {
            self.said = Some(now);
            let error = error as &dyn Error;
            tracing::error!(
                error,
                "the call history takes nothing; events go to the spill file until it does"
            );
        }
        Attempt::Rests(now + RETRY)
    }

    fn clear(&self) -> JoinHandle<()> {
        let spill = self.spill.clone();
        spawn_blocking(move || {
            let Some(spill) = spill else { return };
            let mut spill = spill.lock();
            if spill.is_empty() {
                return;
            }
            if let Err(error) = spill.clear() {
                // What it holds has numbers that the store knows: nobody takes it twice.
                tracing::error!(error = &error as &dyn Error, "the spill file cannot be emptied");
            }
        })
    }

    /// Writes the latest batch into the spill file, unless the store takes it first.
    async fn spill_latest(&mut self) {
        loop {
            let State::Behind { waiting, attempt } = &mut self.state else { return };
            if let Attempt::Clears(_) = attempt {
                self.advance().await;
                continue;
            }
            let Some(latest) = waiting.back().cloned() else { return };
            if spill(self.spill.clone(), self.health.clone(), latest).await {
                return;
            }
            tokio::select! {
                () = self.advance() => {}
                () = sleep(RETRY) => {}
            }
        }
    }
}

/// Writes a batch into the spill file; says whether it is there.
async fn spill(file: Option<Arc<Mutex<SpillFile>>>, health: Arc<StoreHealth>, batch: Batch) -> bool {
    let Some(file) = file else { return false };
    let events = batch.events.len();
    let written = spawn_blocking(move || file.lock().append(&batch)).await;
    match written {
        Ok(Ok(())) => {
            health.spilled(events);
            true
        }
        Ok(Err(error)) => {
            health.spill_failed();
            let error = &error as &dyn Error;
            tracing::error!(error, "events are neither stored nor spilled; trying again");
            false
        }
        Err(error) => {
            tracing::error!(%error, "writing the spill file has failed");
            false
        }
    }
}

/// The first of those that wait, as many as are handed over at once, made into one.
fn first(waiting: &VecDeque<Batch>) -> (usize, Batch) {
    let mut whole = Batch::default();
    let (mut count, mut began) = (0, None);
    for batch in waiting {
        let is_late = began.zip(batch.taken_at).is_some_and(|(began, at)| at.since(began) > AS_ONE);
        if is_late || count > 0 && whole.events.len() + batch.events.len() > CATCH_UP {
            break;
        }
        began = began.or(batch.taken_at.filter(|_| !batch.events.is_empty()));
        count += 1;
        whole.number = batch.number;
        whole.run = batch.run;
        whole.taken_at = whole.taken_at.max(batch.taken_at);
        whole.events.extend(batch.events.iter().cloned());
        whole.notices.extend(batch.notices.iter().cloned());
        whole.annotations.extend(batch.annotations.iter().cloned());
        whole.records.extend(batch.records.iter().cloned());
    }
    (count, whole)
}

#[cfg(test)]
mod tests {
    use call::{CallEvent, CallId, EventKind};

    use super::*;

    fn batch(second: i64, events: usize) -> Batch {
        let at = Timestamp::from_seconds(second);
        let call_id = CallId::new(at, [0; 10]);
        let event = Arc::new(CallEvent { call_id, at, kind: EventKind::CallInterrupted });
        Batch { taken_at: Some(at), events: vec![event.into(); events], ..Batch::default() }
    }

    #[test]
    fn what_was_taken_at_other_times_is_not_handed_over_as_one() {
        let cases: [(&[(i64, usize)], usize); 6] = [
            (&[(1, 1), (1, 2), (1, 1)], 3),
            (&[(1, 1), (2, 1)], 1),
            (&[(1, 0), (2, 0), (9, 1), (9, 1), (10, 0)], 4),
            (&[(1, 1), (2, 0)], 1),
            (&[(1, CATCH_UP), (1, 1)], 1),
            (&[(1, CATCH_UP + 1)], 1),
        ];
        for (waiting, expected) in cases {
            let waiting = waiting.iter().map(|(second, events)| batch(*second, *events)).collect();
            let (count, whole) = first(&waiting);
            assert_eq!(count, expected, "{whole:?}");
        }
    }
}
