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
use http_core::{App, auth::Operator, time::rfc3339, trail};

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
    AuditScope::of(&client.access, user)
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
    if wants_csv(headers) {
        return Ok(trail::csv::answer(&snapshot, &found));
    }
    let entries: Vec<_> = found.iter().map(|entry| wire(&snapshot, entry)).collect();
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
