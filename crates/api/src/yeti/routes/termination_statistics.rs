//! `GET /termination-statistics`: what became of the calls that an account took (contract yeti.md, 6.7).

use std::sync::Arc;

use axum::extract::State;
use call::event::Side;

use crate::{
    App,
    yeti::{
        answer::Answer, client::ReportClient, errors::report::ReportRefusal, query::Query, report::statistics,
    },
};

/// Adds up the calls.
pub async fn show(
    ReportClient(client): ReportClient,
    query: Query,
    State(app): State<Arc<App>>,
) -> Result<Answer, ReportRefusal> {
    statistics::answer(&app, &client, &query, Side::Termination).await
}
