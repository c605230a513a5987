//! `GET /console/health`: how the server is and who is kept out; `POST /console/blocks/lift` lets somebody in again.
//! For users who come from one of the operator's networks.

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use guard::Source;
use history::Census;
use http_core::App;
use live::Phase;
use maud::{Markup, html};

use super::HEALTH;
use crate::{Console, errors::Failure, form::Change, look, now::refused, page, viewer::Viewer, words};

/// The page.
pub async fn show(viewer: Viewer, State(console): State<Console>) -> Result<Html<String>, Failure> {
    let viewer = operator(viewer)?;
    let census = console.app.history.census().await?;
    let content = html! {
        h1 { (words::HEALTH) }
        (state(&console.app))
        (facts(&console.app, census))
        (refusals(&console.app))
        (blocks(&viewer, &console.app))
    };
    Ok(page::framed(&viewer, HEALTH, words::HEALTH, &content))
}

/// Lets everybody at a source in again.
pub async fn lift(
    State(console): State<Console>,
    Change { viewer, fields }: Change,
) -> Result<Response, Failure> {
    operator(viewer)?;
    let text = fields.get("source").unwrap_or_default();
    let source = text.parse::<Source>().map_err(|_| refused("source", text, words::ACCEPTED_SOURCE))?;
    console.app.config.guard.lift(source, console.app.monotonic());
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, HEALTH)]).into_response())
}

fn operator(viewer: Viewer) -> Result<Viewer, Failure> {
    Some(viewer).filter(|viewer| viewer.is_operator).ok_or_else(|| Failure::forbidden(words::OPERATORS_ONLY))
}

fn state(app: &App) -> Markup {
    let health = app.live.health();
    let refuses = match &health.phase {
        Phase::Running => health.room.map(live::NoRoom::name),
        stopping => Some(stopping.name()),
    };
    html! {
        p { @match refuses {
            None => span class="mark talking" { (words::TAKES_CALLS) },
            Some(why) => { span class="mark failed" { (words::REFUSES_CALLS) } " " (why) }
        } }
    }
}

fn facts(app: &App, census: Census) -> Markup {
    let (health, figures) = (app.live.health(), app.history.figures());
    let facts = [
        (words::VERSION, html! { (env!("CARGO_PKG_VERSION")) }),
        (words::CALLS_NOW, html! { (look::count(app.live.snapshot().len() as u64)) }),
        (words::RECORDS, html! { (look::count(census.records)) }),
        (
            words::NEWEST_RECORD,
            html! { @match census.newest_at { Some(at) => (look::instant(at)), None => (words::NONE) } },
        ),
        (words::REGISTRATIONS, html! { (look::count(app.live.switch().registration_count() as u64)) }),
        (words::EVENTS_BEHIND, html! { (look::count(health.backlog)) }),
        (words::SINCE_COMMIT, html! { (look::exact(health.since_commit)) }),
        (words::QUARANTINED, html! { (look::count(app.history.quarantined())) }),
        (
            words::DATABASE,
            html! { (look::bytes(figures.stored_bytes)) " + " (look::bytes(figures.pending_bytes)) },
        ),
        (words::DISK_FREE, html! { (health.free_bytes.map_or(words::NONE.to_owned(), look::bytes)) }),
        (words::EXPORTS_WAITING, html! { (look::count(figures.exports_waiting)) }),
        (words::WEBHOOKS, webhooks(app)),
        (
            words::BACKED_UP,
            html! { @match figures.backed_up_at { Some(at) => (look::instant(at)), None => (words::NEVER) } },
        ),
    ];
    html! { dl class="facts" { @for (name, value) in facts { div { dt { (name) } dd { (value) } } } } }
}

fn webhooks(app: &App) -> Markup {
    let count = app.config.webhooks.count();
    let troubles = [
        (count.failing, words::HOOKS_FAILING),
        (count.paused, words::HOOKS_PAUSED),
        (count.dead_letters, words::DEAD_LETTERS),
    ];
    html! {
        (look::count(count.all as u64))
        @for (number, trouble) in troubles.iter().filter(|(number, _)| *number > 0) {
            " " span class="mark held" { (look::count(*number as u64)) " " (trouble) }
        }
    }
}

/// What was refused since the start, by why or by whom, as the metrics call it.
fn refusals(app: &App) -> Markup {
    let (config, switch) = (&app.config, app.live.switch());
    let figures = config.guard.figures(app.monotonic());
    let of_calls = switch.refused().into_iter().map(|(why, count)| (words::REFUSED_CALLS, why, count));
    let of_doors = config.rooms.iter().map(|(door, room)| {
        let (refused, evicted) = room.turned_away();
        (words::REFUSED_CONNECTIONS, door.name(), refused + evicted)
    });
    let others = [
        (words::REFUSED_MESSAGES, "overload", switch.load().requests_refused),
        (words::REFUSED_MESSAGES, "dropped by the kernel", switch.datagrams_dropped().unwrap_or_default()),
        (words::REFUSED_LOGINS, "kept out", figures.refused),
        (words::REFUSED_LOGINS, "too early", figures.waits),
        (words::REFUSED_REQUESTS, "none left", config.quotas.refused()),
    ];
    let rows: Vec<_> = of_calls.chain(of_doors).chain(others).filter(|(.., count)| *count > 0).collect();
    html! {
        section {
            h2 { (words::REFUSALS) }
            @if rows.is_empty() { (look::nothing(words::NO_REFUSALS)) } @else {
                div class="wide" tabindex="0" role="region" aria-label=(words::REFUSALS) {
                    table {
                        thead { tr { @for name in words::REFUSAL_COLUMNS { th scope="col" { (name) } } } }
                        tbody { @for (what, why, count) in rows { tr {
                            td { (what) } td { (why) } td class="number" { (look::count(count)) }
                        } } }
                    }
                }
            }
        }
    }
}

fn blocks(viewer: &Viewer, app: &App) -> Markup {
    let (at, now) = (app.now(), app.monotonic());
    let mut blocks = app.config.guard.blocks(now);
    blocks.sort_by_key(|block| std::cmp::Reverse(block.until));
    html! {
        section {
            h2 { (words::BLOCKS) }
            @if blocks.is_empty() { (look::nothing(words::NO_BLOCKS)) } @else {
                div class="wide" tabindex="0" role="region" aria-label=(words::BLOCKS) {
                    table {
                        thead { tr { @for name in words::BLOCK_COLUMNS { th scope="col" { (name) } } } }
                        tbody { @for block in blocks.iter().take(200) { tr {
                            td { code { (block.source) } }
                            td { (block.offence.name()) }
                            td { (look::instant(at - now.saturating_sub(block.since))) }
                            td { (look::instant(at + block.until.saturating_sub(now))) }
                            td class="number" { (look::count(block.refused)) }
                            td class="actions" { @if viewer.may_change() {
                                form method="post" action="/console/blocks/lift" {
                                    (page::token(viewer))
                                    input type="hidden" name="source" value=(block.source);
                                    button class="plain" { (words::LIFT) }
                                }
                            } }
                        } } }
                    }
                }
            }
        }
    }
}
