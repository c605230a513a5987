//! `GET /origination-active-calls`: calls that an account sends, per minute (contract yeti.md, 6.2).

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use call::event::Side;

use crate::{
    App,
    yeti::{
        answer::Answer,
        client::{Client, ReportClient},
        errors::report::ReportRefusal,
        query::Query,
        report::ReportRequest,
    },
};

/// Counts the calls.
pub async fn show(
    ReportClient(client): ReportClient,
    query: Query,
    State(app): State<Arc<App>>,
) -> Result<Answer, ReportRefusal> {
    report(&app, &client, &query, Side::Origination).await
}

/// The report of one side. One that begins in the future is not a report, but an empty list.
pub async fn report(app: &App, client: &Client, query: &Query, side: Side) -> Result<Answer, ReportRefusal> {
    let (live, now) = (app.live.snapshot(), app.now());
    let request = ReportRequest::read(query, side, &client.access, &app.directory())?;
    if request.is_future(now) {
        return Ok(Answer::plain(StatusCode::OK, &[(); 0]));
    }
    let report = request.run(app, &live, now).await?;
    Ok(Answer::plain(StatusCode::OK, &report))
}
