//! `POST /chart-originated-cps`: the calls per second that an account sent, minute by minute (contract yeti.md,
//! 6.4).

use call::{
    event::Side,
    filter::CallFilter,
    statistics::{Sampling, Statistics},
};
use history::HistoryError;
use http_core::App;
use rust_decimal::Decimal;

use crate::{
    chart::{
        request::ChartRequest,
        view::{ChartView, Points, from_time, to_time},
    },
    convert,
    resource::{attribute::Attribute, value::Value},
    span::TICK,
    wire::{attribute::DecimalWire, chart::PointWire, time::TimeWire},
};

const SECONDS_PER_MINUTE: u32 = 60;
const PLACES: u32 = 3;

/// Calls per second in minutes with calls, three places.
pub struct OriginatedCps(pub Vec<PointWire<DecimalWire>>);

impl Points for OriginatedCps {
    const KIND: &'static str = "chart-originated-cps";
    const ATTRIBUTES: &'static [Attribute<ChartView<Self>>] =
        &[from_time(), to_time(), Attribute::json("cps", |chart| Value::json(&chart.points.0))];
    type Counted = Statistics;

    /// Counts the finished calls that began in the chart's time.
    async fn count(asked: &ChartRequest, app: &App) -> Result<Statistics, HistoryError> {
        let range = asked.window.from..asked.window.to + TICK;
        let (side, filter) = (Side::Origination, CallFilter::default());
        app.history.statistics(asked.account, side, range, filter, Sampling::Minute).await
    }

    fn new(counted: &Statistics) -> Self {
        let per_second = |calls: u64| Decimal::from(calls) / Decimal::from(SECONDS_PER_MINUTE);
        let points = counted.stretches().map(|(minute, tally)| PointWire {
            y: DecimalWire(convert::rounded(per_second(tally.calls), PLACES)),
            x: TimeWire(minute),
        });
        Self(points.collect())
    }
}
