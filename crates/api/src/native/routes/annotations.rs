//! `GET` and `POST /v1/calls/{call}/annotations`: what was noted about a call that goes on or is over.

use std::{str::FromStr, sync::Arc};

use axum::{
    Json,
    body::Bytes,
    extract::{
        Path, State,
        rejection::{BytesRejection, PathRejection},
    },
    http::{HeaderMap, StatusCode, header},
};
use call::{CallId, ErrorCode};
use serde_json::{Map, Value};

use crate::{
    App,
    native::{
        auth::{Client, Writer},
        convert::annotations::{self, kind},
        errors::Failure,
        wire::annotations::AnnotationsWire,
    },
};

/// What holds now, and who changed what when.
pub async fn show(
    client: Client,
    State(app): State<Arc<App>>,
    call: Result<Path<String>, PathRejection>,
) -> Result<Json<AnnotationsWire>, Failure> {
    let call_id = call_of(call)?;
    Ok(Json(annotations::wire(call_id, app.live.noted(&client.access, call_id).await?)))
}

/// Changes it, and answers as [`show`] would. The same once more changes nothing.
pub async fn change(
    Writer(client): Writer,
    State(app): State<Arc<App>>,
    call: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<AnnotationsWire>, Failure> {
    let call_id = call_of(call)?;
    let edit = annotations::edit(&members(&headers, body)?)?;
    app.live.annotate(&client.access, call_id, client.author, edit).await?;
    Ok(Json(annotations::wire(call_id, app.live.noted(&client.access, call_id).await?)))
}

/// What is no id names no call.
fn call_of(path: Result<Path<String>, PathRejection>) -> Result<CallId, Failure> {
    let id = path.ok().and_then(|Path(text)| CallId::from_str(&text).ok());
    id.ok_or_else(Failure::no_such_call)
}

/// The members of a JSON object. A body without a Content-Type is taken for JSON.
fn members(headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Result<Map<String, Value>, Failure> {
    let body = body.map_err(|rejection| unreadable(&rejection))?;
    if !is_json(headers) {
        return Err(Failure::not_json());
    }
    match serde_json::from_slice(&body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(other) => Err(Failure::bad_member("The body", kind(&other), "a JSON object")),
        Err(error) => Err(Failure::new(ErrorCode::InvalidInput, format!("The body is not JSON: {error}"))),
    }
}

fn unreadable(rejection: &BytesRejection) -> Failure {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Failure::new(ErrorCode::TooLarge, "The body is larger than accepted");
    }
    Failure::new(ErrorCode::InvalidInput, "The body did not come whole")
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return true };
    let essence = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}
