//! The Model Context Protocol, revision 2025-11-25, over streamable HTTP: `POST /mcp` takes one message of JSON-RPC and
//! answers it at once. There are no sessions and nothing is sent unasked, so that each request stands for itself, with
//! its own credentials (docs/native-api.md, ADR 22).

mod message;
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
    tools::Caller,
};
use crate::{auth::Known, errors::Failure};

/// The revisions that are spoken; the first is the latest.
const REVISIONS: [&str; 3] = ["2025-11-25", "2025-06-18", "2025-03-26"];
/// The header in which a client says which revision was agreed on.
const REVISION: &str = "mcp-protocol-version";
const INSTRUCTIONS: &str = "Calls of one account of a telephone system: those that are over, those that go on, how many \
                            went on when, and what a number costs. Some credentials may place and end calls. Instants \
                            are RFC 3339 in UTC.";

/// `POST /mcp`.
pub async fn answer(State(app): State<Arc<App>>, request: Request) -> Result<Response, Failure> {
    let (mut parts, sent) = request.into_parts();
    let known = Known::read(&mut parts, &app).await?;
    agreed(&parts.headers)?;
    is_from_here(&parts.headers)?;
    let (headers, extensions) = (parts.headers.clone(), parts.extensions.clone());
    let bytes = Bytes::from_request(Request::from_parts(parts, sent), &app).await;
    let members = body::object(&headers, bytes, |sent| sent == "application/json")?;
    let caller = Caller { app, known, extensions };
    Ok(match Message::read(members) {
        Ok(Message::Request { id, method, parameters }) => {
            let result = asked(&caller, &method, &parameters).await;
            Json(Answer::new(id, result)).into_response()
        }
        Ok(Message::Notification) => StatusCode::ACCEPTED.into_response(),
        Err((id, fault)) => (StatusCode::BAD_REQUEST, Json(Answer::new(id, Err(fault)))).into_response(),
    })
}

async fn asked(caller: &Caller, method: &str, parameters: &Map<String, Value>) -> Result<Value, Fault> {
    match method {
        "initialize" => Ok(initialized(parameters)),
        "ping" => Ok(json!({})),
        "tools/list" => Ok(json!({ "tools": caller.tools() })),
        "tools/call" => caller.call(parameters).await,
        _ => Err(Fault::unknown_method(method)),
    }
}

/// The revision that the client asks for, if it is spoken here, else the latest; and what can be asked.
fn initialized(parameters: &Map<String, Value>) -> Value {
    let wanted = parameters.get("protocolVersion").and_then(Value::as_str);
    let spoken = REVISIONS.into_iter().find(|revision| Some(*revision) == wanted).unwrap_or(REVISIONS[0]);
    json!({
        "protocolVersion": spoken,
        "capabilities": { "tools": {} },
        "serverInfo": { "name": "trunkline", "title": "Trunkline", "version": env!("CARGO_PKG_VERSION") },
        "instructions": INSTRUCTIONS,
    })
}

/// A client that names a revision names one that is spoken.
fn agreed(headers: &HeaderMap) -> Result<(), Failure> {
    let Some(named) = headers.get(REVISION) else { return Ok(()) };
    let is_spoken = REVISIONS.iter().any(|revision| named == revision);
    let refuse = || Failure::bad_member("MCP-Protocol-Version", format!("{named:?}"), REVISIONS.join(", "));
    is_spoken.then_some(()).ok_or_else(refuse)
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
