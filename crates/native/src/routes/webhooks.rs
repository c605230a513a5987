//! `/v1/webhooks`: where the account has events sent to (docs/webhooks.md).

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{
        Path, State,
        rejection::{BytesRejection, PathRejection},
    },
    http::{HeaderMap, StatusCode},
};
use call::ErrorCode;
use http_core::{App, body};
use webhooks::{Hook, HookError, HookId, Replayed, Secret, Source, Webhooks};

use crate::{
    auth::Client,
    convert::webhooks::{read, read_kind_of_secret, shown, with_secret},
    errors::Failure,
    wire::webhooks::{DeadLetterWire, DeadLettersWire, ReplayedWire, WebhookWire, WebhooksWire},
};

type Id = Result<Path<String>, PathRejection>;

/// The account's hooks.
pub async fn list(client: Client, State(app): State<Arc<App>>) -> Json<WebhooksWire> {
    let hooks = app.config.webhooks.of(client.account);
    Json(WebhooksWire { webhooks: hooks.iter().map(|hook| shown(&app.config.webhooks, hook)).collect() })
}

/// Registers one for what happens from now on. Its secret is told here, and never again.
pub async fn register(
    client: Client,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<WebhookWire>), Failure> {
    let members = body::object(&headers, body, |sent| sent == "application/json")?;
    let wanted = read(&app, &client, &members)?;
    let hooks = &app.config.webhooks;
    let place = (app.now(), app.live.latest_event());
    let hook = hooks.register(client.account, wanted, place).map_err(refusal)?;
    kept(hooks).await?;
    Ok((StatusCode::CREATED, Json(with_secret(hooks, &hook))))
}

/// One of them.
pub async fn show(client: Client, State(app): State<Arc<App>>, id: Id) -> Result<Json<WebhookWire>, Failure> {
    let hook = hook_of(&app, &client, id)?;
    Ok(Json(shown(&app.config.webhooks, &hook)))
}

/// Removes one, and what was put aside of it.
pub async fn remove(client: Client, State(app): State<Arc<App>>, id: Id) -> Result<StatusCode, Failure> {
    let hook = changeable(&app, &client, id)?;
    app.config.webhooks.remove(client.account, hook.id);
    kept(&app.config.webhooks).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends nothing until it is resumed.
pub async fn pause(
    client: Client,
    State(app): State<Arc<App>>,
    id: Id,
) -> Result<Json<WebhookWire>, Failure> {
    set_paused(&client, &app, id, true).await
}

/// Goes on where it was, at once.
pub async fn resume(
    client: Client,
    State(app): State<Arc<App>>,
    id: Id,
) -> Result<Json<WebhookWire>, Failure> {
    set_paused(&client, &app, id, false).await
}

async fn set_paused(client: &Client, app: &App, id: Id, is: bool) -> Result<Json<WebhookWire>, Failure> {
    let (hooks, hook) = (&app.config.webhooks, hook_of(app, client, id)?);
    let changed = hooks.set_paused(client.account, hook.id, is, app.now()).ok_or_else(no_such_hook)?;
    kept(hooks).await?;
    Ok(Json(shown(hooks, &changed)))
}

/// Another secret signs from now on; requests are signed with the one before too for a day.
pub async fn rotate(
    client: Client,
    State(app): State<Arc<App>>,
    id: Id,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<WebhookWire>, Failure> {
    let (hooks, hook) = (&app.config.webhooks, changeable(&app, &client, id)?);
    let members = body::object(&headers, body, |sent| sent == "application/json")?;
    let secret = read_kind_of_secret(&members)?.unwrap_or_else(Secret::symmetric);
    let changed = hooks.rotate(client.account, hook.id, secret, app.now()).ok_or_else(no_such_hook)?;
    kept(hooks).await?;
    Ok(Json(with_secret(hooks, &changed)))
}

/// Events that the receiver has refused.
pub async fn dead_letters(
    client: Client,
    State(app): State<Arc<App>>,
    id: Id,
) -> Result<Json<DeadLettersWire>, Failure> {
    let hook = hook_of(&app, &client, id)?;
    let letters = app.config.webhooks.letters(hook.id);
    Ok(Json(DeadLettersWire { dead_letters: letters.into_iter().map(DeadLetterWire::from).collect() }))
}

/// Sends one of them once more; it is gone once it is taken.
pub async fn replay(
    client: Client,
    State(app): State<Arc<App>>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<ReplayedWire>, Failure> {
    let Path((id, number)) = path.map_err(|_| no_such_hook())?;
    let (hooks, hook) = (&app.config.webhooks, hook_of(&app, &client, Ok(Path(id)))?);
    let missing = || Failure::new(ErrorCode::NotFound, "The webhook has no such dead letter");
    let number = number.parse().map_err(|_| missing())?;
    let Replayed { taken, status } = hooks.replay(&hook, number, app.now()).await.ok_or_else(missing)?;
    Ok(Json(ReplayedWire { taken, status }))
}

fn hook_of(app: &App, client: &Client, id: Id) -> Result<Arc<Hook>, Failure> {
    let id = id.ok().and_then(|Path(text)| text.parse().ok()).map(HookId);
    id.and_then(|id| app.config.webhooks.get(client.account, id)).ok_or_else(no_such_hook)
}

/// One that a client has registered: what the directory file says is changed there.
fn changeable(app: &App, client: &Client, id: Id) -> Result<Arc<Hook>, Failure> {
    let hook = hook_of(app, client, id)?;
    match &hook.source {
        Source::Client => Ok(hook),
        Source::Directory(_) => Err(Failure::new(
            ErrorCode::Conflict,
            "The webhook is registered by the directory file, and is changed and removed there",
        )),
    }
}

fn refusal(error: HookError) -> Failure {
    match error {
        HookError::Url(_) | HookError::LongUrl | HookError::Credentials => {
            let found = format!("a text of which this is true: {error}");
            Failure::bad_member("url", found, "a public http or https URL")
        }
        HookError::TooMany(_) => Failure::new(ErrorCode::Conflict, error.to_string()),
    }
}

fn no_such_hook() -> Failure {
    Failure::new(ErrorCode::NotFound, "The account has no such webhook")
}

/// What was changed is on disk.
async fn kept(hooks: &Webhooks) -> Result<(), Failure> {
    let failed = || Failure::new(ErrorCode::Unavailable, "The server cannot keep this now");
    hooks.durable().await.then_some(()).ok_or_else(failed)
}
