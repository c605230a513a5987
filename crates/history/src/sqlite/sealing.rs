//! Seals days that are over, in a thread of its own and at a bounded pace.

mod files;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use call::Timestamp;
use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{
    OpenError,
    daily::DAY,
    exporter::Now,
    fault::Fault,
    id::RowKey,
    joined::Joined,
    sealed::{self, Sealed, Taken, Takeover, Unfinished},
    writer::{Change, Writer},
};
use crate::{HistoryError, RecordField, columns::Column};

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

/// Calls that came late for a sealed day and are worth a part of their own at once.
const MANY: i64 = 10_000;

/// How long fewer of them stay hot.
const WHILE: i64 = DAY;

/// What the thread is asked for.
struct Order {
    before: Timestamp,
    done: oneshot::Sender<Result<u64, HistoryError>>,
}

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
    pub(super) now: Now,
    /// `None` = nothing is sealed unless it is ordered.
    pub(super) sealing: Option<Sealing>,
}

struct Worker {
    workbench: Workbench,
    is_closing: Arc<AtomicBool>,
}

impl Sealer {
    /// Starts the thread.
    pub(super) fn start(workbench: Workbench) -> Result<Self, OpenError> {
        let (sender, orders) = mpsc::channel();
        let is_closing = Arc::new(AtomicBool::new(false));
        let worker = Worker { workbench, is_closing: is_closing.clone() };
        let thread =
            thread::Builder::new().name("history-sealer".into()).spawn(move || worker.run(&orders))?;
        Ok(Self { orders: Mutex::new(Some(sender)), is_closing, thread: Mutex::new(Some(thread.into())) })
    }

    /// Seals every day that ended before an instant, at once and at full speed. Says how many parts were written.
    pub(super) async fn seal_before(&self, before: Timestamp) -> Result<u64, HistoryError> {
        let (done, answer) = oneshot::channel();
        // A thread that is gone drops `done`, which closes the answer.
        if let Some(orders) = &*self.orders.lock() {
            let _ = orders.send(Order { before, done });
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
    fn run(self, orders: &mpsc::Receiver<Order>) {
        let look = if self.workbench.sealing.is_some() { Duration::ZERO } else { LOOK };
        let mut wait = look;
        loop {
            match orders.recv_timeout(wait) {
                Ok(Order { before, done }) => {
                    let sealed = self.seal(day_of(before), Pace::Full, |_| true);
                    // One who no longer waits for the answer is no trouble.
                    let _ = done.send(sealed.map_err(|fault| fault.during("seal days")));
                }
                Err(RecvTimeoutError::Timeout) => self.look(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
            wait = LOOK;
        }
    }

    /// Seals what is due.
    fn look(&self) {
        let Some(sealing) = self.workbench.sealing else { return };
        let now = (self.workbench.now)();
        let sealed = self.seal(day_of(now - sealing.after), Pace::Half, |hot| hot.is_due(now));
        if let Err(fault) = sealed {
            let error = fault.during("seal days");
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a day cannot be sealed; its calls stay as they are"
            );
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

    /// Lets the rows and records of a listed part take over from the hot ones.
    fn take_over(&self, pace: Pace) -> Result<(), Fault> {
        while let Some(unfinished) = sealed::unfinished(&self.workbench.connection)? {
            if self.is_closing() {
                return Ok(());
            }
            let began = Instant::now();
            let takeover = self.next(&unfinished)?;
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
        let answer = self.workbench.writer.send(change).blocking_recv();
        Ok(answer.unwrap_or(Err(HistoryError::Closed))?)
    }

    fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::Relaxed)
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
