//! `GET` and `POST /v1/calls/{call}/annotations`: what was noted about a call that goes on or is over.

use std::{str::FromStr, sync::Arc};

use axum::{
    Json,
    body::Bytes,
    extract::{
        Path, State,
        rejection::{BytesRejection, PathRejection},
    },
    http::HeaderMap,
};
use call::CallId;
use http_core::{App, body};

use crate::{auth::Client, convert::annotations, errors::Failure, wire::annotations::AnnotationsWire};

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
    client: Client,
    State(app): State<Arc<App>>,
    call: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<AnnotationsWire>, Failure> {
    let call_id = call_of(call)?;
    let members = body::object(&headers, body, |sent| sent == "application/json")?;
    let edit = annotations::edit(&members)?;
    app.live.annotate(&client.access, call_id, client.author, edit).await?;
    Ok(Json(annotations::wire(call_id, app.live.noted(&client.access, call_id).await?)))
}

/// What is no id names no call.
fn call_of(path: Result<Path<String>, PathRejection>) -> Result<CallId, Failure> {
    let id = path.ok().and_then(|Path(text)| CallId::from_str(&text).ok());
    id.ok_or_else(Failure::no_such_call)
}
