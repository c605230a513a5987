//! `/console/exports`: searches that are written into files.

use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use history::{Export, ExportFile, ExportId, ExportStatus, NewExport};
use http_core::file::{Content, Label, WantedPart, fingerprint};
use maud::{Markup, html};

use super::EXPORTS;
use crate::{
    Console,
    errors::Failure,
    export,
    form::{Change, Fields},
    look, page,
    search::Search,
    viewer::Viewer,
    words,
};

/// Exports that are listed, the newest first.
const LISTED: u32 = 50;
/// Accounts that one search is exported of, each into a file of its own.
const ACCOUNTS: usize = 20;

/// The page.
pub async fn list(viewer: Viewer, State(console): State<Console>) -> Result<Html<String>, Failure> {
    let exports = console.app.history.exports(viewer.access.accounts().to_vec(), 0, LISTED).await?;
    let content = html! {
        h1 { (words::EXPORTS) }
        @if exports.exports.is_empty() { (look::nothing(words::NO_EXPORTS)) } @else { (table(&viewer, &exports.exports)) }
    };
    Ok(page::framed(&viewer, EXPORTS, words::EXPORTS, &content))
}

/// Begins the export of a search: one for each of its accounts.
pub async fn begin(
    State(console): State<Console>,
    Change { viewer, fields }: Change,
) -> Result<Response, Failure> {
    let search = Fields::parse(fields.get("search").unwrap_or_default().as_bytes());
    let now = console.app.now();
    let accounts = super::history::accounts(&viewer, &search)?;
    if accounts.len() > ACCOUNTS {
        return Err(Failure::invalid(words::CHOOSE_AN_ACCOUNT));
    }
    let request = Search::read(&search, now)?.stretch.fixed(&search.with("account", None)).text();
    for account in accounts {
        let export = NewExport {
            customer: viewer.access.customer(),
            account,
            format: export::NAME.to_owned(),
            request: request.clone(),
            created_at: now,
        };
        console.app.history.create_export(export).await?;
    }
    Ok(to_list())
}

/// Cancels an export, or removes its file.
pub async fn delete(
    State(console): State<Console>,
    Path(id): Path<String>,
    Change { viewer, .. }: Change,
) -> Result<Response, Failure> {
    let export = find(&console, &viewer, &id).await?;
    let accounts = viewer.access.accounts().to_vec();
    console.app.history.delete_export(accounts, export.id, console.app.now()).await?;
    Ok(to_list())
}

/// The file.
pub async fn download(
    viewer: Viewer,
    State(console): State<Console>,
    Path(id): Path<String>,
    wanted: WantedPart,
) -> Result<Response, Failure> {
    let export = find(&console, &viewer, &id).await?;
    let accounts = viewer.access.accounts().to_vec();
    let found = console.app.history.export_file(accounts, export.id).await?;
    let ExportFile { file, extension } = found.ok_or_else(Failure::not_found)?;
    let file = tokio::fs::File::from_std(file);
    let etag = fingerprint(&file).await.ok().map(|etag| format!("\"{etag}\""));
    let file_name = format!("{}.{extension}", export.id);
    let label = Label { media_type: "application/octet-stream", file_name, etag };
    let content = Content::whole(file).await.map_err(|_| Failure::not_found())?;
    wanted.of(content, &label).await.map_err(|_| Failure::not_found())
}

/// An export of one of the viewer's accounts, whoever asked for it.
async fn find(console: &Console, viewer: &Viewer, id: &str) -> Result<Export, Failure> {
    let id = id.parse().map(ExportId).map_err(|_| Failure::not_found())?;
    let export = console.app.history.export(viewer.access.accounts().to_vec(), id).await?;
    export.ok_or_else(Failure::not_found)
}

fn to_list() -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, EXPORTS)]).into_response()
}

fn table(viewer: &Viewer, exports: &[Export]) -> Markup {
    let is_moving = exports.iter().any(|export| export.status == ExportStatus::Pending);
    html! {
        div class="wide" tabindex="0" role="region" aria-label=(words::EXPORTS) {
            table id="exports" data-again=[is_moving.then_some("")] {
                thead { tr { @for name in words::EXPORT_COLUMNS { th scope="col" { (name) } } } }
                tbody { @for export in exports { (row(viewer, export)) } }
            }
        }
    }
}

fn row(viewer: &Viewer, export: &Export) -> Markup {
    let place = format!("/console/exports/{}", export.id);
    html! {
        tr {
            td { (look::instant(export.created_at)) }
            td { (viewer.account_name(export.account).unwrap_or_default()) }
            td { (export.format) }
            td { (state(export)) }
            td class="number" { (export.rows.map(look::count).unwrap_or_default()) }
            td class="number" { (export.file.map(|file| look::bytes(file.bytes)).unwrap_or_default()) }
            td class="actions" {
                @if export.status == ExportStatus::Completed { a href={ (place) "/file" } download { (words::DOWNLOAD) } }
                @if viewer.may_change() && export.status != ExportStatus::Deleted {
                    form method="post" action={ (place) "/delete" } {
                        (page::token(viewer))
                        button class="plain" { @if export.status == ExportStatus::Pending { (words::CANCEL) } @else { (words::DELETE) } }
                    }
                }
            }
        }
    }
}

fn state(export: &Export) -> Markup {
    let name = words::export_state(export.status);
    match export.progress.filter(|_| export.status == ExportStatus::Pending) {
        Some(progress) => html! {
            label class="progress" { (name)
                progress value=(progress.rows) max=(progress.expected.max(1)) {}
            }
        },
        None => html! { (name) },
    }
}
