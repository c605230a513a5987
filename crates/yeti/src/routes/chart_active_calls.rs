//! `POST /chart-active-calls`: the calls of an account over time, both sides (contract yeti.md, 6.1).

use call::{event::Side, filter::CallFilter, series::Grid};
use history::HistoryError;
use http_core::App;
use questions::activity::Activity;

use crate::{
    chart::{
        Chart, Counts,
        request::ChartRequest,
        view::{ChartView, Points, from_time, to_time},
    },
    resource::{attribute::Attribute, value::Value},
    span::MINUTE,
    wire::chart::PointWire,
};

/// Calls at some instants, the same for both sides.
pub struct ActiveCalls {
    /// Calls that the account takes.
    pub terminated: Vec<PointWire<u32>>,
    /// Calls that the account sends.
    pub originated: Vec<PointWire<u32>>,
}

impl Points for ActiveCalls {
    const KIND: &'static str = "chart-active-calls";
    const ATTRIBUTES: &'static [Attribute<ChartView<Self>>] = &[
        from_time(),
        to_time(),
        Attribute::json("terminated-calls", |chart| Value::json(&chart.points.terminated)),
        Attribute::json("originated-calls", |chart| Value::json(&chart.points.originated)),
    ];
    type Counted = Chart;

    /// Counts both sides, minute by minute.
    async fn count(asked: &ChartRequest, app: &App) -> Result<Chart, HistoryError> {
        let live = &app.live.snapshot();
        let (from, to) = asked.window.counted();
        let activity = |side| {
            let filter = CallFilter::default();
            Activity { history: &*app.history, live, account: asked.account, side, filter }
        };
        let (terminated, originated) = (activity(Side::Termination), activity(Side::Origination));
        let outages = app.history.outages(from..to).await?;
        let minutes = Grid::aligned(from, to, MINUTE);
        let counts =
            Counts { terminated: terminated.at(minutes).await?, originated: originated.at(minutes).await? };
        Ok(asked.window.chart(&counts, (terminated.live_count(), originated.live_count()), &outages))
    }

    fn new(counted: &Chart) -> Self {
        Self { terminated: counted.terminated(), originated: counted.originated() }
    }
}
