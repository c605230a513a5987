//! What is done to a live call from a page: `POST /console/calls/{call}/hang-up`, and to a leg
//! `POST /console/calls/{call}/legs/{leg}`, whose field `verb` says what. Each leads back to the page that it was sent
//! from; the module, which stays on it, is told in words what became of it.

use std::str::FromStr;

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use call::{
    AccountId, CallId, Leg, LegId, Number,
    command::{RecordingKind, Sound, Target},
    state::LegState,
};
use http_core::App;
use live::{LegAddress, Outcome};

use crate::{
    Console,
    errors::Failure,
    form::{Change, Fields},
    look,
    now::{one_of, refused},
    viewer::Viewer,
    words,
};

/// What is done to a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Puts whom its party talks to on hold.
    Hold,
    /// Takes the other side back.
    Resume,
    /// Lets the other side wait in a slot.
    Park,
    /// Sends the other side to `to`.
    Transfer,
    /// Joins the other side with whom the phone talks to in its other call.
    Join,
    /// Lets its party hear `sound`.
    Play,
    /// Ends that.
    StopPlaying,
    /// Records it.
    Record,
    /// Ends that.
    StopRecording,
}

const VERBS: [(&str, Verb); 9] = [
    ("transfer", Verb::Transfer),
    ("play", Verb::Play),
    ("hold", Verb::Hold),
    ("resume", Verb::Resume),
    ("park", Verb::Park),
    ("join", Verb::Join),
    ("stop-playing", Verb::StopPlaying),
    ("record", Verb::Record),
    ("stop-recording", Verb::StopRecording),
];

/// Ends a call.
pub async fn hang_up(
    State(console): State<Console>,
    Path(call): Path<String>,
    headers: HeaderMap,
    Change { viewer, .. }: Change,
) -> Result<Response, Failure> {
    let (account, call) = live_call(&console.app, &viewer, &call)?;
    let (_, outcome) = console.app.live.hangup_call(&viewer.access, account, call).await?;
    Ok(told(&headers, outcome, words::HUNG_UP))
}

/// Does something to a leg.
pub async fn change(
    State(console): State<Console>,
    Path(at): Path<(String, String)>,
    headers: HeaderMap,
    Change { viewer, fields }: Change,
) -> Result<Response, Failure> {
    let at = address(&console.app, &viewer, &at)?;
    let verb = one_of(&fields, "verb", &VERBS)?;
    let verb = verb.ok_or_else(|| refused("verb", "", &VERBS.map(|(name, _)| name).join(", ")))?;
    let live = &console.app.live;
    let outcome = match verb {
        Verb::Hold => live.hold(at).await,
        Verb::Resume => live.resume(at).await,
        Verb::Park => live.park(at).await.map(|(_, outcome)| outcome),
        Verb::Transfer => live.transfer(at, target(&console.app, at.account, &fields)?).await,
        Verb::Join => live.transfer_to_leg(at, other_leg(&console.app, at)?).await,
        Verb::Play => live.play(at, sound(&fields)?).await,
        Verb::StopPlaying => live.stop_playing(at).await,
        Verb::Record => live.start_recording(at, RecordingKind::OnDemand).await,
        Verb::StopRecording => live.stop_recording(at, RecordingKind::OnDemand).await,
    };
    Ok(told(&headers, outcome?, verb.done()))
}

impl Verb {
    /// What it is called in a form.
    pub fn name(self) -> &'static str {
        VERBS.iter().find(|(_, verb)| *verb == self).map_or("", |(name, _)| name)
    }

    const fn done(self) -> &'static str {
        match self {
            Self::Hold => words::HELD,
            Self::Resume => words::RESUMED,
            Self::Park => words::PARKED,
            Self::Transfer | Self::Join => words::TRANSFERRED,
            Self::Play => words::PLAYED,
            Self::StopPlaying => words::PLAYING_STOPPED,
            Self::Record => words::RECORDED,
            Self::StopRecording => words::RECORDING_STOPPED,
        }
    }
}

fn target(app: &App, account: AccountId, fields: &Fields) -> Result<Target, Failure> {
    let to = fields.get("to").unwrap_or_default();
    let target = app.live.target(&app.directory(), account, &Number::from(to));
    target.ok_or_else(|| refused("to", to, live::ACCEPTED_TARGET))
}

/// A sound of the web, or of the server's own.
fn sound(fields: &Fields) -> Result<Sound, Failure> {
    let sound = fields.get("sound").ok_or_else(|| refused("sound", "", words::ACCEPTED_SOUND))?;
    Ok(if sound.contains("://") { Sound::Url(sound.into()) } else { Sound::Local(sound.into()) })
}

/// The only leg that the same phone has in another call.
fn other_leg(app: &App, at: LegAddress<'_>) -> Result<LegId, Failure> {
    let calls = app.live.snapshot();
    let leg = calls.call(at.account, at.call_id).and_then(|call| call.leg(at.leg_id));
    let device = leg.and_then(|leg| leg.offer.endpoint.device()).ok_or_else(Failure::not_found)?;
    let is_its = |leg: &&Leg| {
        leg.offer.endpoint.device() == Some(device)
            && leg.state() == LegState::Answered
            && leg.offer.owner.account == at.account
    };
    let others = calls.calls_of(at.account).filter(|call| call.leg(at.leg_id).is_none());
    let mut legs = others.flat_map(|call| call.legs()).filter(is_its).map(|leg| leg.id);
    match (legs.next(), legs.next()) {
        (Some(leg), None) => Ok(leg),
        (None, _) => Err(Failure::conflict(words::NO_OTHER_CALL)),
        (Some(_), Some(_)) => Err(Failure::conflict(words::SEVERAL_OTHER_CALLS)),
    }
}

/// For the module, what became of it in words; for whoever has none, the page that shows it.
fn told(headers: &HeaderMap, outcome: Outcome, done: &'static str) -> Response {
    let accepted = headers.get(header::ACCEPT).and_then(|accepted| accepted.to_str().ok());
    if !accepted.is_some_and(|accepted| accepted.starts_with("text/plain")) {
        return (StatusCode::SEE_OTHER, [(header::LOCATION, look::back(headers))]).into_response();
    }
    match outcome {
        Outcome::Done => done.into_response(),
        Outcome::UnderWay => words::UNDER_WAY.into_response(),
    }
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
