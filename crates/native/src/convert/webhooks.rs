//! Webhooks, between the wire and the core.

use call::{Number, Timestamp, TrunkId};
use directory::model::WebhookFormat;
use events::{KindFilter, UnknownKind};
use http_core::{App, body::kind, time::rfc3339};
use serde_json::{Map, Value};
use webhooks::{Hook, NewHook, NewSecret, Secret, Source, State, Wanted, Webhooks};

use crate::{
    auth::Client,
    errors::Failure,
    wire::webhooks::{StateWire, WebhookWire},
};

/// What a body may say.
const MEMBERS: &str = "url, format, types, call, extension, trunk and secret";

/// What somebody registers.
pub fn read(app: &App, client: &Client, members: &Map<String, Value>) -> Result<NewHook, Failure> {
    let (mut new, mut wanted) = (NewHook::default(), Wanted::default());
    for (name, value) in members {
        match name.as_str() {
            "url" => new.url = text(name, value)?,
            "format" => new.format = format(name, value)?,
            "types" => wanted.kinds = kinds(value)?,
            "call" => {
                let call = text(name, value)?.parse();
                wanted.call = Some(call.map_err(|_| Failure::bad_member(name, value.to_string(), "a UUID"))?);
            }
            "extension" => {
                let (directory, number) = (app.directory(), Number::from(text(name, value)?));
                let extension = directory.extension(client.account, &number);
                let missing = || Failure::bad_member(name, value.to_string(), "an extension of the account");
                wanted.devices = Some(extension.ok_or_else(missing)?.devices.clone());
            }
            "trunk" => {
                let trunk = value.as_u64().and_then(|number| u32::try_from(number).ok()).map(TrunkId);
                let odd = || Failure::bad_member(name, value.to_string(), "the number of a trunk");
                wanted.trunk = Some(trunk.ok_or_else(odd)?);
            }
            "secret" => new.secret = NewSecret::Given(secret(value)?),
            _ => return Err(Failure::bad_member(name, "unknown", MEMBERS)),
        }
    }
    if new.url.is_empty() {
        return Err(Failure::bad_member("url", "nothing", "an http or https URL"));
    }
    if new.format != WebhookFormat::CloudEvents && !wanted.kinds.names().is_empty() {
        return Err(Failure::bad_member("types", "types", "none, as the format tells of calls as a whole"));
    }
    Ok(NewHook { wanted, ..new })
}

fn format(name: &str, value: &Value) -> Result<WebhookFormat, Failure> {
    let format = value.as_str().and_then(WebhookFormat::named);
    format.ok_or_else(|| Failure::bad_member(name, value.to_string(), "cloudevents, vonage or yeti"))
}

/// The secret that is to sign from now on.
pub(crate) fn read_kind_of_secret(members: &Map<String, Value>) -> Result<Option<Secret>, Failure> {
    if let Some(name) = members.keys().find(|name| *name != "secret") {
        return Err(Failure::bad_member(name, "unknown", "secret"));
    }
    members.get("secret").map(secret).transpose()
}

/// A kind of secret, of which a new one is made, or one of the client's.
fn secret(value: &Value) -> Result<Secret, Failure> {
    match value.as_str() {
        Some("hmac") => Ok(Secret::symmetric()),
        Some("ed25519") => Ok(Secret::private()),
        Some(text) => Secret::parse(text).map_err(|_| unfit_secret()),
        None => Err(unfit_secret()),
    }
}

/// It is not shown.
fn unfit_secret() -> Failure {
    let accepted = "\"hmac\", \"ed25519\", whsec_ with 24 to 64 bytes or whsk_ with 32 bytes, both in base64";
    Failure::bad_member("secret", "something else", accepted)
}

fn kinds(value: &Value) -> Result<KindFilter, Failure> {
    let accepted = "a list of types, each whole (leg.answered) or what stands before the point";
    let refuse = |found: String| Failure::bad_member("types", found, accepted);
    let names = value.as_array().ok_or_else(|| refuse(kind(value).to_owned()))?;
    if names.is_empty() {
        return Ok(KindFilter::default());
    }
    let names: Option<Vec<_>> = names.iter().map(Value::as_str).collect();
    let names = names.ok_or_else(|| refuse("something that is no text".to_owned()))?;
    KindFilter::parse(&names.join(",")).map_err(|UnknownKind(found)| refuse(format!("{found:?}")))
}

fn text(name: &str, value: &Value) -> Result<String, Failure> {
    value.as_str().map(str::to_owned).ok_or_else(|| Failure::bad_member(name, kind(value), "a string"))
}

/// A hook, for the client.
pub fn shown(hooks: &Webhooks, hook: &Hook) -> WebhookWire {
    let wanted = &hook.wanted;
    WebhookWire {
        id: hook.id.to_string(),
        name: match &hook.source {
            Source::Client => None,
            Source::Directory(name) => Some(name.to_string()),
        },
        source: if hook.source == Source::Client { "client" } else { "directory" }.to_owned(),
        url: hook.url.to_string(),
        format: hook.format.name().to_owned(),
        types: wanted.kinds.names().to_vec(),
        call: wanted.call.map(|call| call.to_string()),
        device_ids: wanted.devices.as_ref().map(|all| all.iter().map(|device| device.0).collect()),
        trunk: wanted.trunk.map(|trunk| trunk.0),
        secret: None,
        created_at: rfc3339(hook.created_at),
        expires_at: hook.expires_at.map(rfc3339),
        delivered_through: hook.delivery.cursor.to_string(),
        state: state(hook.delivery.state),
        dead_letters: hooks.count_letters(hook.id),
    }
}

/// The same, with what its requests are verified with.
pub(crate) fn with_secret(hooks: &Webhooks, hook: &Hook) -> WebhookWire {
    let secret = hook.secrets.first().map(|(secret, _)| secret.for_receiver());
    WebhookWire { secret, ..shown(hooks, hook) }
}

fn state(state: State) -> StateWire {
    let at = |micros| rfc3339(Timestamp::from_micros(micros));
    match state {
        State::Well => StateWire::Well,
        State::Failing { tries, since, next_at, .. } => {
            StateWire::Failing { tries, failing_since: at(since), next_try_at: at(next_at) }
        }
        State::Paused { at: paused, why } => StateWire::Paused { paused_at: at(paused), why },
    }
}
