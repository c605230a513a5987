//! How far calls have moved the balance of each account, in millionths.
//!
//! The sum can be had from the records at any time; it is kept so that nobody has to add up millions of
//! them, and written together with them.

use std::collections::HashMap;

use call::AccountId;
use rusqlite::{Connection, OptionalExtension, params};
use rust_decimal::Decimal;

use super::fault::Fault;

/// What the prices of a call are to an account.
#[derive(Clone, Copy, Debug)]
pub(super) struct Movement {
    pub(super) originates: bool,
    pub(super) terminates: bool,
    pub(super) origination_price: Option<i64>,
    pub(super) termination_price: Option<i64>,
}

impl Movement {
    /// What the account is paid, less what it pays.
    pub(super) fn amount(self) -> i64 {
        let paid = self.termination_price.filter(|_| self.terminates).unwrap_or(0);
        let pays = self.origination_price.filter(|_| self.originates).unwrap_or(0);
        paid.saturating_sub(pays)
    }
}

/// Moves the balance of `account`. A balance beyond what can be stored stays at the end.
pub(super) fn add(connection: &Connection, account: AccountId, amount: i64) -> rusqlite::Result<()> {
    if amount == 0 {
        return Ok(());
    }
    let before = movement(connection, account)?;
    connection
        .prepare_cached("INSERT OR REPLACE INTO balances (account_id, movement) VALUES (?1, ?2)")?
        .execute(params![account.0, before.saturating_add(amount)])?;
    Ok(())
}

/// The movements of `accounts`.
pub(super) fn read(
    connection: &Connection,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, Decimal>, Fault> {
    let read = |account: &AccountId| {
        let millionths = i128::from(movement(connection, *account)?);
        Ok((*account, Decimal::from_i128_with_scale(millionths, 6)))
    };
    accounts.iter().map(read).collect()
}

fn movement(connection: &Connection, account: AccountId) -> rusqlite::Result<i64> {
    connection
        .prepare_cached("SELECT movement FROM balances WHERE account_id = ?1")?
        .query_row([account.0], |row| row.get(0))
        .optional()
        .map(Option::unwrap_or_default)
}
