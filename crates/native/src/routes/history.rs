//! `GET /v1/history`: the calls of an account that are over, the newest first, in parts that neither repeat nor leave
//! out a call while others end.

mod query;

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State},
};
use history::HistoryError;
use http_core::App;
use live::CommandError;
use questions::{FinishedPart, Place};

use crate::{auth::Client, convert::calls, errors::Failure, wire::calls::FinishedCallsWire};

/// A part of them; with `count`, how many there are.
pub async fn search(
    client: Client,
    State(app): State<Arc<App>>,
    Query(sent): Query<Vec<(String, String)>>,
) -> Result<Json<FinishedCallsWire>, Failure> {
    let wanted = query::read(&sent, app.now())?;
    let (history, accounts) = (&*app.history, vec![client.account]);
    let count = match wanted.is_counted {
        true => Some(wanted.calls.count(history, accounts.clone()).await.map_err(failed)?),
        false => None,
    };
    let place = (wanted.after, wanted.limit);
    let FinishedPart { records, next } = wanted.calls.part(history, accounts, place).await.map_err(failed)?;
    Ok(Json(FinishedCallsWire {
        count,
        calls: records.iter().map(|found| calls::finished(client.account, &found.record)).collect(),
        next: next.map(Place::text),
    }))
}

fn failed(error: HistoryError) -> Failure {
    CommandError::from(error).into()
}
