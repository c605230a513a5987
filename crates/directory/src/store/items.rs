//! The items of lists of numbers, which customers change one by one.

use call::Number;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Result, Row, params};

use super::{Directory, WriteError, load::read};
use crate::{
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

impl Directory {
    /// Adds items to a list: all or, on an error, none. They hold for calls that begin from now on.
    pub fn add_numberlist_items(
        &self,
        list: NumberlistId,
        items: &[(Number, Option<NumberlistAction>)],
    ) -> Result<Vec<NumberlistItem>, ItemError> {
        self.write(WHAT, |db| {
            let count: i64 = db.query_row(
                "SELECT count(*) FROM numberlist_items WHERE numberlist = ?",
                [list.0],
                |row| row.get(0),
            )?;
            if usize::try_from(count).unwrap_or(usize::MAX).saturating_add(items.len()) > MOST_ITEMS {
                return Err(WriteError::Refused(ItemError::Full { most: MOST_ITEMS }));
            }
            items.iter().map(|(key, action)| insert(db, list, key, *action)).collect()
        })
    }

    /// Makes an item another. `None` if there is no such item.
    pub fn change_numberlist_item(
        &self,
        id: NumberlistItemId,
        key: &Number,
        action: Option<NumberlistAction>,
    ) -> Result<Option<NumberlistItem>, ItemError> {
        self.write(WHAT, |db| {
            let sql =
                "UPDATE numberlist_items SET key = ?, canonical = ?, action = ? WHERE id = ? RETURNING *";
            let row = params![key.as_str(), key.without_plus(), action.map(Word::word), id.0];
            db.query_row(sql, row, item).optional().map_err(|error| taken(error, key))
        })
    }

    /// Takes an item away; false if there was none.
    pub fn remove_numberlist_item(&self, id: NumberlistItemId) -> Result<bool, ItemError> {
        self.write(WHAT, |db| Ok(db.execute("DELETE FROM numberlist_items WHERE id = ?", [id.0])? > 0))
    }
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
