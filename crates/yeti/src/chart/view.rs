//! Charts as resources: what they have in common, and how one is made.

use std::future::Future;

use call::{AccountId, Timestamp};
use history::HistoryError;
use http_core::App;
use uuid::Uuid;

use super::request::ChartRequest;
use crate::{
    answer::Answer,
    body::{JsonBody, NewResource},
    errors::Refusal,
    request::ApiRequest,
    resource::{Follow, Relationship, Resource, attribute::Attribute},
    routes::accounts::AccountView,
};

/// A chart. It is not kept: nothing is found under its id later.
pub struct ChartView<P> {
    /// Its id, made for it alone.
    pub id: Uuid,
    /// Whose calls.
    pub account: AccountId,
    /// Where it begins.
    pub from: Timestamp,
    /// Where it ends.
    pub to: Timestamp,
    /// What it shows.
    pub points: P,
}

/// What a chart shows.
pub trait Points: Sized + Send + Sync + 'static {
    /// The type of the chart.
    const KIND: &'static str;
    /// Its attributes: where it [begins](from_time), where it [ends](to_time), and its points.
    const ATTRIBUTES: &'static [Attribute<ChartView<Self>>];
    /// What is counted for it.
    type Counted: Send + 'static;

    /// Counts the calls.
    fn count(
        asked: &ChartRequest,
        app: &App,
    ) -> impl Future<Output = Result<Self::Counted, HistoryError>> + Send;

    /// The points.
    fn new(counted: &Self::Counted) -> Self;
}

/// Where a chart begins.
pub const fn from_time<P>() -> Attribute<ChartView<P>> {
    Attribute::time("from-time", |chart: &ChartView<P>| chart.from.into()).sent_only()
}

/// Where a chart ends.
pub const fn to_time<P>() -> Attribute<ChartView<P>> {
    Attribute::time("to-time", |chart: &ChartView<P>| chart.to.into()).sent_only()
}

impl<P: Points> Resource for ChartView<P> {
    const KIND: &'static str = P::KIND;
    const ID: &'static Attribute<Self> = &Attribute::uuid("id", |chart: &Self| chart.id.into()).plain();
    const ATTRIBUTES: &'static [Attribute<Self>] = P::ATTRIBUTES;
    const RELATIONSHIPS: &'static [Relationship<Self>] = &[Relationship {
        name: "account",
        kind: AccountView::KIND,
        follow: Follow::ToOne(|chart, known| known.account(chart.account)),
    }];
    const CREATABLE: &'static [&'static str] = &["from-time", "to-time"];
}

/// Counts the calls and draws the chart, the latter off the asynchronous threads: it may be long.
pub async fn create<P: Points>(request: ApiRequest, JsonBody(body): JsonBody) -> Result<Answer, Refusal> {
    let presenter = request.presenter::<ChartView<P>>().await?;
    let wanted = NewResource::read::<ChartView<P>>(&body)?;
    let asked =
        ChartRequest::read(&wanted, request.access(), &request.directory, request.app.now(), request.zone())?;
    let counted = P::count(&asked, &request.app).await?;
    let printed = tokio::task::spawn_blocking(move || presenter.created(&drawn::<P>(&asked, &counted)));
    printed.await.map_err(|_| Refusal::internal())
}

fn drawn<P: Points>(asked: &ChartRequest, counted: &P::Counted) -> ChartView<P> {
    ChartView {
        id: Uuid::new_v4(),
        account: asked.account,
        from: asked.window.from,
        to: asked.window.to,
        points: P::new(counted),
    }
}
