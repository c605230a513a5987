//! Active calls per minute (contract yeti.md, 6.2 and 6.5).

use axum::http::StatusCode;
use call::{Registry, Timestamp, event::Side, series::Grid};
use http_core::App;
use questions::activity::Activity;

use super::{calls::CallParameters, print, request::ReportRequest};
use crate::{
    answer::Answer,
    errors::report::{ParameterError, ReportRefusal},
    span::{LONGEST, LONGEST_DAYS, MINUTE},
    wire::active_calls::{ActiveCallsWire, SeriesWire},
};

const REQUIRED: [&str; 2] = ["account-id", "from-time"];

/// The report of one side. One that begins in the future is not a report, but an empty list.
pub async fn answer(request: &ReportRequest, side: Side) -> Result<Answer, ReportRefusal> {
    let app = &request.app;
    let (live, now) = (app.live.snapshot(), app.now());
    let calls = CallParameters::read(request, side, &REQUIRED)?;
    if calls.from > now {
        return Ok(Answer::plain(StatusCode::OK, &[(); 0]));
    }
    let counted = count(app, &live, calls, side, now).await?;
    print(move || Answer::plain(StatusCode::OK, &counted)).await
}

/// A point at each whole minute from the first at or after the beginning to the last at or before the end and
/// the present.
async fn count(
    app: &App,
    live: &Registry,
    calls: CallParameters,
    side: Side,
    now: Timestamp,
) -> Result<ActiveCallsWire, ReportRefusal> {
    let (from, to) = (calls.from, calls.to.unwrap_or(now).min(now));
    if to.since(from) > LONGEST {
        return Err(ParameterError::TooFarBack(LONGEST_DAYS).into());
    }
    let CallParameters { account, filter, .. } = calls;
    let activity = Activity { history: &*app.history, live, account, side, filter };
    let minutes = Grid::aligned(from, to, MINUTE);
    let calls = activity.at(minutes).await?;
    let t = minutes.instants().map(Timestamp::as_seconds).collect();
    Ok(ActiveCallsWire { rows: calls.len(), data: SeriesWire { t, calls } })
}
