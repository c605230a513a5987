//! Invoices, which operators make one by one.

use call::{AccountId, Timestamp};
use rusqlite::{Connection, Result, Row, params};

use super::{Changing, load::parsed};
use crate::{
    audit::{AuditAction, Noted},
    error::DirectoryError,
    model::{Invoice, InvoiceLine, InvoiceSum, Span},
};

/// All invoices, oldest first.
pub(super) fn load(db: &Connection) -> Result<Vec<Invoice>> {
    let mut select = db.prepare("SELECT * FROM invoices ORDER BY created_at, uuid")?;
    let mut lines = db.prepare("SELECT * FROM invoice_lines WHERE invoice = ? ORDER BY line")?;
    let invoices = select.query_map((), invoice)?.collect::<Result<Vec<_>>>()?;
    let with_lines = |invoice: Invoice| {
        let lines = lines.query_map([invoice.uuid.to_string()], line)?.collect::<Result<_>>()?;
        Ok(Invoice { lines, ..invoice })
    };
    invoices.into_iter().map(with_lines).collect()
}

fn invoice(row: &Row<'_>) -> Result<Invoice> {
    let instant = |column| row.get(column).map(Timestamp::from_micros);
    Ok(Invoice {
        uuid: parsed(row, "uuid")?,
        account: AccountId(row.get("account")?),
        reference: row.get("reference")?,
        period: instant("from_at")?..instant("until_at")?,
        created_at: instant("created_at")?,
        lines: Vec::new(),
    })
}

fn line(row: &Row<'_>) -> Result<InvoiceLine> {
    let count = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
    let span = |first, last| -> Result<Option<Span>> {
        let instants: (Option<i64>, Option<i64>) = (row.get(first)?, row.get(last)?);
        let span =
            |(first, last)| Span { first: Timestamp::from_micros(first), last: Timestamp::from_micros(last) };
        Ok(instants.0.zip(instants.1).map(span))
    };
    let sum = InvoiceSum {
        calls: count("calls")?,
        answered: count("answered")?,
        seconds: count("seconds")?,
        billed_seconds: count("billed_seconds")?,
        amount: parsed(row, "amount")?,
        began: span("first_at", "last_at")?,
        answered_began: span("first_answered_at", "last_answered_at")?,
    };
    Ok(InvoiceLine { prefix: row.get("prefix")?, sum })
}

impl Changing<'_> {
    /// Records an invoice, durably when this returns. One of the same id that is there already stays as it is: what
    /// is recorded is given back.
    pub fn record_invoice(&self, new: &Invoice) -> std::result::Result<Invoice, DirectoryError> {
        self.directory.write("record an invoice", |db| {
            if let Some(known) = load(db)?.into_iter().find(|known| known.uuid == new.uuid) {
                return Ok(known);
            }
            insert(db, new)?;
            self.write_down(
                db,
                &[Noted {
                    whose: self.whose(new.account),
                    action: AuditAction::Added,
                    entry: format!("invoice {} of account {}", new.uuid, new.account),
                    before: None,
                    after: Some(format!("reference = {:?}", &*new.reference)),
                }],
            )?;
            Ok(new.clone())
        })
    }
}

fn insert(db: &Connection, new: &Invoice) -> Result<()> {
    let uuid = new.uuid.to_string();
    let [from, until, created] = [new.period.start, new.period.end, new.created_at].map(Timestamp::as_micros);
    db.execute(
        "INSERT INTO invoices VALUES (?, ?, ?, ?, ?, ?)",
        params![uuid, new.account.0, new.reference, from, until, created],
    )?;
    for (place, InvoiceLine { prefix, sum }) in (0_i64..).zip(&new.lines) {
        let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let first = |span: Option<Span>| span.map(|span| span.first.as_micros());
        let last = |span: Option<Span>| span.map(|span| span.last.as_micros());
        db.execute(
            "INSERT INTO invoice_lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                uuid,
                place,
                prefix,
                count(sum.calls),
                count(sum.answered),
                count(sum.seconds),
                count(sum.billed_seconds),
                sum.amount.to_string(),
                first(sum.began),
                last(sum.began),
                first(sum.answered_began),
                last(sum.answered_began),
            ],
        )?;
    }
    Ok(())
}
