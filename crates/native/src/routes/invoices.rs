//! `POST /v1/invoices`: makes an invoice of what an account has sent in a time. For the operator's networks only.

mod summing;

use std::{ops::Range, sync::Arc};

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
};
use call::{ErrorCode, Timestamp};
use directory::model::Invoice;
use http_core::{
    App,
    auth::Operator,
    body,
    time::{instant, rfc3339},
};
use live::CommandError;
use serde_json::{Map, Value};

use super::payments::{account, id};
use crate::{errors::Failure, wire::invoices::InvoiceWire};

/// Longest reference, in characters.
const LONGEST_REFERENCE: usize = 100;
const MEMBERS: [&str; 5] = ["id", "account", "reference", "from", "until"];

/// Makes it, and shows it. One with the `id` of another shows that one.
pub async fn make(
    State(app): State<Arc<App>>,
    operator: Operator,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<InvoiceWire>), Failure> {
    let members = body::object(&headers, body, |sent| sent == "application/json")?;
    let wanted = read(&app, &members)?;
    if let Some(known) = app.directory().invoices().iter().find(|known| known.uuid == wanted.uuid) {
        return Ok((StatusCode::CREATED, Json(wire(known))));
    }
    refuse_what_goes_on(&app, &wanted)?;
    let lines = summing::lines(&app, wanted.account, &wanted.period).await.map_err(CommandError::from)?;
    let wanted = Invoice { lines, ..wanted };
    let failed = || Failure::new(ErrorCode::Unavailable, "The server cannot make invoices now");
    let (directory, author) = (app.config.directory.clone().ok_or_else(failed)?, operator.author(app.now()));
    let made = tokio::task::spawn_blocking(move || directory.by(author).record_invoice(&wanted)).await;
    let made = made.map_err(|_| failed())?.map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "an invoice is not recorded");
        failed()
    })?;
    Ok((StatusCode::CREATED, Json(wire(&made))))
}

/// Calls that began in the time and are not over, or not recorded yet, would be in no invoice.
fn refuse_what_goes_on(app: &App, wanted: &Invoice) -> Result<(), Failure> {
    let (live, account, until) = (app.live.snapshot(), wanted.account, wanted.period.end);
    let mut calls = live.calls_of(account).chain(live.calls_left_by(account));
    if calls.any(|call| call.started_at() < until) {
        return Err(Failure::new(ErrorCode::Conflict, "Calls that began before `until` go on; try later"));
    }
    match app.live.as_of() {
        Some(_) => Err(Failure::new(ErrorCode::Unavailable, "Calls wait to be recorded; try later")),
        None => Ok(()),
    }
}

/// An invoice that has no lines yet.
fn read(app: &App, members: &Map<String, Value>) -> Result<Invoice, Failure> {
    if let Some(name) = members.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
        return Err(Failure::bad_member(name, "not known", "id, account, reference, from and until"));
    }
    let now = app.now();
    Ok(Invoice {
        uuid: id(members.get("id"))?,
        account: account(&app.directory(), members.get("account"))?,
        reference: reference(members.get("reference"))?,
        period: period(members, now)?,
        created_at: now,
        lines: Vec::new(),
    })
}

fn reference(sent: Option<&Value>) -> Result<Arc<str>, Failure> {
    let text = sent.and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let text = text.filter(|text| text.chars().count() <= LONGEST_REFERENCE);
    text.map(Into::into).ok_or_else(|| {
        Failure::bad_member("reference", found(sent), "text of 1 to 100 characters, such as \"2026-01/7\"")
    })
}

/// A time that is over: what is added later would be in no invoice.
fn period(members: &Map<String, Value>, now: Timestamp) -> Result<Range<Timestamp>, Failure> {
    let read = |name: &str| {
        let sent = members.get(name);
        let at = sent.and_then(Value::as_str).and_then(|text| text.parse::<jiff::Timestamp>().ok());
        let accepted = "a time with its offset, such as \"2026-01-01T00:00:00Z\"";
        at.map(instant).ok_or_else(|| Failure::bad_member(name, found(sent), accepted))
    };
    let (from, until) = (read("from")?, read("until")?);
    match () {
        () if until > now => {
            Err(Failure::bad_member("until", found(members.get("until")), "a time that is over"))
        }
        () if from >= until => {
            Err(Failure::bad_member("from", found(members.get("from")), "a time before `until`"))
        }
        () => Ok(from..until),
    }
}

fn found(sent: Option<&Value>) -> String {
    sent.map_or_else(|| "nothing".to_owned(), Value::to_string)
}

fn wire(invoice: &Invoice) -> InvoiceWire {
    let total = invoice.total();
    InvoiceWire {
        id: invoice.uuid.to_string(),
        account: invoice.account.0,
        reference: invoice.reference.to_string(),
        from: rfc3339(invoice.period.start),
        until: rfc3339(invoice.period.end),
        amount: total.amount.normalize().to_string(),
        calls: total.calls,
        lines: invoice.lines.len(),
        created_at: rfc3339(invoice.created_at),
    }
}
