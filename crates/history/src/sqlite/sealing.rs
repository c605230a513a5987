//! Keeps what is sealed, in a thread of its own and at a bounded pace: seals days that are over, makes many parts of a
//! day into one, and deletes what is older than it is kept.

mod expiry;
mod files;
mod folding;
mod importing;
mod recordings;
mod rewriting;

use std::{
    cell::Cell,
    collections::BTreeSet,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use call::{CallRecord, Timestamp};
use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::oneshot;

use self::folding::{Scattered, scattered_days};
use super::{
    OpenError,
    daily::DAY,
    exporter::Now,
    fault::Fault,
    id::RowKey,
    joined::Joined,
    recent::Recent,
    sealed::{self, Exchange, Sealed, Taken, Takeover, Unfinished},
    writer::{Change, Writer},
    yielding::yield_to_calls,
};
use crate::{
    HistoryError, RecordField, Retention,
    columns::{Column, Columns},
};

/// How days are sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sealing {
    /// How long after its end a day is sealed; what comes later than that is folded in later.
    pub after: Duration,
}

impl Default for Sealing {
    /// Ten minutes.
    fn default() -> Self {
        Self { after: Duration::from_secs(600) }
    }
}

/// Rows, or records, that take over in one transaction. They hold up other commits, so they are few.
const PORTION: u32 = 1_000;

/// How often is looked for days that are over.
const LOOK: Duration = Duration::from_secs(60);

/// The longest rest at a time, as it holds up a stop.
const LONGEST_REST: Duration = Duration::from_millis(500);

/// Calls that came late for a sealed day and are worth a part of their own at once.
const MANY: i64 = 10_000;

/// How long fewer of them stay hot.
const WHILE: i64 = DAY;

/// What the thread is asked for.
struct Order {
    task: Task,
    done: oneshot::Sender<Result<u64, HistoryError>>,
}

/// Something that is done at once and at full speed.
pub(super) enum Task {
    /// Seals every day that ended before an instant; gives how many parts were written.
    Seal {
        /// The instant.
        before: Timestamp,
    },
    /// Makes the parts of each day that ended before an instant into one; gives how many parts went.
    Fold {
        /// The instant.
        before: Timestamp,
    },
    /// Deletes what nobody keeps any longer; gives how many rows went.
    DeleteExpired,
    /// Stores records of calls that have none yet; gives how many.
    Import(Vec<CallRecord>),
}

/// Tells how long calls are kept.
pub type Retaining = Arc<dyn Fn() -> Retention + Send + Sync>;

/// Hands orders to the thread. Dropping it stops the thread; what is not done then is done after the next start.
pub(super) struct Sealer {
    orders: Mutex<Option<mpsc::Sender<Order>>>,
    is_closing: Arc<AtomicBool>,
    thread: Mutex<Option<Joined>>,
}

/// What the thread works with.
pub(super) struct Workbench {
    /// A connection that reads.
    pub(super) connection: Connection,
    pub(super) writer: Writer,
    pub(super) sealed: Arc<Sealed>,
    pub(super) recent: Arc<Recent>,
    pub(super) now: Now,
    /// `None` = nothing is sealed unless it is ordered.
    pub(super) sealing: Option<Sealing>,
    pub(super) retention: Retaining,
    /// Where recordings are; `None` = none are deleted.
    pub(super) recordings: Option<PathBuf>,
}

impl Workbench {
    /// Makes a change durable.
    fn change(&self, change: Change) -> Result<(), Fault> {
        let answer = self.writer.send(change).blocking_recv();
        Ok(answer.unwrap_or(Err(HistoryError::Closed))?)
    }
}

struct Worker {
    workbench: Workbench,
    is_closing: Arc<AtomicBool>,
    /// Of which day, and of what is kept, everything is deleted that is to be.
    expired: Mutex<Option<(i64, Retention)>>,
    /// Days whose parts cannot be made into one as a file is damaged. No file is mended while this runs.
    damaged: Mutex<BTreeSet<i64>>,
}

impl Sealer {
    /// Starts the thread.
    pub(super) fn start(workbench: Workbench) -> Result<Self, OpenError> {
        let (sender, orders) = mpsc::channel();
        let is_closing = Arc::new(AtomicBool::new(false));
        let worker = Worker {
            workbench,
            is_closing: is_closing.clone(),
            expired: Mutex::default(),
            damaged: Mutex::default(),
        };
        let work = move || {
            yield_to_calls();
            worker.run(&orders);
        };
        let thread = thread::Builder::new().name("history-sealer".into()).spawn(work)?;
        Ok(Self { orders: Mutex::new(Some(sender)), is_closing, thread: Mutex::new(Some(thread.into())) })
    }

    /// Does something at once, after what it is at; gives how much came of it.
    pub(super) async fn order(&self, task: Task) -> Result<u64, HistoryError> {
        let (done, answer) = oneshot::channel();
        // A thread that is gone drops `done`, which closes the answer.
        if let Some(orders) = &*self.orders.lock() {
            let _ = orders.send(Order { task, done });
        }
        answer.await.unwrap_or(Err(HistoryError::Closed))
    }

    /// Stops the thread, and returns when it has ended.
    pub(super) async fn close(&self) {
        self.stop();
        let thread = self.thread.lock().take();
        // What it panicked over is told already.
        let _ = tokio::task::spawn_blocking(move || drop(thread)).await;
    }

    fn stop(&self) {
        self.is_closing.store(true, Ordering::Relaxed);
        // The thread ends with the way to it.
        drop(self.orders.lock().take());
    }
}

impl Drop for Sealer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// How much of the time may be worked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// As much as is rested.
    Half,
    /// All of it.
    Full,
}

impl Worker {
    fn run(mut self, orders: &mpsc::Receiver<Order>) {
        if let Err(fault) = self.workbench.recent.load(&mut self.workbench.connection) {
            let error = fault.during("read the calls of today");
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "charts of today are slower until the next start"
            );
        }
        let mut wait = Duration::ZERO;
        loop {
            match orders.recv_timeout(wait) {
                Ok(Order { task, done }) => {
                    let outcome = self.carry_out(task);
                    self.clear_up();
                    // One who no longer waits for the answer is no trouble.
                    let _ = done.send(outcome);
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.look();
                    self.clear_up();
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
            wait = LOOK;
        }
    }

    fn clear_up(&self) {
        self.workbench.sealed.clear_retired();
        self.tell_figures();
    }

    fn carry_out(&self, task: Task) -> Result<u64, HistoryError> {
        match task {
            Task::Seal { before } => {
                let sealed = self.seal(day_of(before), Pace::Full, |_| true);
                sealed.map_err(|fault| fault.during("seal days"))
            }
            Task::Fold { before } => {
                let folded = self.fold(day_of(before), Pace::Full, |_| true);
                folded.map_err(|fault| fault.during("make parts of days into one"))
            }
            Task::DeleteExpired => {
                self.delete_expired(Pace::Full).map_err(|fault| fault.during("delete old calls"))
            }
            Task::Import(records) => self.import(&records).map_err(|fault| fault.during("take over records")),
        }
    }

    /// Does what is due.
    fn look(&self) {
        let now = (self.workbench.now)();
        if let Some(sealing) = self.workbench.sealing {
            let before = day_of(now - sealing.after);
            let sealed = self.seal(before, Pace::Half, |hot| hot.is_due(now));
            told(sealed, "a day cannot be sealed; its calls stay as they are");
            let folded = self.fold(before, Pace::Half, |day| day.is_due(now.as_micros()));
            told(folded, "parts of a day cannot be made into one; they stay as they are");
        }
        let asked = (day_of(now), (self.workbench.retention)());
        if self.expired.lock().as_ref() == Some(&asked) {
            return;
        }
        if told(self.delete_expired(Pace::Half), "calls that are older than they are kept cannot be deleted")
        {
            *self.expired.lock() = Some(asked);
        }
    }

    /// What metrics show.
    fn tell_figures(&self) {
        let Workbench { connection, sealed, now, sealing, .. } = &self.workbench;
        let over = day_of(now() - sealing.unwrap_or_default().after);
        let behind =
            hot_days(connection, over).map(|days| days.iter().filter(|hot| hot.sealed_at.is_none()).count());
        if let Err(error) = behind.and_then(|behind| sealed.tell(connection, behind)) {
            tracing::warn!(%error, "what is sealed cannot be counted");
        }
    }

    /// Seals the days before `day`; gives how many parts were written.
    fn seal(&self, day: i64, pace: Pace, is_due: impl Fn(&Hot) -> bool) -> Result<u64, Fault> {
        self.take_over(pace)?;
        let mut parts = 0;
        for hot in hot_days(&self.workbench.connection, day)?.iter().filter(|hot| is_due(hot)) {
            if self.is_closing() {
                return Ok(parts);
            }
            let began = Instant::now();
            let Some(part) = files::write(&self.workbench, hot.day, || self.is_closing())? else { continue };
            let (rows, records) = (part.rows, part.records);
            self.change(Change::ListPart(Box::new(part)))?;
            self.take_over(pace)?;
            parts += 1;
            let millis = began.elapsed().as_millis();
            tracing::info!(day = sealed::date(hot.day), rows, records, millis, "sealed calls of a day");
        }
        Ok(parts)
    }

    /// Makes parts of days before `day` into one each; gives how many parts went.
    fn fold(&self, day: i64, pace: Pace, is_due: impl Fn(&Scattered) -> bool) -> Result<u64, Fault> {
        let mut parts = 0;
        for scattered in scattered_days(&self.workbench.connection, day)?.iter().filter(|day| is_due(day)) {
            let (began, day) = (Instant::now(), (scattered.day, scattered.parts.as_slice()));
            if self.damaged.lock().contains(&scattered.day) {
                continue;
            }
            let rewritten = rewriting::rewrite(&self.workbench, day, |_| true, self.paced(pace));
            let Some(rewritten) = self.but_for_damage(rewritten)? else {
                self.damaged.lock().insert(scattered.day);
                continue;
            };
            let Some(exchange) = rewritten else { continue };
            if self.exchange(exchange)? {
                parts += scattered.parts.len() as u64;
                let (day, parts) = (sealed::date(scattered.day), scattered.parts.len());
                tracing::info!(
                    day,
                    parts,
                    millis = began.elapsed().as_millis(),
                    "made parts of a day into one"
                );
            }
        }
        Ok(parts)
    }

    /// What came of something; `None` if a file is damaged, which is noted and hurts only what needs it.
    fn but_for_damage<T>(&self, outcome: Result<T, Fault>) -> Result<Option<T>, Fault> {
        match outcome {
            Err(Fault::History(error @ HistoryError::Damaged { .. })) => {
                self.workbench.sealed.note_damage(&error);
                Ok(None)
            }
            outcome => outcome.map(Some),
        }
    }

    /// Puts a part, or nothing, in the place of others; false if one of them has changed since it was read.
    fn exchange(&self, exchange: Exchange) -> Result<bool, Fault> {
        let (connection, sealed) = (&self.workbench.connection, &self.workbench.sealed);
        let paths = |part| sealed::listed_paths(connection, sealed.folder(), part);
        let olds: Vec<_> = exchange.old.iter().map(|old| old.id).collect();
        let old_paths =
            olds.iter().filter_map(|part| paths(*part).transpose().map(|found| Ok((*part, found?))));
        let old_paths = old_paths.collect::<rusqlite::Result<Vec<_>>>()?;
        let new =
            exchange.new.as_ref().map(|new| (new.id, sealed::paths(sealed.folder(), new.day, &new.name)));
        self.change(Change::Exchange(Box::new(exchange)))?;
        let is_made = match olds.first() {
            Some(part) => paths(*part)?.is_none(),
            None => true,
        };
        sealed.retire(if is_made { old_paths } else { new.into_iter().collect() }.as_slice());
        Ok(is_made)
    }

    /// Says whether to stop, and rests meanwhile as the pace asks for.
    fn paced(&self, pace: Pace) -> impl Fn() -> bool {
        let since = Cell::new(Instant::now());
        move || {
            if pace == Pace::Half {
                thread::sleep(since.get().elapsed().min(LONGEST_REST));
                since.set(Instant::now());
            }
            self.is_closing()
        }
    }

    /// Lets the rows and records of listed parts take over from the hot ones; of damaged ones those stay.
    fn take_over(&self, pace: Pace) -> Result<(), Fault> {
        let mut damaged = 0;
        while let Some(unfinished) = sealed::unfinished(&self.workbench.connection, damaged)? {
            if self.is_closing() {
                return Ok(());
            }
            let began = Instant::now();
            let Some(takeover) = self.but_for_damage(self.next(&unfinished))? else {
                damaged = unfinished.part;
                continue;
            };
            self.change(Change::TakeOver(takeover))?;
            if pace == Pace::Half {
                thread::sleep(began.elapsed());
            }
        }
        Ok(())
    }

    fn next(&self, unfinished: &Unfinished) -> Result<Takeover, Fault> {
        let Unfinished { part, seq, taken, records_taken } = *unfinished;
        let files = self.workbench.sealed.files(&self.workbench.connection, part)?;
        let rows = files.rows()?;
        if taken < rows.rows() {
            let what = Taken::Rows(keys(&rows, taken..rows.rows().min(taken + PORTION))?);
            return Ok(Takeover { part, seq, first: taken, what });
        }
        let records = files.records()?;
        let calls = records.ids(records_taken..records.len().min(records_taken + PORTION))?;
        Ok(Takeover { part, seq, first: records_taken, what: Taken::Records(calls) })
    }

    fn change(&self, change: Change) -> Result<(), Fault> {
        self.workbench.change(change)
    }

    fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::Relaxed)
    }
}

/// Says what went wrong; whether nothing did.
fn told(outcome: Result<u64, Fault>, what: &'static str) -> bool {
    match outcome {
        Ok(_) => true,
        Err(fault) => {
            let error = fault.during("keep sealed days");
            tracing::error!(error = &error as &dyn std::error::Error, "{what}");
            false
        }
    }
}

fn keys(
    file: &crate::columns::RowFile,
    rows: std::ops::Range<u32>,
) -> Result<Vec<(u32, i64, RowKey)>, HistoryError> {
    let accounts = file.numbers(Column::Field(RecordField::Account), rows.clone())?;
    let starts = file.numbers(Column::Field(RecordField::StartedAt), rows.clone())?;
    let ids = file.call_ids(rows.clone())?;
    let parts = file.numbers(Column::Part, rows.clone())?;
    let key = |row: u32| {
        let account = u32::try_from(accounts.number(row)).unwrap_or(0);
        let part = u16::try_from(parts.number(row)).unwrap_or(0);
        (account, starts.number(row), RowKey { call: ids.call_id(row), part })
    };
    Ok((0..rows.end - rows.start).map(key).collect())
}

/// A day with calls that are not sealed.
struct Hot {
    day: i64,
    /// Their rows, without those of parts of them.
    rows: i64,
    /// When the day was sealed last, in microseconds.
    sealed_at: Option<i64>,
}

impl Hot {
    fn is_due(&self, now: Timestamp) -> bool {
        self.rows >= MANY || self.sealed_at.is_none_or(|sealed_at| now.as_micros() - sealed_at >= WHILE)
    }
}

/// The days before `day` with calls that are not sealed, oldest first.
fn hot_days(connection: &Connection, day: i64) -> rusqlite::Result<Vec<Hot>> {
    let mut select = connection.prepare_cached(
        "SELECT day, calls
                - ifnull((SELECT sum(call_rows) FROM sealed_parts WHERE sealed_parts.day = all_calls.day), 0)
                + (SELECT count(*) FROM superseded JOIN sealed_parts ON sealed_parts.id = part
                   WHERE sealed_parts.day = all_calls.day AND superseded.is_call),
                (SELECT max(sealed_at) FROM sealed_parts WHERE sealed_parts.day = all_calls.day)
         FROM (SELECT day, sum(calls) AS calls FROM daily_calls
               WHERE day < ?1 AND sides < 16 GROUP BY day) AS all_calls
         ORDER BY day",
    )?;
    let rows = select
        .query_map([day], |row| Ok(Hot { day: row.get(0)?, rows: row.get(1)?, sealed_at: row.get(2)? }))?;
    let days: Vec<Hot> = rows.collect::<Result<_, _>>()?;
    Ok(days.into_iter().filter(|hot| hot.rows > 0).collect())
}

fn day_of(at: Timestamp) -> i64 {
    at.as_micros().div_euclid(DAY)
}
