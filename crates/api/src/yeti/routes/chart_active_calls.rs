//! `POST /chart-active-calls`: the calls of an account over time, both sides (contract yeti.md, 6.1).

use std::{sync::Arc, time::Duration};

use axum::extract::State;
use call::{Registry, Timestamp, activity::ActivityFilter, event::Side};
use directory::{Access, Snapshot, model::Account};
use history::HistoryError;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{
    App,
    yeti::{
        activity::{Activity, LONGEST},
        answer::Answer,
        body::{JsonBody, NewResource},
        chart::{Chart, Counts, Window},
        client::Client,
        convert,
        errors::{Refusal, invalid_attribute, invalid_relationship, invalid_whole},
        links::Links,
        negotiation::Negotiated,
        present::Presenter,
        query::{Query, selection::Selection},
        resource::CHART_ACTIVE_CALLS,
        wire::{chart::ChartWire, error::ErrorWire, time::TimeWire},
    },
};

const DAY: Duration = Duration::from_secs(86_400);

/// Counts the calls. The chart is not kept: nothing is found under its id later.
pub async fn create(
    client: Client,
    _: Negotiated,
    links: Links,
    query: Query,
    State(app): State<Arc<App>>,
    JsonBody(body): JsonBody,
) -> Result<Answer, Refusal> {
    let selection = Selection::read(&query, &CHART_ACTIVE_CALLS)?;
    let wanted = NewResource::read(&body, &CHART_ACTIVE_CALLS)?;
    let (live, now) = (app.live.snapshot(), app.now());
    let request = ChartRequest::read(&wanted, &client.access, &app.directory(), now)?;
    let chart = request.draw(&app, &live).await?;
    let printed = tokio::task::spawn_blocking(move || {
        let id = Uuid::new_v4().to_string();
        let presenter = Presenter { links: &links, selection: &selection };
        let attributes = request.attributes(&chart);
        let document = presenter.document(&CHART_ACTIVE_CALLS, &id, attributes, &request.account);
        Answer::created(&links.resource(CHART_ACTIVE_CALLS.kind, &id), &document)
    });
    printed.await.map_err(|_| Refusal::internal())
}

struct ChartRequest {
    account: Account,
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
        let account = wanted.account.and_then(|uuid| directory.account_by_uuid(uuid));
        let account = account.filter(|account| access.allows(account.id));
        if account.is_none() {
            errors.push(invalid_relationship("account", "can't be blank"));
        }
        if errors.is_empty() {
            errors.extend(window_error(&window));
        }
        match (account, Refusal::all(errors)) {
            (Some(account), None) => Ok(Self { account: account.clone(), window }),
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
        Activity { history: &*app.history, live, account: self.account.id, side, filter }
    }

    fn attributes(&self, chart: &Chart) -> ChartWire {
        ChartWire {
            from_time: TimeWire(self.window.from),
            to_time: TimeWire(self.window.to),
            terminated_calls: chart.terminated(),
            originated_calls: chart.originated(),
        }
    }
}

fn time(attributes: &Map<String, Value>, name: &str, default: Timestamp) -> Result<Timestamp, ErrorWire> {
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
