//! The Model Context Protocol, revisions up to 2026-07-28, over streamable HTTP: `POST /mcp` takes one message of JSON-RPC
//! and answers it at once. There are no sessions and nothing is sent unasked, so that each request stands for itself,
//! with its own credentials (docs/native-api.md, ADR 22).

mod message;
mod revision;
mod tools;

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use call::ErrorCode;
use http_core::{App, body};
use serde_json::{Map, Value, json};

use self::{
    message::{Answer, Fault, Message},
    revision::Revision,
    tools::Caller,
};
use crate::{auth::Known, errors::Failure};

const INSTRUCTIONS: &str = "Calls of one account of a telephone system: those that are over, those that go on, how many \
                            went on when, and what a number costs. Some credentials may place and end calls. Instants \
                            are RFC 3339 in UTC.";

/// `POST /mcp`.
pub async fn answer(State(app): State<Arc<App>>, request: Request) -> Result<Response, Failure> {
    let (mut parts, sent) = request.into_parts();
    let known = Known::read(&mut parts, &app).await?;
    is_from_here(&parts.headers)?;
    let (headers, extensions) = (parts.headers.clone(), parts.extensions.clone());
    let bytes = Bytes::from_request(Request::from_parts(parts, sent), &app).await;
    let members = body::object(&headers, bytes, |sent| sent == "application/json")?;
    let caller = Caller { app, known, extensions };
    Ok(match Message::read(members) {
        Ok(Message::Request { id, method, parameters }) => match Revision::of(&headers) {
            Ok(revision) => {
                let result = asked(&caller, (revision, &headers), &method, &parameters).await;
                let status = result.as_ref().map_or_else(|fault| revision.status(fault), |_| StatusCode::OK);
                (status, Json(Answer::new(id, result))).into_response()
            }
            Err(fault) => refused(id, fault),
        },
        Ok(Message::Notification) => StatusCode::ACCEPTED.into_response(),
        Err((id, fault)) => refused(id, fault),
    })
}

fn refused(id: Value, fault: Fault) -> Response {
    (StatusCode::BAD_REQUEST, Json(Answer::new(id, Err(fault)))).into_response()
}

async fn asked(
    caller: &Caller,
    (revision, headers): (Revision, &HeaderMap),
    method: &str,
    parameters: &Map<String, Value>,
) -> Result<Value, Fault> {
    revision.check(headers, method, parameters)?;
    let result = match (method, revision) {
        ("initialize", Revision::Agreed) => initialized(parameters),
        ("ping", Revision::Agreed) => json!({}),
        ("server/discover", Revision::Named) => discovered(),
        ("tools/list", _) => json!({ "tools": caller.tools() }),
        ("tools/call", _) => caller.call(parameters).await?,
        _ => return Err(Fault::unknown_method(method)),
    };
    Ok(revision.complete(method, result))
}

/// The revision that is agreed on, and what can be asked.
fn initialized(parameters: &Map<String, Value>) -> Value {
    let wanted = parameters.get("protocolVersion").and_then(Value::as_str);
    json!({
        "protocolVersion": Revision::agree(wanted),
        "capabilities": { "tools": {} },
        "serverInfo": revision::server(),
        "instructions": INSTRUCTIONS,
    })
}

/// The same for those who agree on nothing.
fn discovered() -> Value {
    json!({
        "supportedVersions": revision::known(),
        "capabilities": { "tools": {} },
        "instructions": INSTRUCTIONS,
    })
}

/// A page of another site is refused, whoever has given it a token: as the protocol asks for.
fn is_from_here(headers: &HeaderMap) -> Result<(), Failure> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST).unwrap_or_default();
    let is_own = |origin: &str| origin.split_once("://").is_some_and(|(_, named)| named == host);
    match text(header::ORIGIN) {
        Some(origin) if !is_own(origin) => {
            Err(Failure::new(ErrorCode::Forbidden, "Pages of other sites may not ask here"))
        }
        _ => Ok(()),
    }
}
