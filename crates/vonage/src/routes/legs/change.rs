//! What a change of a leg comes to.

use ::call::{
    Leg, LegId,
    command::{RecordingKind, Sound},
};
use axum::Json;
use http_core::App;
use live::{CommandError, LegAddress, Live, Outcome};

use crate::{
    answer::Told,
    auth::Client,
    convert,
    errors::Failure,
    wire::{CallStateWire, ChangeLegWire, Contact, ModifiedLegWire},
};

/// Carries out a change of a leg that has not ended.
pub async fn carry_out(
    app: &App,
    client: &Client,
    at: LegAddress<'_>,
    wanted: ChangeLegWire,
) -> Result<Told<Json<ModifiedLegWire>>, Failure> {
    let leg = leg(&app.live, at)?;
    let destination = match &wanted {
        ChangeLegWire::Transfer { to } => to.destination.clone(),
        ChangeLegWire::Join { with } => with.to_string(),
        ChangeLegWire::Hold
        | ChangeLegWire::Activate
        | ChangeLegWire::SendDigits(_)
        | ChangeLegWire::Play { .. }
        | ChangeLegWire::StopPlaying
        | ChangeLegWire::Record { .. } => leg.offer.to.to_string(),
    };
    let done = state_once_done(&wanted, &leg);
    let outcome = outcome(app, client, at, wanted, &leg).await?;
    let state = match outcome {
        Outcome::Done => done,
        Outcome::UnderWay if done == CallStateWire::Transferred => done,
        Outcome::UnderWay => convert::state_of(&leg),
    };
    let body = Json(client.view.modified_leg((at.call_id, at.leg_id), state, &destination));
    Ok(Told { outcome, call: (at.account, at.call_id), body })
}

/// The leg as it is now.
fn leg(live: &Live, at: LegAddress<'_>) -> Result<Leg, CommandError> {
    let calls = live.snapshot();
    let leg = calls.call(at.account, at.call_id).and_then(|call| call.leg(at.leg_id));
    leg.cloned().ok_or(CommandError::NotFound)
}

/// The word for how the leg stands once that is done.
fn state_once_done(wanted: &ChangeLegWire, leg: &Leg) -> CallStateWire {
    match wanted {
        ChangeLegWire::Hold => CallStateWire::Held,
        ChangeLegWire::Activate => CallStateWire::Active,
        ChangeLegWire::Transfer { .. } | ChangeLegWire::Join { .. } => CallStateWire::Transferred,
        ChangeLegWire::SendDigits(_)
        | ChangeLegWire::Play { .. }
        | ChangeLegWire::StopPlaying
        | ChangeLegWire::Record { .. } => convert::state_of(leg),
    }
}

/// Does it; gives what became of it.
async fn outcome(
    app: &App,
    client: &Client,
    at: LegAddress<'_>,
    wanted: ChangeLegWire,
    leg: &Leg,
) -> Result<Outcome, Failure> {
    let live = &app.live;
    Ok(match wanted {
        ChangeLegWire::Hold => live.hold(at).await?,
        ChangeLegWire::Activate => activate(live, at, leg).await?,
        ChangeLegWire::Transfer { to } => transfer(app, client, at, &to).await?,
        ChangeLegWire::Join { with } => join(live, at, with).await?,
        ChangeLegWire::SendDigits(digits) => live.send_digits(at, digits).await?,
        ChangeLegWire::Play { url } => live.play(at, Sound::Url(url.0.into())).await?,
        ChangeLegWire::StopPlaying => live.stop_playing(at).await?,
        ChangeLegWire::Record { starts, kind } => record(live, at, starts, kind).await?,
    })
}

/// A phone that rings answers; a party that holds takes the other one back.
async fn activate(live: &Live, at: LegAddress<'_>, leg: &Leg) -> Result<Outcome, CommandError> {
    if leg.is_pending() { live.answer(at).await } else { live.resume(at).await }
}

async fn transfer(app: &App, client: &Client, at: LegAddress<'_>, to: &Contact) -> Result<Outcome, Failure> {
    let target = convert::target(client.view, app, "to", to)?;
    Ok(app.live.transfer(at, target).await?)
}

async fn join(live: &Live, at: LegAddress<'_>, with: LegId) -> Result<Outcome, Failure> {
    if with == at.leg_id {
        return Err(Failure::bad_value("to.destination", &with.to_string(), "another leg"));
    }
    Ok(live.transfer_to_leg(at, with).await?)
}

async fn record(
    live: &Live,
    at: LegAddress<'_>,
    starts: bool,
    kind: RecordingKind,
) -> Result<Outcome, CommandError> {
    if starts { live.start_recording(at, kind).await } else { live.stop_recording(at, kind).await }
}
