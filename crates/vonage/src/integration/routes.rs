//! The routes: `…/self/events` and `…/self/webhooks`, of the account of the token.

use std::{cmp::Reverse, sync::Arc};

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State, rejection::BytesRejection},
    http::{HeaderMap, Method, StatusCode, Uri},
};
use call::{CallId, ErrorCode};
use directory::model::{
    Area::{Calls, Events},
    WebhookFormat,
};
use http_core::route::{
    Guard::{Reader, Writer},
    Route,
};
use webhooks::{Hook, HookId, Source, Webhooks};

use super::{
    convert::CallSeen,
    hooks,
    query::EventsQuery,
    wire::{CallEventWire, WebhookWire},
};
use crate::{auth::Client, body::object, errors::Failure, state::Vonage};

/// Where the vendor's gateway has it.
const MOUNT: &str = "/t/vbc.prod/vis/v1";
/// Everything under it, for the paths that are no route.
pub const BEYOND: &str = "/t/vbc.prod/vis/{*rest}";

type Id = Result<Path<String>, axum::extract::rejection::PathRejection>;

/// The routes.
pub fn routes() -> Vec<Route<Vonage>> {
    let at = |rest: &str| format!("{MOUNT}/self/{rest}");
    vec![
        Route::new(Method::GET, at("events"), Reader(Calls), events),
        Route::new(Method::GET, at("events/{event}"), Reader(Calls), event),
        Route::new(Method::GET, at("webhooks"), Reader(Events), list),
        Route::new(Method::POST, at("webhooks"), Writer(Events), create),
        Route::new(Method::GET, at("webhooks/{webhook}"), Reader(Events), show),
        Route::new(Method::PUT, at("webhooks/{webhook}/renew"), Writer(Events), renew),
        Route::new(Method::DELETE, at("webhooks/{webhook}"), Writer(Events), remove),
    ]
}

/// Calls as events: those that go on, then those that are over, each by their beginning.
async fn events(
    client: Client,
    State(app): State<Vonage>,
    uri: Uri,
) -> Result<Json<Vec<CallEventWire>>, Failure> {
    let query = EventsQuery::read(&uri)?;
    let (offset, size) = query.window();
    let wire = client.view.wire;
    let live = live_calls(&app, &client, &query);
    let on_page = live.iter().skip(usize::try_from(offset).unwrap_or(usize::MAX));
    let mut page: Vec<_> = on_page.map(|call| call.event(wire)).collect();
    page.truncate(usize::try_from(size).unwrap_or(usize::MAX));
    let (live, room) = (live.len() as u64, size - page.len() as u64);
    if room > 0 {
        let search = query.search(client.account, (offset.saturating_sub(live), room));
        let found = app.history.search(search).await?;
        page.extend(
            found.records.iter().map(|found| CallSeen::over(client.account, &found.record).event(wire)),
        );
    }
    Ok(Json(page))
}

fn live_calls(app: &Vonage, client: &Client, query: &EventsQuery) -> Vec<CallSeen> {
    let calls = app.live.snapshot();
    let calls = calls.calls_of(client.account).map(|call| CallSeen::live(client.account, call));
    let mut calls: Vec<_> = calls.filter(|call| query.wants(call.started_at(), call.is_outbound())).collect();
    match query.is_descending() {
        true => calls.sort_by_key(|call| Reverse(call.started_at())),
        false => calls.sort_by_key(CallSeen::started_at),
    }
    calls
}

/// One call as an event.
async fn event(client: Client, State(app): State<Vonage>, id: Id) -> Result<Json<CallEventWire>, Failure> {
    let id: Option<CallId> = id.ok().and_then(|Path(text)| text.parse().ok());
    let id = id.ok_or_else(|| Failure::not_found("event"))?;
    let live = app.live.snapshot().call(client.account, id).map(|call| CallSeen::live(client.account, call));
    let call = match live {
        Some(call) => call,
        None => {
            let record = app.history.record(vec![client.account], id).await?;
            CallSeen::over(client.account, &*record.ok_or_else(|| Failure::not_found("event"))?)
        }
    };
    Ok(Json(call.event(client.view.wire)))
}

/// The account's registrations.
async fn list(client: Client, State(app): State<Vonage>) -> Json<Vec<WebhookWire>> {
    let hooks = app.app.config.webhooks.of(client.account);
    let own = hooks.iter().filter(|hook| hook.format == WebhookFormat::Vonage);
    Json(own.map(|hook| hooks::shown(client.view.wire, hook, app.now())).collect())
}

/// Registers one, for what happens from now on.
async fn create(
    client: Client,
    State(app): State<Vonage>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<WebhookWire>), Failure> {
    let new = hooks::read(&object(&headers, body)?, app.now())?;
    let (all, place) = (&app.app.config.webhooks, (app.now(), app.live.latest_event()));
    let hook = all.register(client.account, new, place).map_err(hooks::refusal)?;
    kept(all).await?;
    Ok((StatusCode::CREATED, Json(hooks::shown(client.view.wire, &hook, app.now()))))
}

/// One of them.
async fn show(client: Client, State(app): State<Vonage>, id: Id) -> Result<Json<WebhookWire>, Failure> {
    let hook = hook_of(&app, &client, id)?;
    Ok(Json(hooks::shown(client.view.wire, &hook, app.now())))
}

/// Has it last again as long as a new one, and go on where it was.
async fn renew(client: Client, State(app): State<Vonage>, id: Id) -> Result<Json<WebhookWire>, Failure> {
    let (all, hook) = (&app.app.config.webhooks, changeable(&app, &client, id)?);
    let now = app.now();
    let renewed = all.renew(client.account, hook.id, (now, hooks::until(now))).ok_or_else(missing)?;
    kept(all).await?;
    Ok(Json(hooks::shown(client.view.wire, &renewed, now)))
}

/// Removes one.
async fn remove(client: Client, State(app): State<Vonage>, id: Id) -> Result<StatusCode, Failure> {
    let hook = changeable(&app, &client, id)?;
    let all = &app.app.config.webhooks;
    all.remove(client.account, hook.id);
    kept(all).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn hook_of(app: &Vonage, client: &Client, id: Id) -> Result<Arc<Hook>, Failure> {
    let id = id.ok().and_then(|Path(text)| text.parse().ok()).map(HookId);
    let hook = id.and_then(|id| app.app.config.webhooks.get(client.account, id));
    hook.filter(|hook| hook.format == WebhookFormat::Vonage).ok_or_else(missing)
}

/// What the directory file says is changed there.
fn changeable(app: &Vonage, client: &Client, id: Id) -> Result<Arc<Hook>, Failure> {
    let hook = hook_of(app, client, id)?;
    match &hook.source {
        Source::Client => Ok(hook),
        Source::Directory(_) => {
            Err(Failure::new(ErrorCode::Conflict, "The webhook is registered by the directory file"))
        }
    }
}

fn missing() -> Failure {
    Failure::not_found("webhook")
}

/// What was changed is on disk.
async fn kept(all: &Webhooks) -> Result<(), Failure> {
    let failed = || Failure::new(ErrorCode::Unavailable, "The server cannot keep this now");
    all.durable().await.then_some(()).ok_or_else(failed)
}
