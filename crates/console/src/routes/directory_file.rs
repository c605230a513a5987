//! `/console/directory/file`: the whole directory, changed as a directory file says. `GET` is the form, `POST` the
//! directory as a file; `POST /console/directory/preview` shows what a file would change, and
//! `POST /console/directory/apply` changes it. For managers who come from one of the operator's networks.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use directory::{
    Author, Changes, Directory, DirectoryError, DirectoryFile, Interface, Snapshot, Who, changes::Action,
};
use http_core::auth::ClientAddress;
use maud::{Markup, html};
use sha2::{Digest, Sha256};

use super::{AUDIT, DIRECTORY, DIRECTORY_FILE};
use crate::{
    Console,
    errors::Failure,
    form::{Change, Fields},
    look, page,
    viewer::Viewer,
    words,
};

const PREVIEW: &str = "/console/directory/preview";
const APPLY: &str = "/console/directory/apply";
/// The name that mistakes are told under.
const NAME: &str = "directory.toml";

/// The form.
pub async fn show(viewer: Viewer) -> Result<Html<String>, Failure> {
    allow(&viewer)?;
    Ok(framed(&viewer, &form(&viewer, "", None)))
}

/// The directory as a file, with hashes and digests in place of secrets.
pub async fn download(
    State(console): State<Console>,
    Change { viewer, .. }: Change,
) -> Result<Response, Failure> {
    allow(&viewer)?;
    let headers = [
        (header::CONTENT_TYPE, "application/toml; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"directory.toml\""),
    ];
    Ok((headers, console.app.directory().to_toml()).into_response())
}

/// What a file would change.
pub async fn preview(
    State(console): State<Console>,
    Change { viewer, fields }: Change,
) -> Result<Response, Failure> {
    allow(&viewer)?;
    let version = version(&console.app.directory());
    let seen = changed(&console, text(&fields), |directory, file| directory.preview(file)).await?;
    Ok(match seen {
        Ok(changes) => {
            framed(&viewer, &previewed(&viewer, text(&fields), &changes, &version)).into_response()
        }
        Err(mistakes) => mistaken(&viewer, text(&fields), &mistakes),
    })
}

/// Changes it, unless the directory is another one by now than that which the preview was of.
pub async fn apply(
    State(console): State<Console>,
    address: ClientAddress,
    Change { viewer, fields }: Change,
) -> Result<Response, Failure> {
    allow(&viewer)?;
    if fields.get("version") != Some(&version(&console.app.directory())) {
        return Ok(mistaken(&viewer, text(&fields), words::DIRECTORY_IS_ANOTHER));
    }
    let author = Author {
        who: Who::User(viewer.user.login.clone()),
        source: Some(address.ip),
        interface: Interface::Console,
        at: console.app.now(),
    };
    let done = changed(&console, text(&fields), |directory, file| directory.by(author).apply(file)).await?;
    Ok(match done {
        Ok(_) => (StatusCode::SEE_OTHER, [(header::LOCATION, AUDIT)]).into_response(),
        Err(mistakes) => mistaken(&viewer, text(&fields), &mistakes),
    })
}

fn allow(viewer: &Viewer) -> Result<(), Failure> {
    viewer.may_change_directory().then_some(()).ok_or_else(|| Failure::forbidden(words::OPERATORS_ONLY))
}

fn text(fields: &Fields) -> &str {
    fields.get("file").unwrap_or_default()
}

/// What changes with the directory.
fn version(directory: &Snapshot) -> String {
    hex::encode(&Sha256::digest(directory.to_toml())[..16])
}

/// Reads a file and does something with it, beside the requests: passwords take long to hash. What is wrong with the
/// file is told as text.
async fn changed(
    console: &Console,
    text: &str,
    act: impl FnOnce(&Directory, &DirectoryFile) -> Result<Changes, DirectoryError> + Send + 'static,
) -> Result<Result<Changes, String>, Failure> {
    let directory: Arc<Directory> = console.app.config.directory.clone().ok_or_else(Failure::not_found)?;
    let text = text.to_owned();
    let work = move || act(&directory, &DirectoryFile::parse(NAME, &text)?);
    match tokio::task::spawn_blocking(work).await? {
        Ok(changes) => Ok(Ok(changes)),
        Err(error @ (DirectoryError::File(_) | DirectoryError::UnknownSecret { .. })) => {
            Ok(Err(error.to_string()))
        }
        Err(error) => Err(error.into()),
    }
}

fn framed(viewer: &Viewer, content: &Markup) -> Html<String> {
    let content = html! {
        p class="crumbs" { a href=(DIRECTORY) { (words::DIRECTORY) } }
        h1 { (words::DIRECTORY_FILE) }
        (content)
    };
    page::framed(viewer, DIRECTORY, words::DIRECTORY_FILE, &content)
}

fn mistaken(viewer: &Viewer, text: &str, mistakes: &str) -> Response {
    (StatusCode::BAD_REQUEST, framed(viewer, &form(viewer, text, Some(mistakes)))).into_response()
}

fn form(viewer: &Viewer, text: &str, mistakes: Option<&str>) -> Markup {
    html! {
        @if let Some(mistakes) = mistakes {
            ul class="mistakes" role="alert" { @for mistake in mistakes.lines() { li { (mistake) } } }
        }
        form class="file" method="post" action=(PREVIEW) {
            (page::token(viewer))
            label data-file="file" hidden { span { (words::CHOOSE_FILE) } input type="file" accept=".toml"; }
            label { span { (words::FILE_TEXT) }
                textarea id="file" name="file" rows="18" spellcheck="false" required { (text) }
            }
            p class="counts" { (words::FILE_IS_WHOLE) }
            button { (words::PREVIEW) }
        }
        form method="post" action=(DIRECTORY_FILE) {
            (page::token(viewer))
            button class="plain" { (words::DIRECTORY_DOWNLOAD) }
        }
    }
}

fn previewed(viewer: &Viewer, text: &str, changes: &Changes, version: &str) -> Markup {
    html! {
        h2 { (words::WOULD_CHANGE) " " small { (look::count(changes.len() as u64)) } }
        @if changes.is_empty() { (look::nothing(words::NO_CHANGES)) } @else {
            ul class="diff" { @for change in changes.iter() { li class=(class(&change.action)) { (change.to_string()) } } }
            form class="actions" method="post" action=(APPLY) {
                (page::token(viewer))
                input type="hidden" name="file" value=(text);
                input type="hidden" name="version" value=(version);
                button { (words::APPLY) }
                " " a href=(DIRECTORY_FILE) { (words::CANCEL) }
            }
        }
    }
}

const fn class(action: &Action) -> &'static str {
    match action {
        Action::Added => "added",
        Action::Changed(_) => "changed",
        Action::Removed => "removed",
    }
}
