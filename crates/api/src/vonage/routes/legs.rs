//! `…/calls/{call}/legs` and `…/legs/{leg}`: the parties of a call.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use call::ErrorCode;

use crate::App;
use crate::vonage::{
    auth::Client,
    errors::Failure,
    lookup,
    path::{CallPath, LegPath},
    wire::LegWire,
};

/// `GET …/legs`: the legs of a call, oldest first.
pub async fn list(
    client: Client,
    CallPath(call): CallPath,
    State(app): State<Arc<App>>,
) -> Result<Json<Vec<LegWire>>, Failure> {
    Ok(Json(lookup::call(&app, &client, call).await?.legs))
}

/// `GET …/legs/{leg}`: one leg.
pub async fn show(
    client: Client,
    LegPath(call, leg): LegPath,
    State(app): State<Arc<App>>,
) -> Result<Json<LegWire>, Failure> {
    lookup::leg(&app, &client, call, leg).await.map(Json)
}

/// `DELETE …/legs/{leg}`: ends a leg, and the call if that leaves fewer than two parties.
pub async fn hang_up(
    client: Client,
    LegPath(call, leg): LegPath,
    State(app): State<Arc<App>>,
) -> Result<StatusCode, Failure> {
    if lookup::leg(&app, &client, call, leg).await?.end_time.is_some() {
        return Err(Failure::new(ErrorCode::Conflict, "The leg has ended"));
    }
    app.live.hangup_leg(&client.access, client.account, call, leg).await?;
    Ok(StatusCode::NO_CONTENT)
}
