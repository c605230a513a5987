//! What a client wants done to a leg. Which of the operations it is, only the members that are there tell.

use ::call::{
    LegId,
    command::{Digits, RecordingKind},
};
use axum::http::Uri;
use serde_json::{Map, Value};

use super::{Contact, ContactType};
use crate::{body, errors::Failure};

/// Whom a leg can be handed over to, apart from another leg.
const TARGETS: &[ContactType] = &[ContactType::Device, ContactType::Extension, ContactType::Pstn];
/// The members that tell one operation from another.
const OPERATIONS: [&[&str]; 4] =
    [&["state", "to"], &["dtmf"], &["stream", "stream_url"], &["recording", "service"]];
/// Most characters of a sound's URL.
const LONGEST_URL: usize = 2_048;

/// A change of a leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeLegWire {
    /// `state: held`.
    Hold,
    /// `state: active` alone: ends a hold; answers a phone that rings.
    Activate,
    /// `dtmf`.
    SendDigits(Digits),
    /// `stream: true` and `stream_url`.
    Play {
        /// Where the sound is, `http` or `https`.
        url: SoundUrl,
    },
    /// `stream: false`.
    StopPlaying,
    /// `to`, with `state: active` or none: the far party is sent there.
    Transfer {
        /// Where to.
        to: Contact,
    },
    /// `to` of the type `leg`, or just its id: the far party is joined with that leg.
    Join {
        /// The other leg.
        with: LegId,
    },
    /// `recording` and `service`.
    Record {
        /// Whether it starts or stops.
        starts: bool,
        /// Why it is recorded.
        kind: RecordingKind,
    },
}

/// A URL that may hold credentials: not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct SoundUrl(pub String);

impl std::fmt::Debug for SoundUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SoundUrl(…)")
    }
}

impl ChangeLegWire {
    /// Reads a body. A member that is null counts as missing; those of other names are not looked at.
    pub fn read(body: &Map<String, Value>) -> Result<Self, Failure> {
        let is_given = |names: &&&[&str]| names.iter().any(|name| body::given(body, name).is_some());
        let mut operations = OPERATIONS.iter().filter(is_given);
        let (operation, another) = (operations.next(), operations.next());
        match (operation.and_then(|names| names.first()), another) {
            (_, Some(_)) => Err(Failure::bad_value("The body", "several operations at once", "one of them")),
            (Some(&"state"), None) => state(body),
            (Some(&"dtmf"), None) => digits(body),
            (Some(&"stream"), None) => stream(body),
            (Some(_), None) => recording(body),
            (None, None) => Err(Failure::bad_value(
                "The body",
                "without an operation",
                "state, dtmf, stream or recording, each with its members",
            )),
        }
    }
}

fn state(body: &Map<String, Value>) -> Result<ChangeLegWire, Failure> {
    let to = body::given(body, "to");
    match (body::given(body, "state"), to) {
        (Some(Value::String(state)), None) if state == "held" => Ok(ChangeLegWire::Hold),
        (Some(Value::String(state)), Some(_)) if state == "held" => {
            Err(Failure::bad_value("The body", "state held with to", "one of them"))
        }
        (Some(Value::String(state)), None) if state == "active" => Ok(ChangeLegWire::Activate),
        (Some(Value::String(state)), Some(to)) if state == "active" => transfer(body, to),
        (None, Some(to)) => transfer(body, to),
        (state, _) => Err(Failure::bad_value("state", body::found(state), "held or active")),
    }
}

fn transfer(body: &Map<String, Value>, to: &Value) -> Result<ChangeLegWire, Failure> {
    let is_leg = to.get("type").is_some_and(|kind| kind == "leg");
    match to {
        Value::String(id) => join("to", id),
        Value::Object(_) if is_leg => {
            let id = to.get("destination");
            join("to.destination", id.and_then(Value::as_str).unwrap_or_else(|| body::found(id)))
        }
        _ => Ok(ChangeLegWire::Transfer { to: Contact::read(body, "to", TARGETS)? }),
    }
}

fn join(field: &str, id: &str) -> Result<ChangeLegWire, Failure> {
    let with = id.trim().parse().map_err(|_| Failure::bad_value(field, id, "the id of a leg"))?;
    Ok(ChangeLegWire::Join { with })
}

fn digits(body: &Map<String, Value>) -> Result<ChangeLegWire, Failure> {
    let accepted = "1 to 64 of the characters 0-9, *, #, A-D, as a string";
    let sent = body::given(body, "dtmf");
    let digits = sent.and_then(Value::as_str).and_then(Digits::parse);
    let refusal = || Failure::bad_value("dtmf", body::found(sent), accepted);
    digits.map(ChangeLegWire::SendDigits).ok_or_else(refusal)
}

fn stream(body: &Map<String, Value>) -> Result<ChangeLegWire, Failure> {
    match body::given(body, "stream") {
        Some(Value::Bool(true)) => play(body),
        Some(Value::Bool(false)) => Ok(ChangeLegWire::StopPlaying),
        Some(Value::String(text)) if text == "true" => play(body),
        Some(Value::String(text)) if text == "false" => Ok(ChangeLegWire::StopPlaying),
        other => Err(Failure::bad_value("stream", body::found(other), "true or false")),
    }
}

/// The URL is told in no refusal: it may hold credentials.
fn play(body: &Map<String, Value>) -> Result<ChangeLegWire, Failure> {
    let accepted = "the absolute URL of a WAV file, http or https, at most 2048 characters long";
    let url = match body::given(body, "stream_url") {
        Some(Value::String(url)) if is_fetchable(url) => SoundUrl(url.clone()),
        Some(Value::String(_)) => return Err(Failure::bad_value("stream_url", "another text", accepted)),
        other => return Err(Failure::bad_value("stream_url", body::found(other), accepted)),
    };
    Ok(ChangeLegWire::Play { url })
}

fn is_fetchable(url: &str) -> bool {
    let Ok(parsed) = url.parse::<Uri>() else { return false };
    let is_web = matches!(parsed.scheme_str(), Some("http" | "https"));
    is_web && url.len() <= LONGEST_URL && parsed.host().is_some_and(|host| !host.is_empty())
}

fn recording(body: &Map<String, Value>) -> Result<ChangeLegWire, Failure> {
    let text = |name| body::given(body, name).and_then(Value::as_str);
    let refusal =
        |name: &str, words| Err(Failure::bad_value(name, body::found(body::given(body, name)), words));
    let starts = match text("recording") {
        Some("start") => true,
        Some("stop") => false,
        _ => return refusal("recording", "start or stop"),
    };
    match text("service") {
        Some("ccr") => Ok(ChangeLegWire::Record { starts, kind: RecordingKind::Standing }),
        Some("ocr") => Ok(ChangeLegWire::Record { starts, kind: RecordingKind::OnDemand }),
        _ => refusal("service", "ccr or ocr"),
    }
}
