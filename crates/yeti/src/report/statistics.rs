//! Statistics of finished calls (contract yeti.md, 6.7).

mod present;

use axum::http::StatusCode;
use call::{
    Timestamp,
    event::Side,
    statistics::{Sampling, Statistics},
};
use history::HistoryError;
use http_core::App;

use super::{calls::CallParameters, print, request::ReportRequest};
use crate::{
    answer::Answer,
    errors::report::{ParameterError, ReportRefusal},
    span::{LONGEST, LONGEST_DAYS, TICK},
};

const REQUIRED: [&str; 3] = ["account-id", "from-time", "sampling"];

/// What is asked for.
struct StatisticsRequest {
    calls: CallParameters,
    side: Side,
    sampling: Sampling,
}

/// How many calls, how long and for how much: stretches with calls alone. Statistics that begin in the future
/// are an empty list.
pub async fn answer(request: &ReportRequest, side: Side) -> Result<Answer, ReportRefusal> {
    let wanted = StatisticsRequest::read(request, side, sampling)?;
    if wanted.calls.from > request.app.now() {
        return Ok(Answer::plain(StatusCode::OK, &[(); 0]));
    }
    let statistics = wanted.gather(&request.app).await?;
    print(move || Answer::plain(StatusCode::OK, &present::statistics(&statistics))).await
}

/// How well calls come about: every stretch from the beginning to the end or the present, with calls or not.
pub async fn answer_quality(request: &ReportRequest, side: Side) -> Result<Answer, ReportRefusal> {
    let now = request.app.now();
    let wanted = StatisticsRequest::read(request, side, quality_sampling)?;
    if wanted.calls.from > now {
        return Ok(Answer::plain(StatusCode::OK, &[(); 0]));
    }
    let statistics = wanted.gather_filled(&request.app, now).await?;
    print(move || Answer::plain(StatusCode::OK, &present::quality(&statistics))).await
}

impl StatisticsRequest {
    /// `sampling` is read last, as in the original.
    fn read(
        request: &ReportRequest,
        side: Side,
        sampling: fn(&str) -> Option<Sampling>,
    ) -> Result<Self, ParameterError> {
        let calls = CallParameters::read(request, side, &REQUIRED)?;
        let sampling = sampling(&calls.sampling).ok_or(ParameterError::Sampling)?;
        Ok(Self { calls, side, sampling })
    }

    async fn gather(&self, app: &App) -> Result<Statistics, HistoryError> {
        let CallParameters { account, from, to, filter, .. } = &self.calls;
        let range = *from..to.map_or(Timestamp::MAX, |to| to + TICK);
        app.history.statistics(*account, self.side, range, filter.clone(), self.sampling).await
    }

    async fn gather_filled(&self, app: &App, now: Timestamp) -> Result<Statistics, ReportRefusal> {
        let CallParameters { from, to, .. } = self.calls;
        let until = to.map_or(now, |to| now.min(to + TICK));
        if until.since(from) > LONGEST {
            return Err(ParameterError::TooFarBack(LONGEST_DAYS).into());
        }
        let mut statistics = self.gather(app).await?;
        statistics.fill(from, until);
        Ok(statistics)
    }
}

fn sampling(name: &str) -> Option<Sampling> {
    match name {
        "minute" => Some(Sampling::Minute),
        "5minutes" => Some(Sampling::FiveMinutes),
        "hour" => Some(Sampling::Hour),
        "day" => Some(Sampling::Day),
        "week" => Some(Sampling::Week),
        "month" => Some(Sampling::Month),
        _ => None,
    }
}

fn quality_sampling(name: &str) -> Option<Sampling> {
    match name {
        "minute" => Some(Sampling::Minute),
        "5minutes" => Some(Sampling::FiveMinutes),
        "15minutes" => Some(Sampling::FifteenMinutes),
        _ => None,
    }
}
