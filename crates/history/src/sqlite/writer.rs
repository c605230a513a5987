//! The only one that writes: a thread that takes what has queued up and commits it together.

use std::{
    path::Path,
    sync::{
        Arc, Weak,
        atomic::{AtomicI64, AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use call::{AccountId, CallId, NoticeKind, Timestamp, notice::ExportChange};
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use super::{
    OpenError, annotations, deleted, export_jobs,
    fault::Fault,
    forgetting::{self, HotRow},
    joined::Joined,
    journal::{self, Journal, JournalChange, note_commit},
    latest::LatestFile,
    quarantine::{self, Outcast},
    recent::Recent,
    records::RecordWriter,
    runs, schema,
    sealed::{self, Arrival, Exchange, NewPart, Sealed, Takeover},
    tail::Tail,
};
use crate::{Annotation, Batch, Export, ExportId, ExportStatus, Heartbeat, HistoryError};

/// The shortest time between two commits, and so the longest that a change waits for others. A commit costs
/// about as much as the records of ten calls, so under load it pays to gather; a change that comes alone is
/// committed at once.
const PACE: Duration = Duration::from_millis(5);

/// Events and records that are enough for a commit: it costs little beside them, so that they wait for no others.
const ENOUGH: usize = 500;

/// Something to be made durable.
pub(super) enum Change {
    Append(Batch),
    Heartbeat(Heartbeat),
    BeginExport(Export),
    EndExport(Export),
    DeleteExport {
        id: ExportId,
        now: Timestamp,
    },
    Annotate(Annotation),
    /// A part has this number from now on, whatever becomes of it.
    GivePart(i64),
    ListPart(Box<NewPart>),
    TakeOver(Takeover),
    Exchange(Box<Exchange>),
    Import(Box<Arrival>),
    ForgetRows(Vec<HotRow>),
    ForgetNotes(Vec<(AccountId, CallId)>),
    ForgetMerged(Vec<CallId>),
    /// Nothing more: the database is worked into one file and closed.
    Close,
}

struct Job {
    change: Change,
    done: oneshot::Sender<Result<(), HistoryError>>,
}

/// Hands changes to the thread. When the last handle is gone, the thread writes what it has and ends.
#[derive(Clone)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
    run: i64,
    latest: Arc<AtomicI64>,
    quarantined: Arc<AtomicU64>,
    tail: Weak<Tail>,
}

impl Writer {
    /// Opens the database, made if it is not there, and starts the thread.
    pub(super) fn start(
        path: &Path,
        size_limit: Option<u64>,
        (sealed, recent): (Arc<Sealed>, Arc<Recent>),
        keep_events: Duration,
    ) -> Result<(Self, Joined), OpenError> {
        let mut connection = schema::open_writer(path, size_limit)?;
        let run = runs::next(&connection)?;
        let journal =
            Journal::load(&mut connection, run).map_err(|fault| fault.during_at("read its journal", path))?;
        let quarantined = Arc::new(AtomicU64::new(quarantine::count(&connection)?));
        let latest = Arc::new(AtomicI64::new(journal.latest()));
        let noted = LatestFile::open(path.parent().unwrap_or(path), journal.latest())?;
        let tail = Tail::new(journal.latest_event());
        let told = Arc::downgrade(&tail);
        let (sender, jobs) = mpsc::channel();
        let committer = Committer {
            connection,
            run,
            jobs,
            due: Instant::now(),
            journal,
            latest: latest.clone(),
            noted,
            records: RecordWriter::new(sealed, recent.clone()),
            recent,
            quarantined: quarantined.clone(),
            tail,
            keep_events,
        };
        let thread = thread::Builder::new().name("history-writer".into()).spawn(move || committer.run())?;
        Ok((Self { jobs: sender, run, latest, quarantined, tail: told }, thread.into()))
    }

    /// The number of the latest batch.
    pub(super) fn latest_append(&self) -> i64 {
        self.latest.load(Ordering::SeqCst)
    }

    /// The present run.
    pub(super) fn run(&self) -> i64 {
        self.run
    }

    /// How much lies in quarantine.
    pub(super) fn quarantined(&self) -> u64 {
        self.quarantined.load(Ordering::Relaxed)
    }

    /// The latest events; `None` once the thread has ended.
    pub(super) fn tail(&self) -> Option<Arc<Tail>> {
        self.tail.upgrade()
    }

    /// Hands over `change`; the answer comes once it is durable or has failed.
    pub(super) fn send(&self, change: Change) -> oneshot::Receiver<Result<(), HistoryError>> {
        let (done, answer) = oneshot::channel();
        // A thread that is gone drops `done`, which closes the answer.
        let _ = self.jobs.send(Job { change, done });
        answer
    }

    /// Writes what is under way, and closes the database.
    pub(super) async fn close(&self) {
        // One that is closed already is so.
        let _ = self.write(Change::Close).await;
    }

    /// Makes `change` durable.
    pub(super) async fn write(&self, change: Change) -> Result<(), HistoryError> {
        self.send(change).await.unwrap_or(Err(HistoryError::Closed))
    }
}

struct Committer {
    connection: Connection,
    run: i64,
    jobs: mpsc::Receiver<Job>,
    journal: Journal,
    latest: Arc<AtomicI64>,
    noted: LatestFile,
    due: Instant,
    records: RecordWriter,
    recent: Arc<Recent>,
    quarantined: Arc<AtomicU64>,
    /// Its only owner: who waits for more events learns by its end that none will come.
    tail: Arc<Tail>,
    keep_events: Duration,
}

impl Committer {
    fn run(mut self) {
        while let Ok(first) = self.jobs.recv() {
            let group = self.gather(first);
            let result = self.commit(&group).map_err(|fault| Arc::new(self.told(fault)));
            self.due = Instant::now() + PACE;
            let (closing, group): (Vec<_>, Vec<_>) =
                group.into_iter().partition(|job| matches!(job.change, Change::Close));
            for job in group {
                // One who no longer waits for the answer is no trouble.
                let _ = job.done.send(result.clone().map_err(failed));
            }
            if !closing.is_empty() {
                self.close();
                // The same here.
                closing.into_iter().for_each(|job| drop(job.done.send(Ok(()))));
                return;
            }
        }
        self.close();
    }

    fn told(&self, fault: Fault) -> HistoryError {
        fault.during_at("write to its database", Path::new(self.connection.path().unwrap_or_default()))
    }

    /// Works the write-ahead log into the database. SQLite removes the log with the last connection.
    fn close(self) {
        let worked = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        if let Err(error) = worked.and_then(|()| self.connection.close().map_err(|(_, error)| error)) {
            tracing::warn!(%error, "the call history's log is not worked into its database; the next start does it");
        }
    }

    /// Takes what has queued up, and what comes in until the next commit is due, unless there is enough.
    fn gather(&self, first: Job) -> Vec<Job> {
        let (mut weight, mut group) = (first.weight(), vec![first]);
        loop {
            let due = if weight < ENOUGH { self.due } else { Instant::now() };
            match self.jobs.recv_timeout(due.saturating_duration_since(Instant::now())) {
                Ok(job) => {
                    weight += job.weight();
                    group.push(job);
                }
                Err(_) => return group,
            }
        }
    }

    /// All of it or nothing, apart from what could never be stored: that is put aside.
    fn commit(&mut self, group: &[Job]) -> Result<(), Fault> {
        match self.commit_by(group, write, false) {
            Err(fault) if quarantine::is_lasting(&fault) => self.commit_by(group, write_what_can_be, false),
            // Records go before the past of the event log.
            Err(fault) if fault.is_for_want_of_room() => self.commit_by(group, write, true),
            outcome => outcome,
        }
    }

    fn commit_by(&mut self, group: &[Job], write: Write, is_short_of_room: bool) -> Result<(), Fault> {
        let mut change = self.journal.change(batches(group));
        change.is_short_of_room = is_short_of_room;
        let beating = Beating { run: self.run, keep_events: self.keep_events, seq: self.journal.latest() };
        self.records.changes.clear();
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let written = write(&transaction, group, &mut change, &mut self.records)
            .and_then(|outcasts| {
                let hot = (&beating, &*self.recent);
                write_rest(&transaction, group, &mut change, hot).map(|()| outcasts)
            })
            .and_then(|outcasts| transaction.commit().map(|()| outcasts).map_err(Fault::from));
        match written {
            Ok(outcasts) => {
                if group.iter().any(|job| matches!(job.change, Change::Import(_))) {
                    // It has taken serial numbers.
                    self.records.forget();
                }
                self.journal.settle(&change);
                self.recent.tell(self.journal.latest(), std::mem::take(&mut self.records.changes));
                self.tail.extend(change.entries());
                self.latest.store(self.journal.latest(), Ordering::SeqCst);
                self.noted.note(self.journal.latest());
                self.quarantined.fetch_add(outcasts.len() as u64, Ordering::Relaxed);
                outcasts.iter().for_each(Outcast::report);
                Ok(())
            }
            Err(fault) => {
                self.records.forget();
                Err(fault)
            }
        }
    }
}

/// Writes a group of jobs; gives what it has put aside.
type Write =
    fn(&Connection, &[Job], &mut JournalChange<'_>, &mut RecordWriter) -> Result<Vec<Outcast>, Fault>;

impl Job {
    /// How many events and records it has.
    fn weight(&self) -> usize {
        self.batch().map_or(0, |batch| batch.events.len() + batch.records.len())
    }

    fn batch(&self) -> Option<&Batch> {
        match &self.change {
            Change::Append(batch) => Some(batch),
            Change::Heartbeat(_)
            | Change::BeginExport(_)
            | Change::EndExport(_)
            | Change::DeleteExport { .. }
            | Change::Annotate(_)
            | Change::GivePart(_)
            | Change::ListPart(_)
            | Change::TakeOver(_)
            | Change::Exchange(_)
            | Change::Import(_)
            | Change::ForgetRows(_)
            | Change::ForgetNotes(_)
            | Change::ForgetMerged(_)
            | Change::Close => None,
        }
    }
}

fn batches(group: &[Job]) -> impl Iterator<Item = &Batch> {
    group.iter().filter_map(Job::batch)
}

fn write(
    connection: &Connection,
    group: &[Job],
    journal: &mut JournalChange<'_>,
    records: &mut RecordWriter,
) -> Result<Vec<Outcast>, Fault> {
    journal.write(connection)?;
    for annotation in batches(group).flat_map(|batch| &batch.annotations) {
        annotate(connection, annotation, journal)?;
    }
    for record in batches(group).flat_map(|batch| &batch.records) {
        records.store(connection, journal.seq, record)?;
    }
    records.write_sums(connection)?;
    Ok(Vec::new())
}

/// Slower, as it can take each event, each annotation and each record back.
fn write_what_can_be(
    connection: &Connection,
    group: &[Job],
    journal: &mut JournalChange<'_>,
    records: &mut RecordWriter,
) -> Result<Vec<Outcast>, Fault> {
    let mut outcasts = journal.write_what_can_be(connection)?;
    for annotation in batches(group).flat_map(|batch| &batch.annotations) {
        if let Err(fault) = quarantine::attempt(connection, || annotate(connection, annotation, journal))? {
            outcasts.push(quarantine::annotation(connection, annotation, &fault)?);
        }
    }
    for record in batches(group).flat_map(|batch| &batch.records) {
        let before = records.changes.len();
        let stored = quarantine::attempt(connection, || {
            records.store(connection, journal.seq, record)?;
            Ok(records.write_sums(connection)?)
        })?;
        if let Err(fault) = stored {
            records.forget();
            records.changes.truncate(before);
            outcasts.push(quarantine::record(connection, record, &fault)?);
            records.pass_over(connection, journal.seq, record)?;
        }
    }
    Ok(outcasts)
}

fn annotate(
    connection: &Connection,
    annotation: &Annotation,
    journal: &mut JournalChange<'_>,
) -> Result<(), Fault> {
    let accounts = annotations::change(connection, annotation)?;
    if !accounts.is_empty() {
        journal.note(annotation.change.at, accounts, NoticeKind::CallAnnotated { call: annotation.call });
    }
    Ok(())
}

/// What is not of batches alone.
fn write_rest(
    connection: &Connection,
    group: &[Job],
    journal: &mut JournalChange<'_>,
    (beating, recent): (&Beating, &Recent),
) -> Result<(), Fault> {
    for job in group {
        match &job.change {
            Change::Append(batch) => runs::note_alive(connection, batch)?,
            Change::Close => {}
            Change::Heartbeat(beat) => beating.note(connection, beat)?,
            Change::BeginExport(_) | Change::EndExport(_) | Change::DeleteExport { .. } => {
                write_export(connection, &job.change, journal)?;
            }
            Change::Annotate(annotation) => annotate(connection, annotation, journal)?,
            Change::GivePart(part) => deleted::note_given(connection, 0, *part)?,
            Change::ListPart(part) => {
                recent.let_day_go(part.day);
                sealed::list(connection, part)?;
                // The rows that tell the latest commit may go.
                note_commit(connection, journal.seq)?;
            }
            Change::TakeOver(takeover) => {
                takeover.latest_start().into_iter().for_each(|at| recent.let_go_until(at));
                sealed::take(connection, takeover)?;
            }
            Change::Exchange(exchange) => sealed::exchange(connection, exchange)?,
            Change::Import(arrival) => sealed::arrive(connection, arrival)?,
            Change::ForgetRows(rows) => {
                rows.iter().for_each(|row| recent.let_go_until(row.started_at));
                forgetting::forget_rows(connection, journal.seq, rows)?;
            }
            Change::ForgetNotes(calls) => forgetting::forget_notes(connection, calls)?,
            Change::ForgetMerged(calls) => forgetting::forget_merged(connection, calls)?,
        }
    }
    Ok(journal.write_notes(connection)?)
}

/// What a heartbeat is noted with.
struct Beating {
    run: i64,
    keep_events: Duration,
    /// The latest commit of events.
    seq: i64,
}

impl Beating {
    /// Notes that the run goes on, and lets go of events that are too old.
    fn note(&self, connection: &Connection, beat: &Heartbeat) -> Result<(), Fault> {
        runs::beat(connection, self.run, beat)?;
        let keep = i64::try_from(self.keep_events.as_micros()).unwrap_or(i64::MAX);
        let before = Timestamp::from_micros(beat.at.as_micros().saturating_sub(keep));
        if journal::remove_old(connection, before)? {
            // The rows that tell the latest commit may be gone.
            note_commit(connection, self.seq)?;
        }
        Ok(())
    }
}

fn write_export(
    connection: &Connection,
    change: &Change,
    journal: &mut JournalChange<'_>,
) -> rusqlite::Result<()> {
    let (at, account, export, change) = match change {
        Change::BeginExport(export) => {
            export_jobs::insert(connection, export)?;
            (export.created_at, export.account, export.id, ExportChange::Created)
        }
        Change::EndExport(export) => {
            let change = match export.status {
                ExportStatus::Completed => ExportChange::Completed { rows: export.rows.unwrap_or(0) },
                ExportStatus::Deleted => ExportChange::Deleted,
                ExportStatus::Failed | ExportStatus::Pending => ExportChange::Failed,
            };
            if !export_jobs::end(connection, export)? {
                return Ok(());
            }
            (export.updated_at, export.account, export.id, change)
        }
        Change::DeleteExport { id, now } => match export_jobs::delete(connection, *id, *now)? {
            Some(account) => (*now, account, *id, ExportChange::Deleted),
            None => return Ok(()),
        },
        _ => return Ok(()),
    };
    journal.note(at, vec![account], NoticeKind::Export { export: export.0, change });
    Ok(())
}

/// The failure of a commit, for one of those who wait for it.
fn failed(told: Arc<HistoryError>) -> HistoryError {
    HistoryError::Store { what: "write to its database", source: Box::new(Shared(told)) }
}

/// An error that several are told of.
#[derive(Debug)]
struct Shared(Arc<HistoryError>);

impl std::fmt::Display for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &*self.0 {
            HistoryError::Store { source, .. } => source.fmt(f),
            other => other.fmt(f),
        }
    }
}

impl std::error::Error for Shared {}
