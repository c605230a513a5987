//! Webhooks in the vendor's words.

use std::time::Duration;

use call::{ErrorCode, Timestamp};
use directory::model::WebhookFormat;
use serde_json::{Map, Value};
use webhooks::{Hook, HookError, NewHook, NewSecret, Pause, Secret, State};

use super::{
    call_events::policy,
    convert::instant,
    wire::{KindWire, MetadataPolicy, SigningWire, StatisticsWire, WebhookWire},
};
use crate::{
    body::{found, given},
    errors::Failure,
    wire::{Digits, VonageWire},
};

/// How long a registration lasts ("Expiration").
const LASTS: Duration = Duration::from_secs(10 * 86_400);
/// How long one that has ended can be renewed: as long as the server keeps it.
const PURGED_AFTER: Duration = Duration::from_secs(10 * 86_400);
/// The longest key.
const LONGEST_KEY: usize = 1_024;

/// What somebody registers.
pub fn read(body: &Map<String, Value>, now: Timestamp) -> Result<NewHook, Failure> {
    events(given(body, "events"))?;
    Ok(NewHook {
        url: text(body, "url", "an http or https URL")?.to_owned(),
        format: WebhookFormat::Vonage,
        options: metadata_policy(given(body, "metadataPolicy"))?.name().into(),
        secret: secret(body)?,
        expires_at: Some(until(now)),
        ..NewHook::default()
    })
}

/// Until when a registration of now lasts.
pub fn until(now: Timestamp) -> Timestamp {
    now + LASTS
}

fn events(value: Option<&Value>) -> Result<(), Failure> {
    let is_call = value.and_then(Value::as_array).is_some_and(|events| events[..] == [Value::from("CALL")]);
    if is_call { Ok(()) } else { Err(Failure::bad_value("events", found(value), "[\"CALL\"]")) }
}

fn text<'a>(body: &'a Map<String, Value>, name: &str, accepted: &str) -> Result<&'a str, Failure> {
    let value = given(body, name);
    value.and_then(Value::as_str).ok_or_else(|| Failure::bad_value(name, found(value), accepted))
}

fn metadata_policy(value: Option<&Value>) -> Result<MetadataPolicy, Failure> {
    let Some(value) = value else { return Ok(MetadataPolicy::None) };
    let policy = value.as_str().and_then(MetadataPolicy::named);
    policy.ok_or_else(|| Failure::bad_value("metadataPolicy", found(Some(value)), "NONE, HEADER or BODY"))
}

/// What is wrong with a key is told without it.
fn secret(body: &Map<String, Value>) -> Result<NewSecret, Failure> {
    match given(body, "signingAlgo").map(|value| (value, value.as_str())) {
        None | Some((_, Some("NONE"))) => Ok(NewSecret::None),
        Some((_, Some("HMAC_SHA256"))) => {
            let key = given(body, "signingKey").and_then(Value::as_str);
            let key = key.filter(|key| (1..=LONGEST_KEY).contains(&key.len()));
            let refuse = || Failure::bad_value("signingKey", "something else", "a text of 1 to 1024 bytes");
            Ok(NewSecret::Given(Secret::chosen(key.ok_or_else(refuse)?)))
        }
        Some((value, _)) => Err(Failure::bad_value("signingAlgo", found(Some(value)), "NONE or HMAC_SHA256")),
    }
}

/// Why a hook is not registered.
pub fn refusal(error: HookError) -> Failure {
    match error {
        HookError::Url(_) | HookError::LongUrl | HookError::Credentials => Failure::new(
            ErrorCode::InvalidInput,
            format!("url: {error}; accepted is a public http or https URL"),
        ),
        HookError::TooMany(_) => Failure::new(ErrorCode::Conflict, error.to_string()),
    }
}

/// A registration, as the client sees it. Its key is not told.
pub fn shown(wire: VonageWire, hook: &Hook, now: Timestamp) -> WebhookWire {
    let (status, failed) = match hook.delivery.state {
        _ if hook.has_expired(now) => ("EXPIRED", false),
        State::Paused { why: Pause::Failing | Pause::Gone, .. } => ("FAILED", true),
        State::Paused { why: Pause::Asked, .. } => ("PAUSED", false),
        State::Well | State::Failing { .. } => ("ACTIVE", false),
    };
    WebhookWire {
        id: hook.id.to_string(),
        account_id: Digits::integer(wire, hook.account.0),
        url: hook.url.to_string(),
        status: vec![status],
        events: [KindWire::Call],
        signing_algo: if hook.secrets.is_empty() { SigningWire::None } else { SigningWire::HmacSha256 },
        metadata_policy: policy(hook),
        expire_at: hook.expires_at.map(instant),
        purge_at: hook.expires_at.map(|end| instant(end + PURGED_AFTER)),
        created_at: instant(hook.created_at),
        renewed_at: hook.renewed_at.map(instant),
        statistics: StatisticsWire { failed },
    }
}
