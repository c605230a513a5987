//! `GET /origination-active-calls`: calls that an account sends, per minute (contract yeti.md, 6.2).

use std::sync::Arc;

use axum::extract::State;
use call::event::Side;

use crate::{
    App,
    yeti::{
        answer::Answer, client::ReportClient, errors::report::ReportRefusal, query::Query,
        report::active_calls,
    },
};

/// Counts the calls.
pub async fn show(
    ReportClient(client): ReportClient,
    query: Query,
    State(app): State<Arc<App>>,
) -> Result<Answer, ReportRefusal> {
    active_calls::answer(&app, &client, &query, Side::Origination).await
}
