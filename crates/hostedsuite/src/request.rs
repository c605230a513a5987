//! How a request arrives (section 1.7): by which path and verb, and how its members are gathered.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, Method, StatusCode, header},
    response::Response,
};
use call::ErrorCode;
use directory::{Interface, Who};
use http_core::{Rights, auth::ClientAddress, trail::Trail};
use serde_json::Value as Json;

use super::{
    batch, credentials,
    dto::Value,
    errors::Failure,
    format::Word,
    members::Members,
    notation::{Notation, form},
    operation::Operation,
    reply::Reply,
};
use crate::state::HostedSuite;

/// By which path an operation is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By its own.
    Own,
    /// By its name.
    Name {
        /// The format that stands before the name.
        format: Option<Word>,
        /// Whether it is called several times at once.
        is_batch: bool,
    },
}

/// Where a request comes from, and where it is noted what it changes.
pub struct Sender {
    address: ClientAddress,
    trail: Trail,
}

/// Answers a request for `operation`.
pub async fn answer(app: HostedSuite, operation: &'static Operation, way: Way, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(address) = ClientAddress::from_request_parts(&mut parts, &app).await;
    let sender = Sender { address, trail: Trail::of(&parts.extensions) };
    let reply = Reply::to(&parts, operation.name(), way, &app);
    let arrived = read(operation, way, Request::from_parts(parts, body)).await;
    match arrived {
        Ok(Arrived::One(members)) => reply.send(run(&app, operation, &sender, &members).await),
        Ok(Arrived::Many(requests)) => batch::answer(&app, operation, &sender, requests, &reply).await,
        Err(failure) => reply.send(Err(failure)),
    }
}

/// Checks the credentials first, then does what is asked.
pub async fn run(
    app: &HostedSuite,
    operation: &Operation,
    sender: &Sender,
    members: &Members,
) -> Result<Value, Failure> {
    let logged_in = credentials::check(app, sender.address, members).await?;
    operation.area.map_or(Ok(()), |area| Rights::of(&logged_in.user).allow(area))?;
    if operation.writes {
        let who = Who::User(logged_in.user.login.clone());
        let by = (sender.address.ip, Interface::HostedSuite);
        app.acts(&sender.trail, who, by, &logged_in.access());
    }
    (operation.run)(app, &logged_in, members).await
}

/// What has arrived.
enum Arrived {
    One(Members),
    Many(Vec<Members>),
}

async fn read(operation: &Operation, way: Way, request: Request) -> Result<Arrived, Failure> {
    check_verb(operation, way, &request)?;
    let notation = notation(request.headers(), way)?;
    let query = form::pairs(request.uri().query().unwrap_or_default().as_bytes());
    let body = Bytes::from_request(request, &()).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Failure::new(ErrorCode::TooLarge, "The body is too large"),
        _ => Failure::malformed_body("The body did not arrive whole"),
    })?;
    let tree = notation.read(&body);
    let tree = tree.map_err(|error| Failure::malformed_body(format!("The body is not accepted: {error}")))?;
    if matches!(way, Way::Name { is_batch: true, .. }) {
        return batch::requests(tree).map(Arrived::Many);
    }
    let mut members = object(tree)?;
    match way {
        Way::Name { format: Some(_), .. } => members.fill_in(query),
        Way::Own | Way::Name { .. } => members.lay_over(query),
    }
    Ok(Arrived::One(members))
}

/// The members of one request.
pub fn object(tree: Json) -> Result<Members, Failure> {
    Members::of(tree).ok_or_else(|| Failure::malformed_body("The body is not one object with members"))
}

/// On its own path an operation takes its own verb. By its name it takes others too; but one that is called
/// with POST is not called with GET, which would put the password into the address.
fn check_verb(operation: &Operation, way: Way, request: &Request) -> Result<(), Failure> {
    let verb = method(request);
    let is_own = verb == operation.method.method();
    let others = [Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    if is_own || (way != Way::Own && others.contains(&verb)) {
        return Ok(());
    }
    Err(Failure::method_not_allowed(operation.method.word()))
}

/// The verb, or the one that the client could not send as such.
fn method(request: &Request) -> Method {
    let asked = request.headers().get("x-http-method-override");
    let asked =
        asked.and_then(|verb| Method::from_bytes(verb.as_bytes().to_ascii_uppercase().as_slice()).ok());
    asked.unwrap_or_else(|| request.method().clone())
}

/// How the body is written: as `Content-Type` says; else as the path does; else JSON.
fn notation(headers: &HeaderMap, way: Way) -> Result<Notation, Failure> {
    let value = headers.get(header::CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()));
    match value.as_deref().filter(|value| !value.trim().is_empty()) {
        Some(value) => Notation::of(value).ok_or_else(|| Failure::unsupported_type(value)),
        None => Ok(match way {
            Way::Name { format: Some(Word::Xml), .. } => Notation::Xml,
            Way::Name { format: Some(Word::Jsv), .. } => Notation::Jsv,
            Way::Name { format: Some(Word::Csv), .. } => Notation::Csv,
            Way::Own | Way::Name { .. } => Notation::Json,
        }),
    }
}
