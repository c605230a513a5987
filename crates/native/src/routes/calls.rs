//! `/v1/calls`: the calls of an account that go on, one of them or of those that are over, and what is done to them.

mod command;
mod hang_up;
mod query;

use std::{str::FromStr, sync::Arc};

use axum::{
    Json,
    body::Bytes,
    extract::{
        Path, Query, State,
        rejection::{BytesRejection, PathRejection},
    },
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use call::{CallId, LegId};
use http_core::{App, body, time::rfc3339};
use live::{CommandError, LegAddress, Outcome, Placing};

pub use self::{command::parties, hang_up::hang_up_many};
use crate::{
    auth::Client,
    convert::calls,
    errors::Failure,
    wire::calls::{CallOnlyWire, LiveCallsWire, OneCallWire, OutcomeWire},
};

type Parameters = Query<Vec<(String, String)>>;
type CallPath = Result<Path<String>, PathRejection>;

/// `GET /v1/calls`: a part of those that go on, how many there are, and how many of each group.
pub async fn list(
    client: Client,
    State(app): State<Arc<App>>,
    Query(sent): Parameters,
) -> Result<Json<LiveCallsWire>, Failure> {
    let wanted = query::read(&sent)?;
    let (directory, as_of) = (app.directory(), app.live.as_of().unwrap_or_else(|| app.now()));
    let found =
        wanted.calls.of(&app.live.snapshot(), (&client.access, &directory), &wanted.part, wanted.most);
    Ok(Json(LiveCallsWire {
        as_of: rfc3339(as_of),
        count: found.matching,
        all: found.all,
        groups: wanted.calls.group.map(|_| found.groups.iter().map(calls::group).collect()),
        calls: found.calls.iter().map(calls::live).collect(),
        next: found.next.map(|cursor| cursor.text()),
    }))
}

/// `GET /v1/calls/{call}`: one call with its legs, while it goes on and afterwards. What happened in it, in order, is
/// `GET /v1/events?call=`.
pub async fn show(
    client: Client,
    State(app): State<Arc<App>>,
    call: CallPath,
) -> Result<Json<OneCallWire>, Failure> {
    let id = call_of(call)?;
    // It is in the history before it leaves the live calls.
    let live = app.live.snapshot().call(client.account, id).cloned();
    if let Some(call) = live {
        let heard = app.live.quality_of(&call).await;
        if let Some(wire) = calls::one_live(&client, &call, &heard) {
            return Ok(Json(wire));
        }
    }
    let record = app.history.record(vec![client.account], id).await.map_err(CommandError::from)?;
    let record = record.ok_or_else(Failure::no_such_call)?;
    calls::one_over(&client, &record).map(Json).ok_or_else(Failure::no_such_call)
}

/// `POST /v1/calls`: rings `from`, an extension or a number, and when that answers calls `to`. The answer has the
/// new call's id; what comes of it is told by the call.
pub async fn place(
    client: Client,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Failure> {
    let members = body::object(&headers, body, |sent| sent == "application/json")?;
    let (first, then) = command::parties(&app, &client, &members)?;
    let placing = Placing { first, then, recording: None };
    let id = app.live.originate(&client.access, client.account, placing).await?;
    let headers = [(header::LOCATION, format!("/v1/calls/{id}"))];
    Ok((StatusCode::CREATED, headers, Json(CallOnlyWire { id: id.to_string() })).into_response())
}

/// `DELETE /v1/calls/{call}`: ends it.
pub async fn hang_up(
    client: Client,
    State(app): State<Arc<App>>,
    call: CallPath,
) -> Result<Response, Failure> {
    let (_, outcome) = app.live.hangup_call(&client.access, client.account, call_of(call)?).await?;
    Ok(told(outcome, None))
}

/// `POST /v1/calls/{call}/legs/{leg}/{verb}`: see [`command::Verb`].
pub async fn change(
    client: Client,
    State(app): State<Arc<App>>,
    at: Result<Path<(String, String, String)>, PathRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Failure> {
    let Path((call, leg, verb)) = at.map_err(|_| Failure::no_such_call())?;
    let members = command::members(&headers, body)?;
    let verb = command::Verb::read(&app, &client, &verb, &members)?;
    let address = LegAddress {
        access: &client.access,
        account: client.account,
        call_id: CallId::from_str(&call).map_err(|_| Failure::no_such_call())?,
        leg_id: LegId::from_str(&leg).map_err(|_| Failure::no_such_call())?,
    };
    let (outcome, slot) = verb.carry_out(&app.live, address).await?;
    Ok(told(outcome, slot))
}

/// Done, or 202 while it waits for somebody who rings or takes longer: the call tells what comes of it.
fn told(outcome: Outcome, slot: Option<Arc<str>>) -> Response {
    let (status, outcome) = match outcome {
        Outcome::Done => (StatusCode::OK, "done"),
        Outcome::UnderWay => (StatusCode::ACCEPTED, "under_way"),
    };
    let slot = slot.map(|slot| slot.to_string());
    (status, Json(OutcomeWire { outcome, slot })).into_response()
}

/// What is no id names no call.
fn call_of(path: CallPath) -> Result<CallId, Failure> {
    let id = path.ok().and_then(|Path(text)| CallId::from_str(&text).ok());
    id.ok_or_else(Failure::no_such_call)
}
