//! `…/calls/{call}/legs` and `…/legs/{leg}`: the parties of a call.

mod change;

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
};
use call::ErrorCode;

use crate::{
    answer::Told,
    auth::Client,
    body,
    errors::Failure,
    lookup,
    path::{CallPath, LegPath},
    state::Vonage,
    wire::{ChangeLegWire, LegWire, ModifiedLegWire},
};

/// `GET …/legs`: the legs of a call, oldest first.
pub async fn list(
    client: Client,
    CallPath(call): CallPath,
    State(app): State<Vonage>,
) -> Result<Json<Vec<LegWire>>, Failure> {
    Ok(Json(lookup::call(&app, &client, call).await?.legs))
}

/// `GET …/legs/{leg}`: one leg.
pub async fn show(
    client: Client,
    LegPath(call, leg): LegPath,
    State(app): State<Vonage>,
) -> Result<Json<LegWire>, Failure> {
    lookup::leg(&app, &client, call, leg).await.map(Json)
}

/// `PUT …/legs/{leg}`: holds, resumes, transfers, sends digits, plays or records.
pub async fn change(
    client: Client,
    LegPath(call, leg): LegPath,
    State(app): State<Vonage>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Told<Json<ModifiedLegWire>>, Failure> {
    let known = lookup::leg(&app, &client, call, leg).await?;
    let wanted = ChangeLegWire::read(&body::object(&headers, body)?)?;
    refuse_ended(&known)?;
    change::carry_out(&app, &client, client.leg(call, leg), wanted).await
}

/// `DELETE …/legs/{leg}`: ends a leg, and the call if that leaves fewer than two parties.
pub async fn hang_up(
    client: Client,
    LegPath(call, leg): LegPath,
    State(app): State<Vonage>,
) -> Result<Told<StatusCode>, Failure> {
    refuse_ended(&lookup::leg(&app, &client, call, leg).await?)?;
    let outcome = app.live.hangup_leg(client.leg(call, leg)).await?;
    Ok(Told { outcome, call: (client.account, call), body: StatusCode::NO_CONTENT })
}

/// A leg that lingers is there, but nothing can be done to it.
fn refuse_ended(leg: &LegWire) -> Result<(), Failure> {
    match leg.end_time {
        Some(_) => Err(Failure::new(ErrorCode::Conflict, "The leg has ended")),
        None => Ok(()),
    }
}
