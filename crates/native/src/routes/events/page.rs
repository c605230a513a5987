//! A page of events.

use axum::Json;
use call::ErrorCode;
use directory::Access;
use events::{envelope, gap};
use history::LogQuery;
use http_core::App;

use super::EventsQuery;
use crate::{errors::Failure, wire::events::EventsWire};

/// The events after a number, or from the first that is kept.
pub async fn show(app: &App, reader: &Access, query: EventsQuery) -> Result<Json<EventsWire>, Failure> {
    let EventsQuery { after, mut filter, kinds, limit } = query;
    if filter.accounts.is_empty() {
        filter.accounts = reader.accounts().to_vec();
    }
    // From the first that there is, nothing is missing.
    let is_first = after.is_none();
    let found = app.history.events(LogQuery { filter, after: after.unwrap_or(0), limit }).await;
    let page = found.map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "events cannot be read");
        Failure::new(ErrorCode::Unavailable, "The server cannot read its events now")
    })?;
    let wanted = page.entries.iter().filter(|entry| kinds.wants(entry));
    Ok(Json(EventsWire {
        gap: page.gap.filter(|_| !is_first).map(|numbers| gap(&numbers)),
        events: wanted.map(|entry| envelope(entry, reader)).collect(),
        next: page.through.to_string(),
        is_last: page.through >= app.live.latest_event(),
    }))
}
