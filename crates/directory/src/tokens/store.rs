//! The tokens' database.

use std::path::Path;

use call::{AccountId, Timestamp, UserId};
use rusqlite::{Connection, Result, Row, params};

use super::{
    Grant, GrantId, Print,
    held::{Held, Holdings, Spent},
};
use crate::{
    error::DirectoryError,
    model::{Area, Scope},
    store::creation,
};

/// The layout of the tables that this version reads and writes.
const LAYOUT: u32 = 3;
/// What brings the tables of each layout before this one to the next.
const STEPS: [&str; LAYOUT as usize - 1] = [
    "ALTER TABLE grants ADD COLUMN family INTEGER;",
    // Words with blanks between them; empty for everything.
    "ALTER TABLE grants ADD COLUMN scope TEXT NOT NULL DEFAULT '';",
];

pub(super) struct Store(Connection);

impl Store {
    pub(super) fn open(path: &Path) -> std::result::Result<Self, DirectoryError> {
        creation::ensure(path, |new| Self::with(new).map(drop))?;
        Self::with(Connection::open(path).map_err(failed("open the tokens"))?)
    }

    pub(super) fn in_memory() -> std::result::Result<Self, DirectoryError> {
        Self::with(Connection::open_in_memory().map_err(failed("open the tokens"))?)
    }

    fn with(connection: Connection) -> std::result::Result<Self, DirectoryError> {
        let failed = failed("prepare the tokens");
        let pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";
        connection.execute_batch(pragmas).map_err(&failed)?;
        let found: u32 =
            connection.query_row("PRAGMA user_version", (), |row| row.get(0)).map_err(&failed)?;
        match found {
            0 => {
                let layout = include_str!("layout.sql");
                let script = format!("BEGIN; {layout} PRAGMA user_version = {LAYOUT}; COMMIT;");
                connection.execute_batch(&script).map_err(failed)?;
            }
            1..LAYOUT => {
                let steps = STEPS[found as usize - 1..].concat();
                let script = format!("BEGIN; {steps} PRAGMA user_version = {LAYOUT}; COMMIT;");
                connection.execute_batch(&script).map_err(failed)?;
            }
            LAYOUT => {}
            _ => return Err(DirectoryError::Layout { found, accepted: LAYOUT }),
        }
        Ok(Self(connection))
    }

    pub(super) fn forget_expired(&self, now: Timestamp) -> std::result::Result<(), DirectoryError> {
        let forgotten = forget_expired(&self.0, now);
        forgotten.map_err(failed("forget expired tokens"))
    }

    pub(super) fn load(&self) -> std::result::Result<Holdings, DirectoryError> {
        load(&self.0).map_err(failed("read the tokens"))
    }

    /// Adds a grant, in the place of others.
    pub(super) fn insert(
        &mut self,
        held: &Held,
        surplus: &[GrantId],
        now: Timestamp,
    ) -> std::result::Result<GrantId, DirectoryError> {
        insert(&mut self.0, held, surplus, now).map_err(failed("store a token"))
    }

    /// Gives a grant new tokens.
    pub(super) fn renew(
        &mut self,
        id: GrantId,
        renewed: &Held,
        old: &Held,
        now: Timestamp,
    ) -> std::result::Result<(), DirectoryError> {
        renew(&mut self.0, id, renewed, old, now).map_err(failed("renew a token"))
    }

    pub(super) fn delete_family(&self, family: GrantId) -> std::result::Result<(), DirectoryError> {
        let deleted = self.0.execute("DELETE FROM grants WHERE ifnull(family, id) = ?", [family.0]);
        deleted.map(drop).map_err(failed("revoke a token"))
    }
}

fn insert(db: &mut Connection, held: &Held, surplus: &[GrantId], now: Timestamp) -> Result<GrantId> {
    let transaction = db.transaction()?;
    forget_expired(&transaction, now)?;
    for id in surplus {
        transaction.execute("DELETE FROM grants WHERE id = ?", [id.0])?;
    }
    let Grant { user, account, client_id, is_openid, scope, password } = &held.grant;
    transaction.execute(
        "INSERT INTO grants VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            user.0,
            account.0,
            client_id,
            is_openid,
            password.0,
            held.access.0,
            held.access_until.as_micros(),
            held.refresh.0,
            held.refresh_until.as_micros(),
            held.family.map(|family| family.0),
            scope.to_string(),
        ],
    )?;
    let id = GrantId(transaction.last_insert_rowid());
    transaction.commit()?;
    Ok(id)
}

fn renew(db: &mut Connection, id: GrantId, renewed: &Held, old: &Held, now: Timestamp) -> Result<()> {
    let transaction = db.transaction()?;
    transaction.execute("DELETE FROM spent WHERE until <= ?", [now.as_micros()])?;
    transaction.execute(
        "INSERT INTO spent VALUES (?, ?, ?)",
        params![old.refresh.0, id.0, old.refresh_until.as_micros()],
    )?;
    transaction.execute(
        "UPDATE grants SET access = ?, access_until = ?, refresh = ?, refresh_until = ? WHERE id = ?",
        params![
            renewed.access.0,
            renewed.access_until.as_micros(),
            renewed.refresh.0,
            renewed.refresh_until.as_micros(),
            id.0,
        ],
    )?;
    transaction.commit()
}

fn forget_expired(db: &Connection, now: Timestamp) -> Result<()> {
    db.execute("DELETE FROM spent WHERE until <= ?", [now.as_micros()])?;
    db.execute("DELETE FROM grants WHERE refresh_until <= ?", [now.as_micros()]).map(drop)
}

fn load(db: &Connection) -> Result<Holdings> {
    let mut holdings = Holdings::default();
    let mut grants = db.prepare("SELECT * FROM grants")?;
    for grant in grants.query_map((), held)? {
        let (id, held) = grant?;
        holdings.insert(id, held);
    }
    let mut spent = db.prepare("SELECT * FROM spent")?;
    let spent = spent.query_map((), |row| {
        let grant = GrantId(row.get("grant_id")?);
        let spent = Spent { grant, at: Timestamp::MIN, until: instant(row, "until")? };
        Ok((Print(row.get("refresh")?), spent))
    })?;
    for token in spent {
        let (refresh, spent) = token?;
        holdings.spend(refresh, spent);
    }
    Ok(holdings)
}

fn held(row: &Row<'_>) -> Result<(GrantId, Held)> {
    let scope: String = row.get("scope")?;
    let scope: Vec<_> = scope.split_whitespace().filter_map(Area::named).collect();
    let grant = Grant {
        user: UserId(row.get("user")?),
        account: AccountId(row.get("account")?),
        client_id: row.get("client_id")?,
        is_openid: row.get("openid")?,
        scope: Scope::of(&scope),
        password: Print(row.get("password")?),
    };
    let held = Held {
        grant,
        access: Print(row.get("access")?),
        access_until: instant(row, "access_until")?,
        refresh: Print(row.get("refresh")?),
        refresh_until: instant(row, "refresh_until")?,
        family: row.get::<_, Option<i64>>("family")?.map(GrantId),
    };
    Ok((GrantId(row.get("id")?), held))
}

fn instant(row: &Row<'_>, column: &'static str) -> Result<Timestamp> {
    row.get(column).map(Timestamp::from_micros)
}

fn failed(what: &'static str) -> impl Fn(rusqlite::Error) -> DirectoryError {
    move |source| DirectoryError::Store { what, source }
}
