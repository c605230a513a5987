//! `POST /chart-active-calls`: the calls of an account over time, both sides (contract yeti.md, 6.1).

use call::{AccountId, Registry, Timestamp, event::Side, filter::CallFilter};
use history::HistoryError;
use uuid::Uuid;

use super::accounts::AccountView;
use crate::{
    App,
    yeti::{
        activity::Activity,
        answer::Answer,
        body::{JsonBody, NewResource},
        chart::{Chart, Counts, request::ChartRequest},
        errors::Refusal,
        request::ApiRequest,
        resource::{Relationship, Resource, attribute::Attribute, value::Value},
        wire::chart::PointWire,
    },
};

/// A chart.
pub struct ActiveCallsChart {
    /// Its id, made for it alone.
    pub id: Uuid,
    /// Whose calls.
    pub account: AccountId,
    /// Where it begins.
    pub from: Timestamp,
    /// Where it ends.
    pub to: Timestamp,
    /// Calls that the account takes.
    pub terminated: Vec<PointWire<u32>>,
    /// Calls that the account sends, at the same instants.
    pub originated: Vec<PointWire<u32>>,
}

impl Resource for ActiveCallsChart {
    const KIND: &'static str = "chart-active-calls";
    const ID: &'static Attribute<Self> = &Attribute::uuid("id", |chart: &Self| chart.id.into()).plain();
    const ATTRIBUTES: &'static [Attribute<Self>] = &[
        Attribute::time("from-time", |chart: &Self| chart.from.into()).sent_only(),
        Attribute::time("to-time", |chart: &Self| chart.to.into()).sent_only(),
        Attribute::json("terminated-calls", |chart| Value::json(&chart.terminated)),
        Attribute::json("originated-calls", |chart| Value::json(&chart.originated)),
    ];
    const RELATIONSHIPS: &'static [Relationship<Self>] = &[Relationship {
        name: "account",
        kind: AccountView::KIND,
        follow: |chart, known| known.account(chart.account),
    }];
    const CREATABLE: &'static [&'static str] = &["from-time", "to-time"];
}

/// Counts the calls. The chart is not kept: nothing is found under its id later.
pub async fn create(request: ApiRequest, JsonBody(body): JsonBody) -> Result<Answer, Refusal> {
    let presenter = request.presenter::<ActiveCallsChart>().await?;
    let wanted = NewResource::read::<ActiveCallsChart>(&body)?;
    let (live, now) = (request.app.live.snapshot(), request.app.now());
    let asked = ChartRequest::read(&wanted, request.access(), &request.directory, now)?;
    let counted = count(&asked, &request.app, &live).await?;
    let printed = tokio::task::spawn_blocking(move || presenter.created(&chart(&asked, &counted)));
    printed.await.map_err(|_| Refusal::internal())
}

/// Counts both sides, minute by minute.
async fn count(asked: &ChartRequest, app: &App, live: &Registry) -> Result<Chart, HistoryError> {
    let (from, to) = asked.window.counted();
    let activity = |side| {
        let filter = CallFilter::default();
        Activity { history: &*app.history, live, account: asked.account, side, filter }
    };
    let (terminated, originated) = (activity(Side::Termination), activity(Side::Origination));
    let outages = app.history.outages(from..to).await?;
    let counts = Counts {
        terminated: terminated.per_minute(from, to).await?,
        originated: originated.per_minute(from, to).await?,
    };
    Ok(asked.window.chart(&counts, (terminated.live_count(), originated.live_count()), &outages))
}

fn chart(asked: &ChartRequest, counted: &Chart) -> ActiveCallsChart {
    ActiveCallsChart {
        id: Uuid::new_v4(),
        account: asked.account,
        from: asked.window.from,
        to: asked.window.to,
        terminated: counted.terminated(),
        originated: counted.originated(),
    }
}
