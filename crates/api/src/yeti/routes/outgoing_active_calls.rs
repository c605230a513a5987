//! `GET /outgoing-active-calls`: the calls that an account sends at this moment (contract yeti.md, 6.6).

use std::sync::Arc;

use axum::extract::State;

use crate::{
    App,
    yeti::{
        answer::Answer, client::ReportClient, errors::report::ReportRefusal, query::Query,
        report::outgoing_calls,
    },
};

/// Lists the calls.
pub async fn list(
    ReportClient(client): ReportClient,
    query: Query,
    State(app): State<Arc<App>>,
) -> Result<Answer, ReportRefusal> {
    outgoing_calls::answer(&app, &client, &query).await
}
