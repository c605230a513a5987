//! The tables, and how a connection is set up.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::{OpenError, fault::Fault, functions};
use crate::HistoryError;

/// The version of the tables below, kept in `PRAGMA user_version`. A change of the tables raises it and
/// brings a step that leads there from the version before.
const VERSION: i64 = 15;

/// Statements that a connection keeps compiled.
const STATEMENTS: usize = 64;

/// How long a connection waits for another that holds a lock. Only recovery after a crash holds one.
const BUSY: Duration = Duration::from_secs(10);

/// Pages in the write-ahead log before it is worked into the database (4 KiB each).
const CHECKPOINT_PAGES: u32 = 4_000;

/// What the writer keeps of the database in memory, in KiB with a minus. Each commit of a page split walks
/// over all of it, so it is not large.
const WRITER_CACHE: i32 = -8_192;

/// - `journal`: events of unfinished calls; one row holds those of one commit, whose number is `seq`.
/// - `calls`: one row per record, in the order in which they came; `seq` is the commit that brought it.
/// - `merged_calls`: calls without a record, as they were merged into another, and the commit that brought
///   the record of that.
/// - `account_calls`: one row per record and account that has a side of it; an account's rows lie together
///   in time order. `call_id` descends, so that a walk from the newest back meets calls of one instant by
///   ascending id. What series and searches test most comes first, as SQLite reads a row up to the last
///   column that it needs. `sides`: 1 originated, 2 terminated, 3 both. Prices in millionths, lengths and instants in
///   microseconds.
/// - `rates`: each rate that some call had, once.
/// - `runs`: when the server ran.
/// - `exports`: the export jobs.
///
/// These are the tables of version 1; see [`STEPS`] for what came later.
const TABLES: &str = "
CREATE TABLE journal (
    seq INTEGER PRIMARY KEY,
    format INTEGER NOT NULL,
    events BLOB NOT NULL
) STRICT;

CREATE TABLE calls (
    id INTEGER PRIMARY KEY,
    call_id BLOB NOT NULL UNIQUE,
    started_at INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    format INTEGER NOT NULL,
    record BLOB NOT NULL
) STRICT;

CREATE TABLE merged_calls (
    call_id BLOB PRIMARY KEY,
    seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE rates (
    id INTEGER PRIMARY KEY,
    format INTEGER NOT NULL,
    rate BLOB NOT NULL UNIQUE
) STRICT;

CREATE TABLE account_calls (
    account_id INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    call_id BLOB NOT NULL,
    call INTEGER NOT NULL,
    sides INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    answered_at INTEGER,
    caller_country INTEGER,
    called_country INTEGER,
    caller_routed TEXT NOT NULL,
    called_routed TEXT NOT NULL,
    caller_address TEXT,
    origination_rate INTEGER,
    termination_rate INTEGER,
    talk INTEGER NOT NULL,
    wait INTEGER NOT NULL,
    hold INTEGER NOT NULL,
    transfer INTEGER NOT NULL,
    hold_count INTEGER NOT NULL,
    other_account_id INTEGER,
    center_id INTEGER,
    caller_code INTEGER,
    called_code INTEGER,
    origination_price INTEGER,
    termination_price INTEGER,
    caller_received TEXT NOT NULL,
    called_received TEXT NOT NULL,
    caller_name TEXT,
    answered_by TEXT,
    transferred_to_number TEXT,
    transferred_to_name TEXT,
    screen_pop TEXT,
    sip_call_id TEXT,
    PRIMARY KEY (account_id, started_at, call_id DESC)
) STRICT, WITHOUT ROWID;

CREATE INDEX long_calls ON account_calls (account_id, ended_at)
    WHERE ended_at - started_at > 3600000000;

CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    started_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL
) STRICT;

CREATE TABLE exports (
    id BLOB PRIMARY KEY,
    customer_id INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    format TEXT NOT NULL,
    request TEXT NOT NULL,
    status TEXT NOT NULL,
    row_count INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX exports_by_account ON exports (account_id, created_at);
";

/// What leads from each version to the next, from version 1 on.
/// - `account_calls.recordings`: how many recordings a call has.
/// - `quarantine`: what cannot be stored or read: an event, a record or a row of the journal, and why.
/// - `annotations`: what an account noted about a call, as it is now. `work` in microseconds, `form_ids` a
///   list in JSON.
/// - `annotation_changes`: what led there.
/// - `balances`: how far the calls of an account have moved its balance, in millionths.
/// - `latest_commit`: the number of the latest commit that ended a call without a new row in `calls`.
/// - `exports.bytes`, `exports.sha256`: of the file.
/// - `calls_in_brief`: what is counted, sorted and summed up most, in the same order as the rows themselves and
///   a fifth of their size, so that what looks at every call of an account reads little. Made anew later, with
///   the rates.
/// - `account_calls` has a row for each part of a call too: `call_id` is then that of the call with the number of
///   the part behind it, two bytes. `sides` has 4 where another row of the account stands for the call, 8 where it
///   is counted as sent already, 16 for a part. `parts`: when each part began.
/// - `rows_ahead`: of a row of a part that stands for the call, the accounts whose rows do so before it, and their
///   sides, so that a call that several accounts of a client share is found once.
/// - `merged_calls.into_call`: the call that has the record.
/// - `daily_calls`: how many rows `account_calls` has, by day of the start (UTC, numbered from 1970 on). No other
///   account is 0 here.
/// - `journal.run`: the run that appended the row; `journal.taken_at`: when its writer took the events.
/// - `runs.started_at`, `runs.last_seen_at`: from here on, the wall clock at the run's beginning plus monotonic
///   time. `runs.wall_offset`: how far the wall clock was from that at the last heartbeat, in microseconds;
///   `runs.clock_steps`: how often it was set.
/// - `sealed_parts`: the parts of days that lie in columns: what their files hold, how many of their rows and records
///   have taken over from those here, the latest commit that they have seen, and the checksums of the files.
/// - `superseded`: rows of parts that do not count, as the record of their call was stored anew.
/// - `journal`: from here on, all events of late: a row is known by the number of its first event (`first`), holds
///   `count` of them, and `seq` is the commit, if it is one of the writer. `aside`: whom they concern, and what
///   happened beside calls. `accounts`: all accounts that the row concerns, and `settled`: the places of the events
///   whose calls were over with the commit (four bytes each, the least significant first).
/// - `unfinished`: the rows of the journal that hold events of calls that go on.
/// - `event_log`: `floor` is the number of the first event with which all that came after it are kept.
/// - `deleted_movements`: how far calls that were deleted for their age have moved the balance of an account.
/// - `history_counts`: how many rows and records were deleted, and the last serial number and number of a part among
///   them, neither of which is given again.
/// - `deleted_before`: the day (numbered from 1970 on) before which calls of an account were deleted for their age.
/// - `merged_calls` without `into_call`: calls that are over and whose record is elsewhere or nowhere, noted for as long
///   as the journal has events of them; `noted_ends` finds those that it has let go of.
const STEPS: [&str; 14] = [
    "
ALTER TABLE account_calls ADD COLUMN recordings INTEGER NOT NULL DEFAULT 0;

CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY,
    what TEXT NOT NULL,
    call_id BLOB,
    format INTEGER NOT NULL,
    content BLOB NOT NULL,
    reason TEXT NOT NULL
) STRICT;
",
    "
CREATE TABLE annotations (
    call_id BLOB NOT NULL,
    account_id INTEGER NOT NULL,
    notes TEXT,
    is_flagged INTEGER NOT NULL,
    flag_notes TEXT,
    work INTEGER NOT NULL,
    form_ids TEXT NOT NULL,
    PRIMARY KEY (call_id, account_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE annotation_changes (
    id INTEGER PRIMARY KEY,
    call_id BLOB NOT NULL,
    account_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    format INTEGER NOT NULL,
    change BLOB NOT NULL
) STRICT;

CREATE INDEX annotation_changes_of_calls ON annotation_changes (call_id, account_id, at);
",
    "
CREATE TABLE balances (
    account_id INTEGER PRIMARY KEY,
    movement INTEGER NOT NULL
) STRICT;

INSERT INTO balances
SELECT account_id, sum(iif(sides <> 1, ifnull(termination_price, 0), 0)
                     - iif(sides <> 2, ifnull(origination_price, 0), 0))
FROM account_calls GROUP BY account_id;

CREATE TABLE latest_commit (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seq INTEGER NOT NULL
) STRICT;
",
    "
ALTER TABLE exports ADD COLUMN bytes INTEGER;
ALTER TABLE exports ADD COLUMN sha256 BLOB;
",
    "
CREATE INDEX calls_in_brief ON account_calls (
    account_id, started_at, call_id DESC, sides, ended_at, answered_at, talk, call, other_account_id,
    origination_price, termination_price
);
",
    "
CREATE TABLE daily_calls (
    account_id INTEGER NOT NULL,
    day INTEGER NOT NULL,
    sides INTEGER NOT NULL,
    other_account_id INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    PRIMARY KEY (account_id, day, sides, other_account_id)
) STRICT, WITHOUT ROWID;

INSERT INTO daily_calls
SELECT account_id, (started_at - (started_at < 0) * 86399999999) / 86400000000 AS day, sides,
       ifnull(other_account_id, 0), count(*)
FROM account_calls GROUP BY account_id, day, sides, other_account_id;
",
    "
DROP INDEX calls_in_brief;

CREATE INDEX calls_in_brief ON account_calls (
    account_id, started_at, call_id DESC, sides, ended_at, answered_at, talk, call, other_account_id,
    origination_price, termination_price, origination_rate, termination_rate
);
",
    "
ALTER TABLE journal ADD COLUMN run INTEGER;
ALTER TABLE journal ADD COLUMN taken_at INTEGER;
ALTER TABLE runs ADD COLUMN wall_offset INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN clock_steps INTEGER NOT NULL DEFAULT 0;
",
    "
CREATE INDEX part_calls ON account_calls (account_id, started_at) WHERE sides >= 16;

CREATE TABLE parts (
    call INTEGER NOT NULL,
    part INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    PRIMARY KEY (call, part)
) STRICT, WITHOUT ROWID;

CREATE TABLE rows_ahead (
    call_id BLOB NOT NULL,
    account_id INTEGER NOT NULL,
    ahead_account_id INTEGER NOT NULL,
    ahead_sides INTEGER NOT NULL,
    PRIMARY KEY (call_id, account_id, ahead_account_id)
) STRICT, WITHOUT ROWID;

ALTER TABLE merged_calls ADD COLUMN into_call BLOB;
",
    "
CREATE TABLE sealed_parts (
    id INTEGER PRIMARY KEY,
    day INTEGER NOT NULL,
    name TEXT NOT NULL UNIQUE,
    first_started_at INTEGER NOT NULL,
    last_started_at INTEGER NOT NULL,
    last_ended_at INTEGER NOT NULL,
    first_call BLOB NOT NULL,
    last_call BLOB NOT NULL,
    first_serial INTEGER NOT NULL,
    last_serial INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    call_rows INTEGER NOT NULL,
    records INTEGER NOT NULL,
    taken INTEGER NOT NULL,
    records_taken INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    sealed_at INTEGER NOT NULL,
    row_bytes INTEGER NOT NULL,
    row_sums BLOB NOT NULL,
    record_bytes INTEGER NOT NULL,
    record_sums BLOB NOT NULL
) STRICT;

CREATE TABLE superseded (
    part INTEGER NOT NULL,
    row INTEGER NOT NULL,
    is_call INTEGER NOT NULL,
    PRIMARY KEY (part, row)
) STRICT, WITHOUT ROWID;
",
    "
ALTER TABLE journal RENAME TO journal_before;

CREATE TABLE journal (
    first INTEGER PRIMARY KEY,
    count INTEGER NOT NULL,
    seq INTEGER,
    run INTEGER,
    taken_at INTEGER,
    format INTEGER NOT NULL,
    events BLOB NOT NULL,
    aside BLOB,
    accounts BLOB,
    settled BLOB
) STRICT;

CREATE TABLE unfinished (
    first INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE event_log (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    floor INTEGER NOT NULL
) STRICT;

INSERT INTO journal (first, count, seq, run, taken_at, format, events)
SELECT row_number() OVER (ORDER BY seq) * 65536, 65536, seq, run, taken_at, format, events FROM journal_before;

INSERT INTO unfinished SELECT first FROM journal;

DROP TABLE journal_before;
",
    "
CREATE TABLE deleted_movements (
    account_id INTEGER PRIMARY KEY,
    movement INTEGER NOT NULL
) STRICT;

CREATE TABLE history_counts (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    deleted_rows INTEGER NOT NULL,
    deleted_records INTEGER NOT NULL,
    last_serial INTEGER NOT NULL,
    last_part INTEGER NOT NULL
) STRICT;

INSERT INTO history_counts VALUES (1, 0, 0, 0, 0);
",
    "
CREATE TABLE deleted_before (
    account_id INTEGER PRIMARY KEY,
    day INTEGER NOT NULL
) STRICT;

WITH days AS (SELECT account_id, day, sum(calls) AS calls FROM daily_calls GROUP BY account_id, day),
     kept AS (SELECT account_id, min(day) AS first FROM days WHERE calls > 0 GROUP BY account_id)
INSERT INTO deleted_before
SELECT account_id, max(day) + 1 FROM days LEFT JOIN kept USING (account_id)
WHERE calls = 0 AND day < ifnull(first, day + 1) AND (SELECT deleted_rows FROM history_counts) > 0
GROUP BY account_id;
",
    "
CREATE INDEX noted_ends ON merged_calls (seq) WHERE into_call IS NULL;
",
];

/// The one connection that writes; makes the tables in a new file. The file does not grow beyond
/// `size_limit` bytes.
pub(super) fn open_writer(path: &Path, size_limit: Option<u64>) -> Result<Connection, OpenError> {
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    refuse_newer(&connection)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    connection.pragma_update(None, "cache_size", WRITER_CACHE)?;
    make_tables(&mut connection)?;
    if let Some(bytes) = size_limit {
        let page: u32 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let pages = u32::try_from(bytes / u64::from(page)).unwrap_or(u32::MAX);
        connection.pragma_update(None, "max_page_count", pages)?;
    }
    Ok(connection)
}

/// A connection that writes beside a server, to a database that is there and of this version.
pub(super) fn open_other(path: &Path) -> Result<Connection, OpenError> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    refuse_newer(&connection)?;
    Ok(connection)
}

/// A connection that reads a store that must be there, and be one of this release.
pub(super) fn open_existing(path: &Path) -> Result<Connection, Fault> {
    let connection = open_reader(path)?;
    match version(&connection)? {
        VERSION => Ok(connection),
        found => {
            let reason = format!("its version is {found}, and this release reads version {VERSION}");
            Err(HistoryError::Unreadable { what: "database", reason }.into())
        }
    }
}

/// A connection that reads.
pub(super) fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    functions::add(&connection)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn refuse_newer(connection: &Connection) -> Result<(), OpenError> {
    match version(connection)? {
        found if found > VERSION => Err(OpenError::Newer { found, known: VERSION }),
        _ => Ok(()),
    }
}

fn make_tables(connection: &mut Connection) -> rusqlite::Result<()> {
    let found = version(connection)?;
    if found == VERSION {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if found == 0 {
        transaction.execute_batch(TABLES)?;
    }
    let done = usize::try_from(found - 1).unwrap_or(0);
    for step in STEPS.iter().skip(done) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}
