//! `…/calls` and `…/calls/{call}`: the live calls of an account.

mod accept;
mod change;
mod selection;

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, Uri, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::{
    answer::Told,
    auth::Client,
    body, convert,
    errors::Failure,
    lookup,
    paging::Page,
    path::CallPath,
    query::{CALL_FILTERS, ListQuery},
    state::Vonage,
    wire::{CallStateWire, CallWire, CallsPageWire, ChangeCallWire, Digits, ModifiedCallWire, NewCallWire},
};

/// Number of the list's first page, as in the vendor's sample.
const FIRST_PAGE: u64 = 0;

/// `GET …/calls`: a page of the calls that go on.
pub async fn list(
    client: Client,
    State(app): State<Vonage>,
    uri: Uri,
) -> Result<Json<CallsPageWire>, Failure> {
    let query = ListQuery::read(&uri, CALL_FILTERS, FIRST_PAGE)?;
    let registry = app.live.snapshot();
    let selection = selection::select(&registry, client.account, &query);
    let path = format!("/cc/accounts/{}/calls", client.account);
    let page = Page { path: &path, query: &query, first: FIRST_PAGE, total: selection.total };
    Ok(Json(CallsPageWire {
        calls: selection.calls.into_iter().map(|call| client.view.live_call(call)).collect(),
        current_page: Digits::integer(client.view.wire, page.current()),
        pages: client.view.pages(&page),
    }))
}

/// `GET …/calls/{call}`: one call, also for a while after an end without a talk.
pub async fn show(
    client: Client,
    CallPath(id): CallPath,
    State(app): State<Vonage>,
) -> Result<Json<CallWire>, Failure> {
    lookup::call(&app, &client, id).await.map(Json)
}

/// `POST …/calls`: places a call. The answer is the new call's id as a JSON string; as plain text if the
/// client prefers that.
pub async fn place(
    client: Client,
    State(app): State<Vonage>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Failure> {
    let wanted = NewCallWire::read(&body::object(&headers, body)?)?;
    let placing = convert::dial(client.view, &app, &wanted)?;
    let id = app.live.originate(&client.access, client.account, placing).await?;
    if accept::prefers_plain_text(&headers) {
        let plain = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
        return Ok((plain, id.to_string()).into_response());
    }
    Ok(Json(json!(id.to_string())).into_response())
}

/// `PUT …/calls/{call}`: has a ringing phone answer, hands the call over, or parks a party.
pub async fn change(
    client: Client,
    CallPath(id): CallPath,
    State(app): State<Vonage>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Told<Json<ModifiedCallWire>>, Failure> {
    let call = app.live.snapshot().call(client.account, id).cloned();
    let call = call.ok_or_else(|| Failure::not_found("call"))?;
    let wanted = ChangeCallWire::read(&body::object(&headers, body)?)?;
    change::carry_out(&app, &client, &call, &wanted).await
}

/// `DELETE …/calls/{call}`: ends a call that goes on. A body is not looked at.
pub async fn hang_up(
    client: Client,
    CallPath(id): CallPath,
    State(app): State<Vonage>,
) -> Result<Told<Json<ModifiedCallWire>>, Failure> {
    let (call, outcome) = app.live.hangup_call(&client.access, client.account, id).await?;
    let dialed = call.started().dialed.as_str();
    let body = Json(client.view.modified_call(id, CallStateWire::Disconnected, dialed));
    Ok(Told { outcome, call: (client.account, id), body })
}
