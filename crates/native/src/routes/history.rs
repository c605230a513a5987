//! `GET /v1/history`: the calls of an account that are over, the newest first, in parts that neither repeat nor leave
//! out a call while others end.

mod query;

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State},
};
use history::{HistoryError, RecordQuery};
use http_core::App;
use live::CommandError;
use questions::Place;

use crate::{auth::Client, convert::calls, errors::Failure, wire::calls::FinishedCallsWire};

/// A part of them; with `count`, how many there are.
pub async fn search(
    client: Client,
    State(app): State<Arc<App>>,
    Query(sent): Query<Vec<(String, String)>>,
) -> Result<Json<FinishedCallsWire>, Failure> {
    let wanted = query::read(&sent, app.now())?;
    let base = wanted.calls.query(vec![client.account]);
    let count = match wanted.is_counted {
        true => app.history.search(RecordQuery { count: true, ..base.clone() }).await.map_err(failed)?.total,
        false => None,
    };
    let limit = wanted.limit + 1;
    let part = wanted.after.map_or_else(|| base.clone(), |place| place.narrow(base.clone()));
    let mut records = app.history.search(RecordQuery { limit, ..part }).await.map_err(failed)?.records;
    let is_more = records.len() > wanted.limit as usize;
    records.truncate(wanted.limit as usize);
    let starts: Vec<_> = records.iter().map(|found| found.record.started_at).collect();
    let next = Place::behind(&starts, wanted.after).filter(|_| is_more);
    Ok(Json(FinishedCallsWire {
        count,
        calls: records.iter().map(|found| calls::finished(client.account, &found.record)).collect(),
        next: next.map(Place::text),
    }))
}

fn failed(error: HistoryError) -> Failure {
    CommandError::from(error).into()
}
