//! The directory on disk, and its present snapshot.

mod audit;
pub(crate) mod creation;
mod invoices;
mod items;
mod load;
mod payments;
mod preview;
mod save;

use std::{fmt, path::Path, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use rusqlite::{Connection, TransactionBehavior};

pub use audit::Changing;

use crate::{
    audit::Author,
    changes::Changes,
    error::DirectoryError,
    file::DirectoryFile,
    model::Webhook,
    notices::LimitNotices,
    password::{self, Cost},
    renumber::{NextIds, renumber},
    snapshot::{Entries, Snapshot},
    stopped::Stopped,
};

/// What makes each layout of the tables out of the one before it; the first out of nothing.
const LAYOUTS: [&str; 19] = [
    include_str!("store/layouts/1.sql"),
    include_str!("store/layouts/2.sql"),
    include_str!("store/layouts/3.sql"),
    include_str!("store/layouts/4.sql"),
    include_str!("store/layouts/5.sql"),
    include_str!("store/layouts/6.sql"),
    include_str!("store/layouts/7.sql"),
    include_str!("store/layouts/8.sql"),
    include_str!("store/layouts/9.sql"),
    include_str!("store/layouts/10.sql"),
    include_str!("store/layouts/11.sql"),
    include_str!("store/layouts/12.sql"),
    include_str!("store/layouts/13.sql"),
    include_str!("store/layouts/14.sql"),
    include_str!("store/layouts/15.sql"),
    include_str!("store/layouts/16.sql"),
    include_str!("store/layouts/17.sql"),
    include_str!("store/layouts/18.sql"),
    include_str!("store/layouts/19.sql"),
];

/// The layout of the tables that this version writes.
const LAYOUT: u32 = LAYOUTS.len() as u32;

/// How long to wait for another process that is writing.
const BUSY_LIMIT: Duration = Duration::from_secs(30);

/// The directory: a database, and a snapshot of it that is read without locks.
///
/// Several processes may have the same database open. What one applies, the others see after
/// [`reload`](Self::reload).
pub struct Directory {
    database: Mutex<Database>,
    snapshot: ArcSwap<Snapshot>,
    stopped: Stopped,
    notices: LimitNotices,
    audit_kept_for: Duration,
    password_cost: Cost,
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directory").field("snapshot", &self.snapshot()).finish_non_exhaustive()
    }
}

struct Database {
    connection: Connection,
    /// The number that SQLite gave for the content that the snapshot shows.
    shown_version: i64,
}

impl Directory {
    /// Opens a database file, or makes an empty one that only its owner can read.
    pub fn open(path: &Path) -> Result<Self, DirectoryError> {
        creation::ensure(path, |mut new| prepare(&mut new))?;
        let connection = Connection::open(path).map_err(failed("open its database"))?;
        Self::with_connection(connection, Cost::RECOMMENDED)
    }

    /// An empty directory that is gone when it is dropped, for tests. Its password hashes are of the least
    /// cost.
    pub fn in_memory() -> Result<Self, DirectoryError> {
        let connection = Connection::open_in_memory().map_err(failed("open its database"))?;
        Self::with_connection(connection, Cost::LEAST)
    }

    /// The same, but new passwords are hashed at another cost.
    pub fn with_password_cost(self, password_cost: Cost) -> Self {
        Self { password_cost, ..self }
    }

    /// The directory as it is now. Waits for nobody.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// Makes the directory what a file says, by the server itself: see [`Changing::apply`].
    pub fn apply(&self, file: &DirectoryFile) -> Result<Changes, DirectoryError> {
        self.by(Author::server()).apply(file)
    }

    /// Reads the database again, to see what another process applied.
    pub fn reload(&self) -> Result<(), DirectoryError> {
        let mut database = self.database.lock();
        let (snapshot, version) =
            read_whole(&mut database.connection).map_err(failed("read its database"))?;
        database.shown_version = version;
        self.show(snapshot);
        Ok(())
    }

    /// Whether another process has changed the database since the snapshot was made. Cheap.
    pub fn has_changed_on_disk(&self) -> Result<bool, DirectoryError> {
        let database = self.database.lock();
        let version = data_version(&database.connection).map_err(failed("read its version"))?;
        Ok(version != database.shown_version)
    }

    /// Changes the database, and shows what it holds then: everything or, on an error, nothing.
    fn write<T, E: From<DirectoryError>>(
        &self,
        what: &'static str,
        change: impl FnOnce(&Connection) -> Result<T, WriteError<E>>,
    ) -> Result<T, E> {
        let mut database = self.database.lock();
        let Database { connection, shown_version } = &mut *database;
        let failed = |error| E::from(failed(what)(error));
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let transaction = transaction.map_err(failed)?;
        let done = change(&transaction).map_err(|error| match error {
            WriteError::Store(error) => failed(error),
            WriteError::Refused(error) => error,
        })?;
        // Read before the commit: what is committed is not told as failed.
        let (snapshot, version) = read(&transaction).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        *shown_version = version;
        self.show(snapshot);
        Ok(done)
    }

    fn with_connection(mut connection: Connection, password_cost: Cost) -> Result<Self, DirectoryError> {
        prepare(&mut connection)?;
        let (snapshot, shown_version) = read_whole(&mut connection).map_err(failed("read its database"))?;
        let (stopped, notices) = (Stopped::default(), LimitNotices::default());
        let snapshot = snapshot.with_stopped(stopped.clone()).with_notices(notices.clone());
        Ok(Self {
            database: Mutex::new(Database { connection, shown_version }),
            snapshot: ArcSwap::from_pointee(snapshot),
            stopped,
            notices,
            audit_kept_for: audit::KEPT_FOR,
            password_cost,
        })
    }

    /// Whose calls that cost something are not let through for the time being.
    pub fn stopped(&self) -> &Stopped {
        &self.stopped
    }

    /// Word of limits that bite.
    pub fn notices(&self) -> &LimitNotices {
        &self.notices
    }

    fn show(&self, snapshot: Snapshot) {
        let snapshot = snapshot.with_stopped(self.stopped.clone()).with_notices(self.notices.clone());
        self.snapshot.store(Arc::new(snapshot));
    }

    /// The entries of a file as the directory is to hold them: with its ids and with password hashes.
    fn resolve(
        &self,
        file: &DirectoryFile,
        known: &Snapshot,
        next: &mut NextIds,
    ) -> Result<Entries, DirectoryError> {
        let mut entries = file.entries.clone();
        for user in &mut entries.users {
            let Some(password) = file.passwords.get(&user.id) else { continue };
            let kept = known
                .user_by_login(&user.login)
                .filter(|stored| password::verify(password, &stored.password_hash));
            user.password_hash = match kept {
                Some(stored) => stored.password_hash.clone(),
                None => password::hash(password, self.password_cost)?,
            };
        }
        for webhook in &mut entries.webhooks {
            take_secret(webhook, known.entries())?;
        }
        renumber(&mut entries, known.entries(), next);
        Ok(entries.sorted())
    }
}

impl Changing<'_> {
    /// Makes the directory what a file says: everything or, on an error, nothing. What it says is durable
    /// when this returns. Entries keep their ids; applying a file again changes nothing.
    ///
    /// Hashes and verifies passwords, tens of milliseconds each: not for an async task.
    pub fn apply(&self, file: &DirectoryFile) -> Result<Changes, DirectoryError> {
        let directory = self.directory;
        let mut database = directory.database.lock();
        let failed = failed("store its entries");
        let transaction = database.connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let transaction = transaction.map_err(&failed)?;
        let version = data_version(&transaction).map_err(&failed)?;
        let (entries, mut next) = load::load(&transaction).map_err(&failed)?;
        let old = Snapshot::new(entries);
        let new = Snapshot::new(directory.resolve(file, &old, &mut next)?);
        let changes = Changes::between(&old, &new);
        if !changes.is_empty() {
            save::save(&transaction, new.entries(), &next).map_err(&failed)?;
        }
        self.write_down(&transaction, &changes.noted()).map_err(&failed)?;
        items::drop_strays(&transaction).map_err(&failed)?;
        let new = with_own(new, &transaction).map_err(&failed)?;
        transaction.commit().map_err(failed)?;
        database.shown_version = version;
        directory.show(new);
        Ok(changes)
    }
}

/// A secret that a file names by its digest is the one that the directory has.
fn take_secret(webhook: &mut Webhook, known: &Entries) -> Result<(), DirectoryError> {
    if webhook.secret.text().is_some() {
        return Ok(());
    }
    let is_it =
        |kept: &&Webhook| kept.account == webhook.account && kept.secret.sha256 == webhook.secret.sha256;
    let missing =
        || DirectoryError::UnknownSecret { account: webhook.account, webhook: webhook.name.to_string() };
    webhook.secret = known.webhooks.iter().find(is_it).ok_or_else(missing)?.secret.clone();
    Ok(())
}

/// Why a change is not made.
enum WriteError<E> {
    /// The database failed.
    Store(rusqlite::Error),
    /// It must not be.
    Refused(E),
}

impl<E> From<rusqlite::Error> for WriteError<E> {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error)
    }
}

/// Sets a connection up and brings its tables to the present layout.
fn prepare(connection: &mut Connection) -> Result<(), DirectoryError> {
    let failed = failed("prepare its database");
    connection.busy_timeout(BUSY_LIMIT).map_err(&failed)?;
    let pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";
    connection.execute_batch(pragmas).map_err(&failed)?;
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(&failed)?;
    let found: u32 = transaction.query_row("PRAGMA user_version", (), |row| row.get(0)).map_err(&failed)?;
    let missing = LAYOUTS.get(found as usize..).ok_or(DirectoryError::Layout { found, accepted: LAYOUT })?;
    if !missing.is_empty() {
        missing.iter().try_for_each(|script| transaction.execute_batch(script)).map_err(&failed)?;
        transaction.pragma_update(None, "user_version", LAYOUT).map_err(&failed)?;
    }
    transaction.commit().map_err(failed)
}

/// Everything, and the number of the version that it is of.
fn read_whole(connection: &mut Connection) -> rusqlite::Result<(Snapshot, i64)> {
    let transaction = connection.transaction()?;
    let done = read(&transaction)?;
    transaction.commit()?;
    Ok(done)
}

/// What a transaction sees, and the number that SQLite gives for it.
fn read(transaction: &Connection) -> rusqlite::Result<(Snapshot, i64)> {
    let version = data_version(transaction)?;
    let (entries, _) = load::load(transaction)?;
    Ok((with_own(Snapshot::new(entries), transaction)?, version))
}

/// The same, with what is not in a directory file.
fn with_own(snapshot: Snapshot, db: &Connection) -> rusqlite::Result<Snapshot> {
    let snapshot = snapshot.with_numberlist_items(items::load(db)?).with_payments(payments::load(db)?);
    Ok(snapshot.with_invoices(invoices::load(db)?))
}

/// A number that changes when another connection has changed the database.
fn data_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA data_version", (), |row| row.get(0))
}

fn failed(what: &'static str) -> impl Fn(rusqlite::Error) -> DirectoryError {
    move |source| DirectoryError::Store { what, source }
}
