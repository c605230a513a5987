//! `GET /v1/audit`, for operators, and `GET /v1/audit/own`, for those who may change things in an account: who has
//! changed what. As JSON, or with `Accept: text/csv` as CSV.

mod query;

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use call::ErrorCode;
use directory::{
    Snapshot,
    audit::{AuditEntry, AuditQuery, AuditScope},
};
use history::annotations::Author;
use http_core::{App, auth::Operator, formula::disarmed, time::rfc3339};

use crate::{
    auth::Client,
    errors::Failure,
    wire::audit::{AuditEntryWire, AuditWire},
};

type Parameters = Query<Vec<(String, String)>>;

/// Everything.
pub async fn all(
    State(app): State<Arc<App>>,
    _: Operator,
    headers: HeaderMap,
    Query(sent): Parameters,
) -> Result<Response, Failure> {
    list(&app, &headers, AuditQuery { scope: AuditScope::All, ..query::read(&sent)? }).await
}

/// What is the client's: of the account of its token, and for a manager of a whole customer, the customer's too.
pub async fn own(
    State(app): State<Arc<App>>,
    client: Client,
    headers: HeaderMap,
    Query(sent): Parameters,
) -> Result<Response, Failure> {
    let scope = scope(&app.directory(), &client);
    list(&app, &headers, AuditQuery { scope, ..query::read(&sent)? }).await
}

fn scope(directory: &Snapshot, client: &Client) -> AuditScope {
    let user = match &client.author {
        Author::User { id, .. } => directory.user(*id),
        _ => None,
    };
    let of_all = user.filter(|user| user.accounts.is_empty() && user.centers.is_empty());
    AuditScope::Of { customer: of_all.map(|user| user.customer), accounts: client.access.accounts().to_vec() }
}

async fn list(app: &App, headers: &HeaderMap, query: AuditQuery) -> Result<Response, Failure> {
    let failed = || Failure::new(ErrorCode::Unavailable, "The server cannot read its audit trail now");
    let (directory, limit) = (app.config.directory.clone().ok_or_else(failed)?, query.limit);
    let found = tokio::task::spawn_blocking(move || directory.audit(&query)).await;
    let found = found.map_err(|_| failed())?.map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "the audit trail is not read");
        failed()
    })?;
    let snapshot = app.directory();
    let entries: Vec<_> = found.iter().map(|entry| wire(&snapshot, entry)).collect();
    if wants_csv(headers) {
        return csv(&entries).map_err(|_| failed());
    }
    let is_full = entries.len() == limit as usize;
    let next = entries.last().filter(|_| is_full).map(|entry| entry.id);
    Ok(Json(AuditWire { entries, next }).into_response())
}

fn wants_csv(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|accepted| accepted.to_str().ok());
    accepted.is_some_and(|accepted| accepted.split([',', ';']).any(|kind| kind.trim() == "text/csv"))
}

fn wire(directory: &Snapshot, entry: &AuditEntry) -> AuditEntryWire {
    let (who, name) = entry.author.who.parts();
    let customer = entry.noted.whose.customer.and_then(|id| directory.customer(id));
    AuditEntryWire {
        id: entry.id,
        at: rfc3339(entry.author.at),
        who,
        name: name.map(str::to_owned),
        source: entry.author.source.map(|source| source.to_string()),
        interface: entry.author.interface.name(),
        customer: customer.map(|customer| customer.name.to_string()),
        account: entry.noted.whose.account.map(|account| account.0),
        action: entry.noted.action.name(),
        entry: entry.noted.entry.clone(),
        before: entry.noted.before.clone(),
        after: entry.noted.after.clone(),
    }
}

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

/// Names and texts that a spreadsheet would take for formulas are disarmed.
fn csv(entries: &[AuditEntryWire]) -> Result<Response, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    for entry in entries {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let account = entry.account.map(|account| account.to_string()).unwrap_or_default();
        let cells = [
            entry.id.to_string(),
            entry.at.clone(),
            entry.who.to_owned(),
            text(&entry.name),
            text(&entry.source),
            entry.interface.to_owned(),
            text(&entry.customer),
            account,
            entry.action.to_owned(),
            entry.entry.clone(),
            text(&entry.before),
            text(&entry.after),
        ];
        writer.write_record(cells.iter().map(|cell| disarmed(cell).into_owned()))?;
    }
    let text = writer.into_inner().map_err(|error| error.into_error())?;
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], text).into_response())
}
