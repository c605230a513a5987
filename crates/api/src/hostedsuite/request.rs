//! How a request arrives and how its answer leaves (sections 1.7, 2 and 3).

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use call::ErrorCode;

use super::{
    errors::Failure,
    format::Format,
    members::{Members, pairs},
    wire::Value,
};
use crate::{App, auth::ClientAddress, request::RequestId};

/// An operation that a client calls.
pub struct OperationRequest {
    /// What it says.
    pub members: Members,
    /// Where it comes from.
    pub client: ClientAddress,
    /// Where the answer goes.
    pub reply: Reply,
}

/// Writes the answer in the format that was asked for.
pub struct Reply {
    format: Format,
    request: Option<RequestId>,
}

impl Reply {
    fn to(parts: &Parts) -> Self {
        let query = pairs(parts.uri.query().unwrap_or_default().as_bytes());
        Self { format: Format::negotiate(&query), request: parts.extensions.get().cloned() }
    }

    /// The answer. What went wrong inside goes to the log, with the request's id.
    pub fn send(&self, outcome: Result<Value, Failure>) -> Response {
        match outcome {
            Ok(value) => self.answer(StatusCode::OK, &value),
            Err(failure) => self.refuse(&failure),
        }
    }

    fn answer(&self, status: StatusCode, value: &Value) -> Response {
        (self.format.status(status), self.format.headers(), self.format.print(value)).into_response()
    }

    fn refuse(&self, failure: &Failure) -> Response {
        if let Some(source) = &failure.source {
            let request = self.request.as_ref().map(|id| id.0.as_str());
            tracing::error!(request, error = &**source as &dyn std::error::Error, "not answered");
        }
        let mut response = self.answer(failure.status, &failure.into());
        let wait = failure.retry_after.map(|wait| HeaderValue::from(wait.as_secs_f64().ceil() as u64));
        response.headers_mut().extend(wait.map(|seconds| (header::RETRY_AFTER, seconds)));
        if failure.status == StatusCode::METHOD_NOT_ALLOWED {
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        response
    }
}

impl FromRequest<Arc<App>> for OperationRequest {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Ok(client) = ClientAddress::from_request_parts(&mut parts, app).await;
        let reply = Reply::to(&parts);
        let arrived = members(Request::from_parts(parts, body)).await;
        match arrived {
            Ok(members) => Ok(Self { members, client, reply }),
            Err(failure) => Err(reply.refuse(&failure)),
        }
    }
}

/// The body's members, and the query's over them.
async fn members(request: Request) -> Result<Members, Failure> {
    if method(&request) != Method::POST {
        return Err(Failure::method_not_allowed());
    }
    let notation = Notation::of(request.headers())?;
    let query = pairs(request.uri().query().unwrap_or_default().as_bytes());
    let body = Bytes::from_request(request, &()).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Failure::new(ErrorCode::TooLarge, "The body is too large"),
        _ => Failure::malformed_body("The body did not arrive whole"),
    })?;
    let mut members = notation.read(&body)?;
    members.lay_over(query);
    Ok(members)
}

/// The verb, or the one that the client could not send as such.
fn method(request: &Request) -> Method {
    let asked = request.headers().get("x-http-method-override");
    let asked =
        asked.and_then(|verb| Method::from_bytes(verb.as_bytes().to_ascii_uppercase().as_slice()).ok());
    asked.unwrap_or_else(|| request.method().clone())
}

/// How a body is written.
#[derive(Clone, Copy)]
enum Notation {
    Json,
    Form,
}

impl Notation {
    /// As `Content-Type` says; JSON if it says nothing.
    fn of(headers: &HeaderMap) -> Result<Self, Failure> {
        let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(Self::Json) };
        let text = String::from_utf8_lossy(value.as_bytes());
        let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "" | "application/json" | "text/json" => Ok(Self::Json),
            "application/x-www-form-urlencoded" => Ok(Self::Form),
            json if json.starts_with("application/") && json.ends_with("+json") => Ok(Self::Json),
            _ => Err(Failure::unsupported_type(&essence)),
        }
    }

    fn read(self, body: &[u8]) -> Result<Members, Failure> {
        match self {
            Self::Json => Members::from_json(body)
                .map_err(|error| Failure::malformed_body(format!("The body is not accepted: {error}"))),
            Self::Form => {
                let mut members = Members::default();
                members.lay_over(pairs(body));
                Ok(members)
            }
        }
    }
}
