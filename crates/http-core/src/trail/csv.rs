//! Entries of the audit trail as a file of comma-separated values (RFC 4180). Names and texts that a spreadsheet would
//! take for formulas are disarmed.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use directory::{Snapshot, audit::AuditEntry};

use crate::{formula::disarmed, time::rfc3339};

const COLUMNS: [&str; 12] = [
    "id",
    "at",
    "who",
    "name",
    "source",
    "interface",
    "customer",
    "account",
    "action",
    "entry",
    "before",
    "after",
];

/// The file. `directory` knows the names of customers.
pub fn answer(directory: &Snapshot, entries: &[AuditEntry]) -> Response {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let rows = entries.iter().map(|entry| cells(directory, entry));
    let rows = std::iter::once(COLUMNS.map(str::to_owned)).chain(rows);
    for row in rows {
        let row = row.iter().map(|cell| disarmed(cell).into_owned());
        writer.write_record(row).expect("rows of one length are written to memory");
    }
    let text = writer.into_inner().expect("memory takes what is left");
    ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], text).into_response()
}

fn cells(directory: &Snapshot, AuditEntry { id, author, noted }: &AuditEntry) -> [String; COLUMNS.len()] {
    let (who, name) = author.who.parts();
    let customer = noted.whose.customer.and_then(|id| directory.customer(id));
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    [
        id.to_string(),
        rfc3339(author.at),
        who.to_owned(),
        text(name),
        author.source.map(|source| source.to_string()).unwrap_or_default(),
        author.interface.name().to_owned(),
        text(customer.map(|customer| &*customer.name)),
        noted.whose.account.map(|account| account.to_string()).unwrap_or_default(),
        noted.action.name().to_owned(),
        noted.entry.clone(),
        text(noted.before.as_deref()),
        text(noted.after.as_deref()),
    ]
}
