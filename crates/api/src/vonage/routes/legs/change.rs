//! What a change of a leg comes to.

use ::call::{
    Leg, LegId,
    command::{RecordingKind, Sound},
};
use live::{CommandError, LegAddress, Live};

use crate::App;
use crate::vonage::{
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
) -> Result<ModifiedLegWire, Failure> {
    let leg = leg(&app.live, at)?;
    let destination = match &wanted {
        ChangeLegWire::Transfer { to } => to.destination.clone(),
        ChangeLegWire::Join { with } => with.to_string(),
        _ => leg.offer.to.to_string(),
    };
    let state = changed(app, client, at, wanted, &leg).await?;
    Ok(client.view.modified_leg((at.call_id, at.leg_id), state, &destination))
}

/// The leg as it is now.
fn leg(live: &Live, at: LegAddress<'_>) -> Result<Leg, CommandError> {
    let calls = live.snapshot();
    let leg = calls.call(at.account, at.call_id).and_then(|call| call.leg(at.leg_id));
    leg.cloned().ok_or(CommandError::NotFound)
}

/// Does it; gives the word for how the leg stands then.
async fn changed(
    app: &App,
    client: &Client,
    at: LegAddress<'_>,
    wanted: ChangeLegWire,
    leg: &Leg,
) -> Result<CallStateWire, Failure> {
    let (live, unchanged) = (&app.live, convert::state_of(leg));
    Ok(match wanted {
        ChangeLegWire::Hold => live.hold(at).await.map(|()| CallStateWire::Held)?,
        ChangeLegWire::Activate => activate(live, at, leg).await.map(|()| CallStateWire::Active)?,
        ChangeLegWire::Transfer { to } => transfer(app, client, at, &to).await?,
        ChangeLegWire::Join { with } => join(live, at, with).await?,
        ChangeLegWire::SendDigits(digits) => live.send_digits(at, digits).await.map(|()| unchanged)?,
        ChangeLegWire::Play { url } => live.play(at, Sound::Url(url.0.into())).await.map(|()| unchanged)?,
        ChangeLegWire::StopPlaying => live.stop_playing(at).await.map(|()| unchanged)?,
        ChangeLegWire::Record { starts, kind } => record(live, at, starts, kind).await.map(|()| unchanged)?,
    })
}

/// A phone that rings answers; a party that holds takes the other one back.
async fn activate(live: &Live, at: LegAddress<'_>, leg: &Leg) -> Result<(), CommandError> {
    if leg.is_pending() { live.answer(at).await } else { live.resume(at).await }
}

async fn transfer(
    app: &App,
    client: &Client,
    at: LegAddress<'_>,
    to: &Contact,
) -> Result<CallStateWire, Failure> {
    let target = convert::target(client.view, &app.directory(), "to", to)?;
    app.live.transfer(at, target).await?;
    Ok(CallStateWire::Transferred)
}

async fn join(live: &Live, at: LegAddress<'_>, with: LegId) -> Result<CallStateWire, Failure> {
    if with == at.leg_id {
        return Err(Failure::bad_value("to.destination", &with.to_string(), "another leg"));
    }
    live.transfer_to_leg(at, with).await?;
    Ok(CallStateWire::Transferred)
}

async fn record(
    live: &Live,
    at: LegAddress<'_>,
    starts: bool,
    kind: RecordingKind,
) -> Result<(), CommandError> {
    if starts { live.start_recording(at, kind).await } else { live.stop_recording(at).await }
}
