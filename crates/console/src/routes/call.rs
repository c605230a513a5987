//! `GET /console/calls/{call}`: a call that goes on or is over: what became of it, its legs as a ladder, what was
//! recorded and noted. `POST …/notes` notes something; `GET …/recordings/{recording}` is a recording.

use std::{collections::HashMap, str::FromStr, sync::Arc};

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use call::{AccountId, Call, CallId, CallRecord, LegId, quality::LegQuality, record::Recording};
use history::AnnotationEdit;
use http_core::file::{Content, Label, WantedPart, fingerprint};
use live::Noted;
use maud::{Markup, html};

use super::HISTORY;
use crate::{
    Console, errors::Failure, form::Change, ladder::Ladder, look, page, search::Row, viewer::Viewer, words,
};

/// A call, as one of the viewer's accounts sees it.
enum Shown {
    /// With how well its legs are heard now.
    Live(AccountId, Arc<Call>, HashMap<LegId, LegQuality>),
    Over(AccountId, Arc<CallRecord>),
}

/// The page.
pub async fn show(
    viewer: Viewer,
    State(console): State<Console>,
    Path(id): Path<String>,
) -> Result<Html<String>, Failure> {
    let id = call_id(&id)?;
    let shown = find(&console, &viewer, id).await?;
    let noted = console.app.live.noted(&viewer.access, id).await?;
    let content = html! {
        p class="crumbs" { a href=(HISTORY) { (words::HISTORY) } }
        @match &shown {
            Shown::Live(account, call, heard) => (live(&viewer, (*account, call), heard)),
            Shown::Over(account, record) => (over(&viewer, Row { account: *account, record, noted: None })),
        }
        (notes(&viewer, id, &noted))
    };
    Ok(page::framed(&viewer, "", words::CALL, &content))
}

/// Notes something, and leads back.
pub async fn note(
    State(console): State<Console>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Change { viewer, fields }: Change,
) -> Result<Response, Failure> {
    let text = |name| fields.get(name).unwrap_or_default().to_owned();
    let edit = AnnotationEdit {
        notes: Some(text("notes")),
        is_flagged: Some(fields.get("flagged").is_some()),
        flag_notes: Some(text("flag_notes")),
        ..AnnotationEdit::default()
    };
    console.app.live.annotate(&viewer.access, call_id(&id)?, viewer.author(), edit).await?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, look::back(&headers))]).into_response())
}

/// A recording of an account of the viewer's, by its number.
pub async fn recording(
    viewer: Viewer,
    State(console): State<Console>,
    Path((id, number)): Path<(String, usize)>,
    wanted: WantedPart,
) -> Result<Response, Failure> {
    let Shown::Over(account, record) = find(&console, &viewer, call_id(&id)?).await? else {
        return Err(Failure::not_found());
    };
    let recordings = recordings(&viewer, Row { account, record: &record, noted: None });
    let recording = recordings.get(number).ok_or_else(Failure::not_found)?;
    let path = console.app.config.recordings.join(&*recording.file);
    let file = tokio::fs::File::open(path).await.map_err(|_| Failure::not_found())?;
    let etag = fingerprint(&file).await.ok().map(|etag| format!("\"{etag}\""));
    let label =
        Label { media_type: "audio/wav", file_name: format!("{}-{number}.wav", record.call_id), etag };
    let content = Content::whole(file).await.map_err(|_| Failure::not_found())?;
    wanted.of(content, &label).await.map_err(|_| Failure::not_found())
}

fn call_id(text: &str) -> Result<CallId, Failure> {
    CallId::from_str(text).map_err(|_| Failure::not_found())
}

/// A call is in the history before it leaves the live calls, so these are looked at first.
async fn find(console: &Console, viewer: &Viewer, id: CallId) -> Result<Shown, Failure> {
    let calls = console.app.live.snapshot();
    let accounts = viewer.access.accounts();
    let live = accounts.iter().find_map(|account| Some((*account, calls.call(*account, id)?)));
    if let Some((account, call)) = live {
        let seen = call.seen_by(account).map_or_else(|| call.clone(), |seen| Arc::new(seen.into_owned()));
        let heard = console.app.live.quality_of(&seen).await;
        return Ok(Shown::Live(account, seen, heard));
    }
    let record = console.app.history.record(accounts.to_vec(), id).await?.ok_or_else(Failure::not_found)?;
    let owner =
        record.rows().iter().map(|row| row.owner.account).find(|account| viewer.access.allows(*account));
    Ok(Shown::Over(owner.ok_or_else(Failure::not_found)?, record))
}

/// The recordings that the viewer may hear.
fn recordings<'a>(viewer: &Viewer, row: Row<'a>) -> Vec<&'a Recording> {
    let may_hear = viewer.may_hear() && row.record.answered_at.is_some();
    let is_own = |recording: &&Recording| {
        row.record.recorded_for(recording).is_some_and(|owner| owner.account == row.account)
    };
    row.record.recordings.iter().filter(|_| may_hear).filter(is_own).collect()
}

fn live(viewer: &Viewer, (account, call): (AccountId, &Call), heard: &HashMap<LegId, LegQuality>) -> Markup {
    let ladder = Ladder::of_call(viewer, call, heard);
    html! {
        h1 { (call.caller().as_str()) " → " (call.started().dialed.as_str()) " " (look::phase(call.phase())) }
        (facts(&[
            (words::CALL_ID, html! { code { (call.id()) } }),
            (words::ACCOUNT, html! { (viewer.account_name(account).unwrap_or_default()) }),
            (words::STARTED, look::instant(call.started_at())),
        ]))
        @if viewer.may_change() {
            form class="card" method="post" action={ "/console/calls/" (call.id()) "/hang-up" } data-done=(words::HUNG_UP) {
                (page::token(viewer))
                button class="danger" { (words::HANG_UP) }
            }
        }
        (ladder.table())
    }
}

fn over(viewer: &Viewer, row: Row<'_>) -> Markup {
    let Row { account, record, .. } = row;
    let status = record.leg(row.side()).and_then(|leg| leg.status.as_ref());
    let times = &record.times;
    html! {
        h1 {
            (record.caller_routed.as_str()) " → " (record.called_received.as_str()) " "
            span class={ "mark " (words::outcome_class(record.disposition())) } { (words::disposition(record.disposition())) }
        }
        (facts(&[
            (words::CALL_ID, html! { code { (record.call_id) } }),
            (words::ACCOUNT, html! { (viewer.account_name(account).unwrap_or_default()) " " small { (words::direction(row.is_outbound())) } }),
            (words::STARTED, look::instant(record.started_at)),
            (words::ENDED, look::instant(record.ended_at)),
            (words::ANSWERED_BY, html! { (row.answered_by().unwrap_or(words::NONE)) }),
            (words::CONNECTED, html! { (look::length(record.connected())) }),
            (words::TIMES, html! {
                (words::PDD) " " (look::exact(times.pdd)) ", " (words::RINGING) " " (look::exact(times.ring)) ", "
                (words::TALKING) " " (look::exact(times.talk)) ", " (words::ON_HOLD) " " (look::exact(times.hold)) ", "
                (words::TRANSFERRING) " " (look::exact(times.transfer))
            }),
            (words::RELEASED_BY, html! { (words::released_by(record.released_by)) }),
            (words::SIP_CODE, html! {
                @match status { Some(status) => { (status.code) " " (&*status.reason) } None => (words::NONE) }
            }),
            (words::COST, html! { (record.charge(row.side()).map_or(words::NONE.to_owned(), |charge| look::money(charge.price))) }),
        ]))
        (players(viewer, row))
        (Ladder::of_record(viewer, row).table())
    }
}

fn facts(facts: &[(&str, Markup)]) -> Markup {
    html! { dl class="facts" { @for (name, value) in facts { div { dt { (name) } dd { (value) } } } } }
}

fn players(viewer: &Viewer, row: Row<'_>) -> Markup {
    let recordings = recordings(viewer, row);
    if recordings.is_empty() {
        return html! {};
    }
    html! {
        section {
            h2 { (words::RECORDINGS) }
            @for (number, recording) in recordings.iter().enumerate() {
                @let place = format!("/console/calls/{}/recordings/{number}", row.record.call_id);
                p class="player" {
                    audio controls preload="none" src=(place) aria-label={ (words::RECORDING) " " (number + 1) } {}
                    " " (look::instant(recording.started_at)) " · " (look::length(recording.ended_at.since(recording.started_at)))
                    " " a href=(place) download { (words::DOWNLOAD) }
                }
            }
        }
    }
}

fn notes(viewer: &Viewer, id: CallId, noted: &Noted) -> Markup {
    let annotations = &noted.annotations;
    let text = annotations.notes.as_deref().unwrap_or_default();
    let flag = annotations.flag_notes.as_deref().unwrap_or_default();
    html! {
        section {
            h2 { (words::NOTES) }
            @if viewer.may_change() {
                form class="card" method="post" action={ "/console/calls/" (id) "/notes" } data-done=(words::NOTED) {
                    (page::token(viewer))
                    label { span { (words::NOTES) } textarea name="notes" rows="3" { (text) } }
                    label class="tick" { input type="checkbox" name="flagged" value="yes" checked[annotations.is_flagged]; span { (words::FLAGGED) } }
                    label { span { (words::FLAG_NOTES) } input name="flag_notes" value=(flag); }
                    button { (words::SAVE) }
                }
            } @else {
                p { @if text.is_empty() { (words::NONE) } @else { (text) } }
                @if annotations.is_flagged { p { (words::FLAGGED) " " (flag) } }
            }
            @if !noted.changes.is_empty() {
                ul class="changes" { @for change in &noted.changes { li { (look::instant(change.at)) " " (words::author(&change.by)) } } }
            }
        }
    }
}
