//! `GET /termination-statistics-quality`: how well the calls that an account took came about (contract yeti.md, 6.7).

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
    statistics::answer_quality(&app, &client, &query, Side::Termination).await
}
