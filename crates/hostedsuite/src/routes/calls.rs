//! Call records: `POST /api/calls` (`ListCallRecordsRequest`, section 1).

use history::{FoundRecord, HistoryError, RecordPage, RecordQuery};
use http_core::auth::LoggedIn;

use crate::{
    convert::{Viewer, Wanted, query},
    errors::Failure,
    members::Members,
    sort::SortKey,
    state::HostedSuite,
    walk,
    wire::{
        base::SortDir,
        calls::{CallRecordInfo, PagedResponse},
    },
};

/// Records that the user may see, filtered, sorted and paged.
pub async fn list(app: &HostedSuite, client: &LoggedIn, members: &Members) -> Result<PagedResponse, Failure> {
    let config = &app.config;
    let wanted = Wanted::read(members, &config.time_zone)?;
    let query = query(&wanted, &client.access(), &client.directory, config);
    let size = u64::from(query.limit);
    let found = find(app, client, &wanted, query).await?;
    let total = found.total.unwrap_or_default();
    Ok(PagedResponse {
        items: show(app, client, found.records).await?,
        page: i32::try_from(wanted.page).unwrap_or(i32::MAX),
        total_count: i64::try_from(total).unwrap_or(i64::MAX),
        total_pages: i32::try_from(total.div_ceil(size)).unwrap_or(i32::MAX),
    })
}

/// Records with what was noted about them.
pub async fn show(
    app: &HostedSuite,
    client: &LoggedIn,
    records: Vec<FoundRecord>,
) -> Result<Vec<CallRecordInfo>, HistoryError> {
    let viewer = Viewer { directory: &client.directory, config: &app.config };
    let calls = records.iter().map(|found| (found.account, found.record.call_id)).collect();
    let noted = app.history.annotations(calls).await?;
    let shown = records.iter().zip(noted);
    Ok(shown.map(|(found, noted)| viewer.show(found.account, &found.record, noted)).collect())
}

async fn find(
    app: &HostedSuite,
    client: &LoggedIn,
    wanted: &Wanted,
    query: RecordQuery,
) -> Result<RecordPage, HistoryError> {
    let SortKey::Account(text) = wanted.sort_key else { return app.history.search(query).await };
    let is_descending = wanted.sort_dir == SortDir::Desc;
    let groups = walk::groups(&query.accounts, text, is_descending, &client.directory);
    walk::search(&*app.history, query, groups).await
}
