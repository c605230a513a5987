//! `POST /chart-originated-cps`: the calls per second that an account sent, minute by minute (contract yeti.md,
//! 6.4).

use call::{
    AccountId, Timestamp,
    event::Side,
    filter::CallFilter,
    statistics::{Sampling, Statistics},
};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::accounts::AccountView;
use crate::yeti::{
    activity::TICK,
    answer::Answer,
    body::{JsonBody, NewResource},
    chart::request::ChartRequest,
    convert,
    errors::Refusal,
    request::ApiRequest,
    resource::{Relationship, Resource, attribute::Attribute, value::Value},
    wire::{attribute::DecimalWire, chart::PointWire, time::TimeWire},
};

const SECONDS_PER_MINUTE: u32 = 60;
const PLACES: u32 = 3;

/// A chart.
pub struct OriginatedCpsChart {
    /// Its id, made for it alone.
    pub id: Uuid,
    /// Whose calls.
    pub account: AccountId,
    /// Where it begins.
    pub from: Timestamp,
    /// Where it ends.
    pub to: Timestamp,
    /// Calls per second in minutes with calls, three places.
    pub cps: Vec<PointWire<DecimalWire>>,
}

impl Resource for OriginatedCpsChart {
    const KIND: &'static str = "chart-originated-cps";
    const ID: &'static Attribute<Self> = &Attribute::uuid("id", |chart: &Self| chart.id.into()).plain();
    const ATTRIBUTES: &'static [Attribute<Self>] = &[
        Attribute::time("from-time", |chart: &Self| chart.from.into()).sent_only(),
        Attribute::time("to-time", |chart: &Self| chart.to.into()).sent_only(),
        Attribute::json("cps", |chart| Value::json(&chart.cps)),
    ];
    const RELATIONSHIPS: &'static [Relationship<Self>] = &[Relationship {
        name: "account",
        kind: AccountView::KIND,
        follow: |chart, known| known.account(chart.account),
    }];
    const CREATABLE: &'static [&'static str] = &["from-time", "to-time"];
}

/// Counts the finished calls that began in the chart's time. The chart is not kept: nothing is found under its
/// id later.
pub async fn create(request: ApiRequest, JsonBody(body): JsonBody) -> Result<Answer, Refusal> {
    let presenter = request.presenter::<OriginatedCpsChart>().await?;
    let wanted = NewResource::read::<OriginatedCpsChart>(&body)?;
    let now = request.app.now();
    let asked = ChartRequest::read(&wanted, request.access(), &request.directory, now)?;
    let range = asked.window.from..asked.window.to + TICK;
    let (history, side, filter) = (&request.app.history, Side::Origination, CallFilter::default());
    let counted = history.statistics(asked.account, side, range, filter, Sampling::Minute).await?;
    let printed = tokio::task::spawn_blocking(move || presenter.created(&chart(&asked, &counted)));
    printed.await.map_err(|_| Refusal::internal())
}

fn chart(asked: &ChartRequest, counted: &Statistics) -> OriginatedCpsChart {
    let per_second = |calls: u64| Decimal::from(calls) / Decimal::from(SECONDS_PER_MINUTE);
    let cps = counted.stretches().map(|(minute, tally)| PointWire {
        y: DecimalWire(convert::rounded(per_second(tally.calls), PLACES)),
        x: TimeWire(minute),
    });
    OriginatedCpsChart {
        id: Uuid::new_v4(),
        account: asked.account,
        from: asked.window.from,
        to: asked.window.to,
        cps: cps.collect(),
    }
}
