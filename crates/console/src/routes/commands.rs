//! What is done to a live call from a page: `POST /console/calls/{call}/hang-up`, and for a leg
//! `…/legs/{leg}/hold`, `resume`, `park` and `transfer`. Each leads back to the page that it was sent from.

use std::str::FromStr;

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use call::{AccountId, CallId, LegId, Number};
use http_core::App;
use live::LegAddress;

use crate::{Console, errors::Failure, form::Change, look, now::refused, viewer::Viewer};

/// A call and one of its legs.
type Legs = Path<(String, String)>;

/// Ends a call.
pub async fn hang_up(
    State(console): State<Console>,
    Path(call): Path<String>,
    headers: HeaderMap,
    Change { viewer, .. }: Change,
) -> Result<Response, Failure> {
    let (account, call) = live_call(&console.app, &viewer, &call)?;
    console.app.live.hangup_call(&viewer.access, account, call).await?;
    Ok(back(&headers))
}

/// Puts whom a leg's party talks to on hold.
pub async fn hold(
    State(console): State<Console>,
    Path(at): Legs,
    headers: HeaderMap,
    change: Change,
) -> Result<Response, Failure> {
    console.app.live.hold(address(&console.app, &change.viewer, &at)?).await?;
    Ok(back(&headers))
}

/// Takes the other side back.
pub async fn resume(
    State(console): State<Console>,
    Path(at): Legs,
    headers: HeaderMap,
    change: Change,
) -> Result<Response, Failure> {
    console.app.live.resume(address(&console.app, &change.viewer, &at)?).await?;
    Ok(back(&headers))
}

/// Lets the other side wait in a slot.
pub async fn park(
    State(console): State<Console>,
    Path(at): Legs,
    headers: HeaderMap,
    change: Change,
) -> Result<Response, Failure> {
    console.app.live.park(address(&console.app, &change.viewer, &at)?).await?;
    Ok(back(&headers))
}

/// Sends the other side to `to`.
pub async fn transfer(
    State(console): State<Console>,
    Path(at): Legs,
    headers: HeaderMap,
    change: Change,
) -> Result<Response, Failure> {
    let address = address(&console.app, &change.viewer, &at)?;
    let to = change.fields.get("to").unwrap_or_default();
    let app = &console.app;
    let target = app.live.target(&app.directory(), address.account, &Number::from(to));
    let target = target.ok_or_else(|| refused("to", to, live::ACCEPTED_TARGET))?;
    console.app.live.transfer(address, target).await?;
    Ok(back(&headers))
}

fn back(headers: &HeaderMap) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, look::back(headers))]).into_response()
}

/// A live call that one of the viewer's accounts has a side of, and the first such account.
fn live_call(app: &App, viewer: &Viewer, id: &str) -> Result<(AccountId, CallId), Failure> {
    let call = CallId::from_str(id).map_err(|_| Failure::not_found())?;
    let calls = app.live.snapshot();
    let account = viewer.access.accounts().iter().find(|account| calls.call(**account, call).is_some());
    account.map(|account| (*account, call)).ok_or_else(Failure::not_found)
}

/// A leg, for the account that it belongs to, if that is the viewer's.
fn address<'a>(
    app: &App,
    viewer: &'a Viewer,
    (call, leg): &(String, String),
) -> Result<LegAddress<'a>, Failure> {
    let (first, call_id) = live_call(app, viewer, call)?;
    let leg_id = LegId::from_str(leg).map_err(|_| Failure::not_found())?;
    let calls = app.live.snapshot();
    let own = calls.call(first, call_id).and_then(|call| call.leg(leg_id)).map(|leg| leg.offer.owner.account);
    let own = own.filter(|account| viewer.access.allows(*account) && calls.call(*account, call_id).is_some());
    Ok(LegAddress { access: &viewer.access, account: own.unwrap_or(first), call_id, leg_id })
}
