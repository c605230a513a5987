//! The items of lists of numbers, which customers change one by one.

use call::Number;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Result, Row, params};

use super::{Changing, WriteError, load::read};
use crate::{
    audit::{AuditAction, Noted, Whose},
    error::ItemError,
    model::{NumberlistAction, NumberlistId, NumberlistItem, NumberlistItemId},
    words::Word,
};

/// Items that a list has at most: each snapshot holds all.
pub const MOST_ITEMS: usize = 100_000;

const WHAT: &str = "change a list of numbers";

/// All items.
pub(super) fn load(db: &Connection) -> Result<Vec<NumberlistItem>> {
    let mut select = db.prepare("SELECT * FROM numberlist_items ORDER BY id")?;
    let items = select.query_map((), item)?;
    items.collect()
}

/// Takes away the items of lists that are gone.
pub(super) fn drop_strays(db: &Connection) -> Result<()> {
    db.execute("DELETE FROM numberlist_items WHERE numberlist NOT IN (SELECT id FROM numberlists)", ())?;
    Ok(())
}

fn item(row: &Row<'_>) -> Result<NumberlistItem> {
    let has_action = row.get::<_, Option<String>>("action")?.is_some();
    Ok(NumberlistItem {
        id: NumberlistItemId(row.get("id")?),
        list: NumberlistId(row.get("numberlist")?),
        key: Number::from(row.get::<_, String>("key")?),
        action: has_action.then(|| read(row, "action", NumberlistAction::from_word)).transpose()?,
    })
}

impl Changing<'_> {
    /// Adds items to a list: all or, on an error, none. They hold for calls that begin from now on.
    pub fn add_numberlist_items(
        &self,
        list: NumberlistId,
        items: &[(Number, Option<NumberlistAction>)],
    ) -> Result<Vec<NumberlistItem>, ItemError> {
        self.directory.write(WHAT, |db| {
            let count: i64 = db.query_row(
                "SELECT count(*) FROM numberlist_items WHERE numberlist = ?",
                [list.0],
                |row| row.get(0),
            )?;
            if usize::try_from(count).unwrap_or(usize::MAX).saturating_add(items.len()) > MOST_ITEMS {
                return Err(WriteError::Refused(ItemError::Full { most: MOST_ITEMS }));
            }
            let added = items.iter().map(|(key, action)| insert(db, list, key, *action));
            let added = added.collect::<Result<Vec<_>, _>>()?;
            let noted = added.iter().map(|item| self.noted(AuditAction::Added, (None, Some(item))));
            self.write_down(db, &noted.collect::<Vec<_>>())?;
            Ok(added)
        })
    }

    /// Makes an item another. `None` if there is no such item.
    pub fn change_numberlist_item(
        &self,
        id: NumberlistItemId,
        key: &Number,
        action: Option<NumberlistAction>,
    ) -> Result<Option<NumberlistItem>, ItemError> {
        self.directory.write(WHAT, |db| {
            let before = found(db, id)?;
            let sql =
                "UPDATE numberlist_items SET key = ?, canonical = ?, action = ? WHERE id = ? RETURNING *";
            let row = params![key.as_str(), key.without_plus(), action.map(Word::word), id.0];
            let after = db.query_row(sql, row, item).optional().map_err(|error| taken(error, key))?;
            if after.is_some() && after != before {
                let noted = self.noted(AuditAction::Changed, (before.as_ref(), after.as_ref()));
                self.write_down(db, &[noted])?;
            }
            Ok(after)
        })
    }

    /// Takes an item away; false if there was none.
    pub fn remove_numberlist_item(&self, id: NumberlistItemId) -> Result<bool, ItemError> {
        self.directory.write(WHAT, |db| {
            let before = found(db, id)?;
            db.execute("DELETE FROM numberlist_items WHERE id = ?", [id.0])?;
            if before.is_some() {
                self.write_down(db, &[self.noted(AuditAction::Removed, (before.as_ref(), None))])?;
            }
            Ok(before.is_some())
        })
    }

    fn noted(
        &self,
        action: AuditAction,
        (before, after): (Option<&NumberlistItem>, Option<&NumberlistItem>),
    ) -> Noted {
        let snapshot = self.directory.snapshot();
        let item = after.or(before);
        let list = item.and_then(|item| snapshot.numberlist(item.list));
        let entry = item
            .map_or_else(String::new, |item| format!("item {} of list of numbers {}", item.id.0, item.list));
        Noted {
            whose: Whose { customer: list.map(|list| list.customer), account: None },
            action,
            entry,
            before: before.map(shown),
            after: after.map(shown),
        }
    }
}

fn found(db: &Connection, id: NumberlistItemId) -> Result<Option<NumberlistItem>> {
    db.query_row("SELECT * FROM numberlist_items WHERE id = ?", [id.0], item).optional()
}

/// As the audit trail has it.
fn shown(item: &NumberlistItem) -> String {
    let action = item.action.map_or(String::new(), |action| format!("\naction = {:?}", action.word()));
    format!("key = {:?}{action}", item.key.as_str())
}

fn insert(
    db: &Connection,
    list: NumberlistId,
    key: &Number,
    action: Option<NumberlistAction>,
) -> Result<NumberlistItem, WriteError<ItemError>> {
    let sql =
        "INSERT INTO numberlist_items (numberlist, key, canonical, action) VALUES (?, ?, ?, ?) RETURNING *";
    let row = params![list.0, key.as_str(), key.without_plus(), action.map(Word::word)];
    db.query_row(sql, row, item).map_err(|error| taken(error, key))
}

fn taken(error: rusqlite::Error, key: &Number) -> WriteError<ItemError> {
    match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => WriteError::Refused(ItemError::Taken { key: key.clone() }),
        _ => error.into(),
    }
}
