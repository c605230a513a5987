//! `POST /chart-active-calls`: the calls of an account over time, both sides (contract yeti.md, 6.1).

use std::time::Duration;

use call::{AccountId, Registry, Timestamp, activity::ActivityFilter, event::Side};
use directory::{Access, Snapshot};
use history::HistoryError;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::accounts::AccountView;
use crate::{
    App,
    yeti::{
        activity::{Activity, LONGEST},
        answer::Answer,
        body::{JsonBody, NewResource},
        chart::{Chart, Counts, Window},
        convert,
        errors::{Refusal, invalid_attribute, invalid_relationship, invalid_whole},
        request::ApiRequest,
        resource::{Relationship, Resource, attribute::Attribute, value::Value},
        wire::{chart::PointWire, error::ErrorWire},
    },
};

const DAY: Duration = Duration::from_secs(86_400);

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
    pub terminated: Vec<PointWire>,
    /// Calls that the account sends, at the same instants.
    pub originated: Vec<PointWire>,
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
    let selection = request.selection::<ActiveCallsChart>()?;
    let wanted = NewResource::read::<ActiveCallsChart>(&body)?;
    let (live, now) = (request.app.live.snapshot(), request.app.now());
    let asked = ChartRequest::read(&wanted, request.access(), &request.directory, now)?;
    let counted = asked.draw(&request.app, &live).await?;
    let printed = tokio::task::spawn_blocking(move || request.created(&asked.chart(&counted), &selection));
    printed.await.map_err(|_| Refusal::internal())
}

struct ChartRequest {
    account: AccountId,
    window: Window,
}

impl ChartRequest {
    fn read(
        wanted: &NewResource,
        access: &Access,
        directory: &Snapshot,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        let mut errors = Vec::new();
        let mut bound = |name, default| {
            time(&wanted.attributes, name, default).unwrap_or_else(|error| {
                errors.push(error);
                default
            })
        };
        let window = Window { from: bound("from-time", now - DAY), to: bound("to-time", now), now };
        let account = wanted.linked("account").and_then(|uuid| directory.account_by_uuid(uuid));
        let account = account.filter(|account| access.allows(account.id));
        if account.is_none() {
            errors.push(invalid_relationship("account", "can't be blank"));
        }
        if errors.is_empty() {
            errors.extend(window_error(&window));
        }
        match (account, Refusal::all(errors)) {
            (Some(account), None) => Ok(Self { account: account.id, window }),
            (_, refusal) => Err(refusal.unwrap_or_else(Refusal::internal)),
        }
    }

    async fn draw(&self, app: &App, live: &Registry) -> Result<Chart, HistoryError> {
        let (from, to) = self.window.counted();
        let terminated = self.activity(app, live, Side::Termination);
        let originated = self.activity(app, live, Side::Origination);
        let outages = app.history.outages(from..to).await?;
        let counts = Counts {
            terminated: terminated.per_minute(from, to).await?,
            originated: originated.per_minute(from, to).await?,
        };
        Ok(self.window.chart(&counts, (terminated.live_count(), originated.live_count()), &outages))
    }

    fn activity<'a>(&self, app: &'a App, live: &'a Registry, side: Side) -> Activity<'a> {
        let filter = ActivityFilter::default();
        Activity { history: &*app.history, live, account: self.account, side, filter }
    }

    fn chart(&self, counted: &Chart) -> ActiveCallsChart {
        ActiveCallsChart {
            id: Uuid::new_v4(),
            account: self.account,
            from: self.window.from,
            to: self.window.to,
            terminated: counted.terminated(),
            originated: counted.originated(),
        }
    }
}

fn time(attributes: &Map<String, Json>, name: &str, default: Timestamp) -> Result<Timestamp, ErrorWire> {
    let Some(value) = attributes.get(name) else { return Ok(default) };
    let time = value.as_str().and_then(convert::time);
    time.ok_or_else(|| invalid_attribute(name, "is invalid"))
}

/// The first text is the original's, which says the reverse of what it means.
fn window_error(window: &Window) -> Option<ErrorWire> {
    if window.from > window.to {
        return Some(invalid_whole("from_time must be greater than to_time"));
    }
    let days = LONGEST.as_secs() / DAY.as_secs();
    let is_too_long = window.to.min(window.now).since(window.from) > LONGEST;
    let message = format!("must be at most {days} days before to-time and the present");
    is_too_long.then(|| invalid_attribute("from-time", &message))
}
