//! What is done to a leg, as a body says it.

use std::sync::Arc;

use axum::{body::Bytes, extract::rejection::BytesRejection, http::HeaderMap};
use call::{
    ErrorCode, Number,
    command::{Digits, RecordingKind, Sound, Target},
};
use http_core::{App, body};
use live::{ACCEPTED_TARGET, CommandError, LegAddress, Live, Outcome};
use serde_json::{Map, Value};

use crate::{auth::Client, errors::Failure};

const VERBS: &str = "answer, hang-up, hold, resume, transfer, park, retrieve, digits, play, stop-playing, record and \
                     stop-recording";

/// What is done to a leg: the last part of the path, and for some what the body says.
pub enum Verb {
    /// Has the ringing phone answer by itself.
    Answer,
    /// Ends the leg.
    HangUp,
    /// Puts whom its party talks to on hold.
    Hold,
    /// Ends that.
    Resume,
    /// Sends the other side to `to`.
    Transfer(Target),
    /// Lets the other side wait in a slot.
    Park,
    /// Rings `by`, who takes the parked party out of its slot.
    Retrieve(Target),
    /// Sends `digits`.
    Digits(Digits),
    /// Lets its party hear the WAV file at `url`, or `file` of the server's own sounds.
    Play(Sound),
    /// Ends that.
    StopPlaying,
    /// Records it.
    Record,
    /// Ends that.
    StopRecording,
}

/// The members of a body; none if there is no body.
pub fn members(
    headers: &HeaderMap,
    sent: Result<Bytes, BytesRejection>,
) -> Result<Map<String, Value>, Failure> {
    match sent {
        Ok(sent) if sent.is_empty() => Ok(Map::new()),
        sent => Ok(body::object(headers, sent, |sent| sent == "application/json")?),
    }
}

/// Who is rung first, and whom it then calls.
pub fn parties(
    app: &App,
    client: &Client,
    members: &Map<String, Value>,
) -> Result<(Target, Target), Failure> {
    only(members, &["from", "to"])?;
    let first = target(app, client, members, "from")?;
    if matches!(first, Target::FeatureCode(_)) {
        return Err(Failure::bad_member("from", "nobody who can ring", "an extension, or a number"));
    }
    Ok((first, target(app, client, members, "to")?))
}

impl Verb {
    /// Reads it.
    pub fn read(
        app: &App,
        client: &Client,
        verb: &str,
        members: &Map<String, Value>,
    ) -> Result<Self, Failure> {
        let (verb, accepted): (Self, &[&str]) = match verb {
            "answer" => (Self::Answer, &[]),
            "hang-up" => (Self::HangUp, &[]),
            "hold" => (Self::Hold, &[]),
            "resume" => (Self::Resume, &[]),
            "transfer" => (Self::Transfer(target(app, client, members, "to")?), &["to"]),
            "park" => (Self::Park, &[]),
            "retrieve" => (Self::Retrieve(target(app, client, members, "by")?), &["by"]),
            "digits" => (Self::Digits(digits(members)?), &["digits"]),
            "play" => (Self::Play(sound(members)?), &["url", "file"]),
            "stop-playing" => (Self::StopPlaying, &[]),
            "record" => (Self::Record, &[]),
            "stop-recording" => (Self::StopRecording, &[]),
            _ => return Err(Failure::new(ErrorCode::NotFound, format!("A leg knows {VERBS}"))),
        };
        only(members, accepted)?;
        Ok(verb)
    }

    /// Does it; the slot is that of who was parked.
    pub async fn carry_out(
        self,
        live: &Live,
        at: LegAddress<'_>,
    ) -> Result<(Outcome, Option<Arc<str>>), CommandError> {
        let outcome = match self {
            Self::Answer => live.answer(at).await,
            Self::HangUp => live.hangup_leg(at).await,
            Self::Hold => live.hold(at).await,
            Self::Resume => live.resume(at).await,
            Self::Transfer(to) => live.transfer(at, to).await,
            Self::Park => return live.park(at).await.map(|(slot, outcome)| (outcome, slot)),
            Self::Retrieve(by) => live.retrieve(at, by).await,
            Self::Digits(digits) => live.send_digits(at, digits).await,
            Self::Play(sound) => live.play(at, sound).await,
            Self::StopPlaying => live.stop_playing(at).await,
            Self::Record => live.start_recording(at, RecordingKind::OnDemand).await,
            Self::StopRecording => live.stop_recording(at, RecordingKind::OnDemand).await,
        };
        outcome.map(|outcome| (outcome, None))
    }
}

fn only(members: &Map<String, Value>, accepted: &[&str]) -> Result<(), Failure> {
    let known = if accepted.is_empty() { "nothing".to_owned() } else { accepted.join(", ") };
    match members.keys().find(|name| !accepted.contains(&name.as_str())) {
        Some(name) => Err(Failure::bad_member(name, "not known", known)),
        None => Ok(()),
    }
}

fn text<'a>(members: &'a Map<String, Value>, name: &str, accepted: &str) -> Result<&'a str, Failure> {
    let found = |value: Option<&Value>| value.map_or_else(|| "missing".to_owned(), Value::to_string);
    let value = members.get(name);
    value.and_then(Value::as_str).ok_or_else(|| Failure::bad_member(name, found(value), accepted))
}

fn target(app: &App, client: &Client, members: &Map<String, Value>, name: &str) -> Result<Target, Failure> {
    let number = text(members, name, ACCEPTED_TARGET)?;
    let directory = app.directory();
    let target = app.live.target(&directory, client.account, &Number::from(number));
    target.ok_or_else(|| Failure::bad_member(name, format!("{number:?}"), ACCEPTED_TARGET))
}

fn digits(members: &Map<String, Value>) -> Result<Digits, Failure> {
    let accepted = "1 to 64 of 0-9, *, #, A-D";
    let digits = text(members, "digits", accepted)?;
    Digits::parse(digits).ok_or_else(|| Failure::bad_member("digits", format!("{digits:?}"), accepted))
}

fn sound(members: &Map<String, Value>) -> Result<Sound, Failure> {
    match members.contains_key("file") {
        true => text(members, "file", "the name of a WAV file").map(|file| Sound::Local(file.into())),
        false => text(members, "url", "the URL of a WAV file").map(|url| Sound::Url(url.into())),
    }
}
