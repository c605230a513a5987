//! Payments, which operators record one by one.

use call::{AccountId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use super::{Changing, load::parsed};
use crate::{
    audit::{AuditAction, Noted},
    error::DirectoryError,
    model::Payment,
};

/// All payments, oldest first.
pub(super) fn load(db: &Connection) -> Result<Vec<Payment>> {
    let mut select = db.prepare("SELECT * FROM payments ORDER BY created_at, uuid")?;
    let payments = select.query_map((), payment)?;
    payments.collect()
}

fn payment(row: &Row<'_>) -> Result<Payment> {
    Ok(Payment {
        uuid: parsed(row, "uuid")?,
        account: AccountId(row.get("account")?),
        amount: parsed(row, "amount")?,
        notes: row.get("notes")?,
        created_at: Timestamp::from_micros(row.get("created_at")?),
    })
}

impl Changing<'_> {
    /// Records a payment, durably when this returns. One of the same id that is there already stays as it is: what
    /// is recorded is given back, so that a repeat moves nothing.
    pub fn record_payment(&self, new: &Payment) -> Result<Payment, DirectoryError> {
        self.directory.write("record a payment", |db| {
            let known =
                db.query_row("SELECT * FROM payments WHERE uuid = ?", [new.uuid.to_string()], payment);
            if let Some(known) = known.optional()? {
                return Ok(known);
            }
            let (uuid, amount) = (new.uuid.to_string(), new.amount.to_string());
            db.execute(
                "INSERT INTO payments VALUES (?, ?, ?, ?, ?)",
                params![uuid, new.account.0, amount, new.notes, new.created_at.as_micros()],
            )?;
            let amount = format!("amount = {amount:?}");
            let notes = new.notes.iter().map(|notes| format!("notes = {notes:?}"));
            let shown: Vec<String> = std::iter::once(amount).chain(notes).collect();
            self.write_down(
                db,
                &[Noted {
                    whose: self.whose(new.account),
                    action: AuditAction::Added,
                    entry: format!("payment {uuid} of account {}", new.account),
                    before: None,
                    after: Some(shown.join("\n")),
                }],
            )?;
            Ok(new.clone())
        })
    }
}
