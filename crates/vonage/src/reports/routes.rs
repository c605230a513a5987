//! `…/call-logs`: the finished calls of an account.

use axum::{
    Json,
    extract::State,
    http::{Method, Uri},
    response::{IntoResponse, Response},
};
use directory::model::{Area, Role};
use history::RecordPage;
use http_core::{
    App,
    route::{Guard, Route},
};

use super::{
    convert::Viewer,
    query::CallLogsQuery,
    wire::{CallLogsPageWire, EmbeddedWire, LinksWire},
};
use crate::{auth::Client, errors::Failure, state::Vonage};

/// Where the vendor's gateway has it, with and without a version.
const MOUNTS: [&str; 2] = ["/t/vbc.prod/reports", "/t/vbc.prod/reports/v1"];

/// The routes.
pub fn routes() -> Vec<Route<Vonage>> {
    let paths = MOUNTS.map(|at| format!("{at}/accounts/{{account}}/call-logs"));
    paths.map(|path| Route::new(Method::GET, path, Guard::Reader(Area::History), list)).into()
}

/// `GET …/call-logs`: a page of the calls that are over.
async fn list(client: Client, State(app): State<Vonage>, uri: Uri) -> Result<Response, Failure> {
    if client.role == Role::Client {
        return Err(Failure::other_account());
    }
    let query = match CallLogsQuery::read(&uri) {
        Ok(query) => query,
        Err(wrong) => return Ok(wrong.into_response()),
    };
    let found = app.history.search(query.search(client.account)).await?;
    Ok(Json(page(&app, &client, uri.path(), &query, &found)).into_response())
}

fn page(
    app: &App,
    client: &Client,
    path: &str,
    query: &CallLogsQuery,
    found: &RecordPage,
) -> CallLogsPageWire {
    let directory = app.directory();
    let viewer = Viewer { directory: &directory, account: client.account, customer: client.view.customer };
    let total_items = found.total.unwrap_or_default();
    let total_pages = total_items.div_ceil(query.page_size).max(1);
    let CallLogsQuery { page, page_size, .. } = *query;
    let earlier = (page > 1).then(|| (page - 1).min(total_pages));
    CallLogsPageWire {
        page_size,
        page,
        total_pages,
        total_items,
        links: LinksWire {
            first: query.link(path, 1),
            prev: earlier.map(|page| query.link(path, page)),
            own: query.link(path, page),
            next: (page < total_pages).then(|| query.link(path, page + 1)),
        },
        embedded: EmbeddedWire {
            call_logs: found.records.iter().map(|found| viewer.show(&found.record)).collect(),
        },
    }
}
