//! `POST /api/calls` (`ListCallRecordsRequest`, section 1): call records by page.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use history::{HistoryError, RecordPage, RecordQuery};

use crate::{
    App,
    auth::LoggedIn,
    hostedsuite::{
        convert::{Viewer, query},
        credentials,
        errors::Failure,
        request::OperationRequest,
        sort::SortKey,
        walk,
        wire::{
            Value,
            calls::{CallRecordPage, ListCallRecordsRequest, SortDir},
        },
    },
};

/// Records that the user may see, filtered, sorted and paged. Credentials are checked first.
pub async fn list(State(app): State<Arc<App>>, request: OperationRequest) -> Response {
    request.reply.send(answer(&app, &request).await.map(Value::from))
}

async fn answer(app: &App, request: &OperationRequest) -> Result<CallRecordPage, Failure> {
    let client = credentials::check(app, request).await?;
    let config = &app.config.hostedsuite;
    let wanted = ListCallRecordsRequest::bind(&request.members, &config.time_zone)?;
    let query = query(&wanted, &client.access(), &client.directory, config);
    let size = u64::from(query.limit);
    let found = find(app, &client, &wanted, query).await?;
    let viewer = Viewer { directory: &client.directory, config };
    let total_count = found.total.unwrap_or_default();
    Ok(CallRecordPage {
        items: found.records.iter().map(|(account, record)| viewer.show(*account, record)).collect(),
        page: wanted.page,
        total_count,
        total_pages: total_count.div_ceil(size),
    })
}

async fn find(
    app: &App,
    client: &LoggedIn,
    wanted: &ListCallRecordsRequest,
    query: RecordQuery,
) -> Result<RecordPage, HistoryError> {
    let SortKey::Account(text) = wanted.sort_key else { return app.history.search(query).await };
    let is_descending = wanted.sort_dir == SortDir::Desc;
    let groups = walk::groups(&query.accounts, text, is_descending, &client.directory);
    walk::search(&*app.history, query, groups).await
}
