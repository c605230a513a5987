//! `GET /v1/events`: what happens, from now on or from where the reader was; as Server-Sent Events (HTML standard,
//! section 9.2) to who accepts those, over WebSocket (RFC 6455) to who asks for that, else a page of it (docs/events.md).

mod page;
mod query;
mod reader;
mod server_sent;
mod websocket;

use std::sync::Arc;

use axum::{
    extract::{RawQuery, Request, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use http_core::{App, auth::ClientAddress};

use self::{query::EventsQuery, reader::Reader};
use crate::{auth::Client, errors::Failure};

/// The events, in the way that was asked for.
pub async fn read(
    client: Client,
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    address: ClientAddress,
    mut request: Request,
) -> Result<Response, Failure> {
    let query = EventsQuery::read(&app, &client, query.as_deref().unwrap_or_default(), request.headers())?;
    let is_stream = accepts_stream(request.headers());
    if !is_stream && !websocket::is_asked_for(request.headers()) {
        return Ok(page::show(&app, &client.access, query).await?.into_response());
    }
    let headers = std::mem::take(request.headers_mut());
    let reader = Reader::start(&app, client.access, query, (headers.clone(), address))?;
    match is_stream {
        true => Ok(server_sent::answer(reader)),
        false => websocket::answer(reader, &headers, request.extensions_mut()),
    }
}

fn accepts_stream(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|accepted| accepted.to_str().ok());
    accepted.is_some_and(|accepted| accepted.contains("text/event-stream"))
}
