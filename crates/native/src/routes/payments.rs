//! `POST /v1/payments`: records that an account was paid for. For the operator's networks only; there is no gateway.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
};
use call::{AccountId, ErrorCode};
use directory::{Snapshot, model::Payment};
use http_core::{App, auth::Operator, body, time::rfc3339};
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{errors::Failure, wire::payments::PaymentWire};

/// Longest note, in characters.
const LONGEST_NOTE: usize = 1_000;
/// Most decimal places of an amount.
const PLACES: u32 = 6;

/// Records it, and shows it. One with the `id` of another shows that one, and moves nothing.
pub async fn record(
    State(app): State<Arc<App>>,
    operator: Operator,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<PaymentWire>), Failure> {
    let members = body::object(&headers, body, |sent| sent == "application/json")?;
    let wanted = read(&app, &members)?;
    let failed = || Failure::new(ErrorCode::Unavailable, "The server cannot record payments now");
    let (directory, author) = (app.config.directory.clone().ok_or_else(failed)?, operator.author(app.now()));
    let recorded = tokio::task::spawn_blocking(move || directory.by(author).record_payment(&wanted)).await;
    let recorded = recorded.map_err(|_| failed())?.map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "a payment is not recorded");
        failed()
    })?;
    Ok((StatusCode::CREATED, Json(wire(&recorded))))
}

fn read(app: &App, members: &Map<String, Value>) -> Result<Payment, Failure> {
    if let Some(name) =
        members.keys().find(|name| !["id", "account", "amount", "notes"].contains(&name.as_str()))
    {
        return Err(Failure::bad_member(name, "not known", "id, account, amount and notes"));
    }
    Ok(Payment {
        uuid: id(members.get("id"))?,
        account: account(&app.directory(), members.get("account"))?,
        amount: amount(members.get("amount"))?,
        notes: notes(members.get("notes"))?,
        created_at: app.now(),
    })
}

pub(super) fn id(sent: Option<&Value>) -> Result<Uuid, Failure> {
    let Some(sent) = sent.filter(|sent| !sent.is_null()) else { return Ok(Uuid::new_v4()) };
    let id = sent.as_str().and_then(|text| Uuid::try_parse(text).ok());
    id.ok_or_else(|| Failure::bad_member("id", sent.to_string(), "a UUID"))
}

pub(super) fn account(directory: &Snapshot, sent: Option<&Value>) -> Result<AccountId, Failure> {
    let number = sent.and_then(Value::as_u64).and_then(|number| u32::try_from(number).ok()).map(AccountId);
    let account = number.and_then(|id| directory.account(id));
    let found = || sent.map_or_else(|| "nothing".to_owned(), Value::to_string);
    account
        .map(|account| account.id)
        .ok_or_else(|| Failure::bad_member("account", found(), "the number of an account"))
}

fn amount(sent: Option<&Value>) -> Result<Decimal, Failure> {
    let text = match sent {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let amount = text.parse::<Decimal>().ok();
    let amount = amount.filter(|amount| !amount.is_zero() && amount.normalize().scale() <= PLACES);
    let amount = amount.filter(|amount| amount.abs() <= Decimal::from(1_000_000_000));
    amount.ok_or_else(|| {
        let found = sent.map_or_else(|| "nothing".to_owned(), Value::to_string);
        let accepted =
            "an amount that is not 0, up to a milliard, of at most 6 decimal places, such as \"12.50\"";
        Failure::bad_member("amount", found, accepted)
    })
}

fn notes(sent: Option<&Value>) -> Result<Option<Arc<str>>, Failure> {
    match sent {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().count() <= LONGEST_NOTE => Ok(Some(text.as_str().into())),
        Some(_) => Err(Failure::bad_member("notes", "something else", "text of at most 1000 characters")),
    }
}

fn wire(payment: &Payment) -> PaymentWire {
    PaymentWire {
        id: payment.uuid.to_string(),
        account: payment.account.0,
        amount: payment.amount.normalize().to_string(),
        notes: payment.notes.clone().map(|notes| notes.to_string()),
        created_at: rfc3339(payment.created_at),
    }
}
