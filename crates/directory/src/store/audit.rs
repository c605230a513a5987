//! The audit trail on disk.

use std::{collections::HashSet, time::Duration};

use call::{AccountId, CustomerId, Timestamp};
use rusqlite::{
    Connection, Result, Row, Statement, TransactionBehavior, params, params_from_iter, types::Value,
};

use super::{
    Directory, failed,
    load::{parsed, read},
};
use crate::{
    audit::{AuditEntry, AuditQuery, AuditScope, Author, Noted, Who, Whose},
    error::DirectoryError,
    words::Word,
};

/// How long entries are kept, if nothing else is said.
pub const KEPT_FOR: Duration = Duration::from_secs(400 * 86_400);
/// Entries of a customer that are kept at most, and of what is no customer's: whoever does much forgets its own alone.
pub const MOST_ENTRIES: i64 = 100_000;
/// So many entries come before it is looked again how many there are.
const LOOK: i64 = 1_000;
/// Entries that are listed at a time, at most.
const MOST_LISTED: u32 = 10_000;

/// A directory in the hands of somebody who changes it: each change is noted under that name.
pub struct Changing<'d> {
    pub(super) directory: &'d Directory,
    pub(super) author: Author,
}

impl Directory {
    /// For changes that somebody makes.
    pub fn by(&self, author: Author) -> Changing<'_> {
        Changing { directory: self, author }
    }

    /// The same, but entries of the audit trail are kept for so long.
    pub fn with_audit_kept_for(self, kept_for: Duration) -> Self {
        Self { audit_kept_for: kept_for, ..self }
    }

    /// Changes that were noted, newest first.
    pub fn audit(&self, query: &AuditQuery) -> std::result::Result<Vec<AuditEntry>, DirectoryError> {
        let (condition, bound) = condition(query);
        let limit = query.limit.min(MOST_LISTED);
        let sql = format!("SELECT * FROM audit WHERE {condition} ORDER BY id DESC LIMIT {limit}");
        let database = self.database.lock();
        let list = || -> Result<Vec<AuditEntry>> {
            database.connection.prepare(&sql)?.query_map(params_from_iter(bound), entry)?.collect()
        };
        list().map_err(failed("read its audit trail"))
    }
}

impl Changing<'_> {
    /// Notes a change that is kept elsewhere, such as that of a key.
    pub fn note(&self, noted: &Noted) -> std::result::Result<(), DirectoryError> {
        let mut database = self.directory.database.lock();
        let failed = failed("note a change");
        let transaction = database.connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let transaction = transaction.map_err(&failed)?;
        self.write_down(&transaction, std::slice::from_ref(noted)).map_err(&failed)?;
        transaction.commit().map_err(failed)
    }

    /// Notes changes that are made in the same transaction, and drops what is too old or too much.
    pub(super) fn write_down(&self, db: &Connection, noted: &[Noted]) -> Result<()> {
        if noted.is_empty() {
            return Ok(());
        }
        let sql = "INSERT INTO audit VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let mut insert = db.prepare_cached(sql)?;
        noted.iter().try_for_each(|noted| self.insert(&mut insert, noted))?;
        let oldest = self.author.at - self.directory.audit_kept_for;
        let last = db.last_insert_rowid();
        db.prepare_cached("DELETE FROM audit WHERE at < ?")?.execute([oldest.as_micros()])?;
        let new = i64::try_from(noted.len()).unwrap_or(LOOK);
        if last / LOOK == (last - new) / LOOK {
            return Ok(());
        }
        let customers: HashSet<_> = noted.iter().map(|noted| noted.whose.customer).collect();
        customers.into_iter().try_for_each(|customer| forget_many(db, customer))
    }

    fn insert(&self, insert: &mut Statement<'_>, noted: &Noted) -> Result<()> {
        let (kind, name) = self.author.who.parts();
        let row = params![
            self.author.at.as_micros(),
            kind,
            name,
            self.author.source.map(|source| source.to_string()),
            self.author.interface.word(),
            noted.whose.customer.map(|customer| customer.0),
            noted.whose.account.map(|account| account.0),
            noted.action.word(),
            noted.entry,
            noted.before,
            noted.after,
        ];
        insert.execute(row).map(drop)
    }

    /// Whose an account's entries are.
    pub(super) fn whose(&self, account: AccountId) -> Whose {
        let snapshot = self.directory.snapshot();
        let customer = snapshot.account(account).map(|account| account.customer);
        Whose { customer, account: Some(account) }
    }
}

/// Drops the oldest of a customer's entries, of which there are too many.
fn forget_many(db: &Connection, customer: Option<CustomerId>) -> Result<()> {
    let customer = customer.map(|customer| customer.0);
    let mut forget = db.prepare_cached(
        "DELETE FROM audit WHERE customer IS ?1 AND id <=
             (SELECT id FROM audit WHERE customer IS ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
    )?;
    forget.execute(params![customer, MOST_ENTRIES]).map(drop)
}

/// What entries must be, with what is bound in it.
fn condition(query: &AuditQuery) -> (String, Vec<Value>) {
    let mut conditions = Vec::new();
    let mut bound: Vec<Value> = Vec::new();
    let mut and = |condition: &str, value: Option<Value>| {
        if let Some(value) = value {
            conditions.push(condition.to_owned());
            bound.push(value);
        }
    };
    let micros = |at: Timestamp| Value::from(at.as_micros());
    and("account = ?", query.account.map(|account| account.0.into()));
    and("name = ?", query.by.clone().map(Value::from));
    and("interface = ?", query.interface.map(|interface| interface.word().to_owned().into()));
    and("action = ?", query.action.map(|action| action.word().to_owned().into()));
    and("at >= ?", query.from.map(micros));
    and("at < ?", query.until.map(micros));
    and("id < ?", query.before.map(Value::from));
    conditions.push(visible(&query.scope));
    (conditions.join(" AND "), bound)
}

/// Numbers only, so that they may stand in the text.
fn visible(scope: &AuditScope) -> String {
    match scope {
        AuditScope::Nothing => "0".to_owned(),
        AuditScope::All => "1".to_owned(),
        AuditScope::Of { customer, accounts } => {
            let accounts: Vec<String> = accounts.iter().map(ToString::to_string).collect();
            let of_accounts = format!("account IN ({})", accounts.join(", "));
            match customer {
                Some(customer) => format!("({of_accounts} OR (account IS NULL AND customer = {customer}))"),
                None => of_accounts,
            }
        }
    }
}

fn entry(row: &Row<'_>) -> Result<AuditEntry> {
    let name = row.get("name")?;
    let has_source = row.get::<_, Option<String>>("source")?.is_some();
    let author = Author {
        who: read(row, "kind", |kind| Who::from_parts(kind, name))?,
        source: has_source.then(|| parsed(row, "source")).transpose()?,
        interface: read(row, "interface", Word::from_word)?,
        at: Timestamp::from_micros(row.get("at")?),
    };
    let whose = Whose {
        customer: row.get::<_, Option<u32>>("customer")?.map(CustomerId),
        account: row.get::<_, Option<u32>>("account")?.map(AccountId),
    };
    let noted = Noted {
        whose,
        action: read(row, "action", Word::from_word)?,
        entry: row.get("entry")?,
        before: row.get("before")?,
        after: row.get("after")?,
    };
    Ok(AuditEntry { id: row.get("id")?, author, noted })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{AuditAction, Interface};

    #[test]
    fn a_customer_who_does_much_forgets_its_own_entries_alone() {
        let folder = tempfile::tempdir().unwrap();
        let directory = Directory::open(&folder.path().join("directory.db")).unwrap();
        let insert = |customer: u32, count: i64| {
            let sql = format!(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
                 INSERT INTO audit SELECT NULL, 0, 'server', NULL, NULL, 'native', {customer}, NULL, 'added', i, NULL, NULL
                 FROM n"
            );
            directory.database.lock().connection.execute_batch(&sql).unwrap();
        };
        insert(1, 10);
        insert(2, MOST_ENTRIES + 985);
        let at = Timestamp::from_seconds(0);
        let author = Author { who: Who::Server, source: None, interface: Interface::Native, at };
        let whose = Whose { customer: Some(CustomerId(2)), account: None };
        let entry = "POST /v1/calls".to_owned();
        let noted = Noted { whose, action: AuditAction::Added, entry, before: None, after: None };
        for _ in 0..10 {
            directory.by(author.clone()).note(&noted).unwrap();
        }
        let count = |customer: u32| -> i64 {
            let sql = format!("SELECT count(*) FROM audit WHERE customer = {customer}");
            directory.database.lock().connection.query_row(&sql, [], |row| row.get(0)).unwrap()
        };
        assert_eq!(count(1), 10);
        assert!((MOST_ENTRIES..MOST_ENTRIES + LOOK).contains(&count(2)), "{}", count(2));
    }
}
