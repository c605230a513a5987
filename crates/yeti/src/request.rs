//! A request of the JSON:API family that has passed the first checks (contract yeti.md, 1.3): who asks, then
//! which media types. What it says in its query and body is read by its handler.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use directory::{Access, Snapshot};
use http_core::App;
use jiff::tz::TimeZone;

use super::{
    client::Client,
    errors::Refusal,
    links::Links,
    negotiation::Negotiated,
    present::Presenter,
    query::{Query, selection::Selection, viewer::Viewer},
    resource::{Resource, Shape, known::Known},
};
use crate::state::Yeti;

/// A request.
pub struct ApiRequest {
    /// The server.
    pub app: Arc<App>,
    /// Who asks.
    pub client: Client,
    /// The directory as it was when the request came.
    pub directory: Arc<Snapshot>,
    /// Where resources are.
    pub links: Links,
    /// The query string.
    pub query: Query,
    viewer: Viewer,
}

/// A request for a file. The file is what it is: which media types the client takes is not looked at.
pub struct FileRequest(pub ApiRequest);

/// The id in a path, as it was sent.
pub struct SentId(pub String);

impl ApiRequest {
    /// What the client may see.
    pub fn access(&self) -> &Access {
        &self.client.access
    }

    /// The zone of times without an offset.
    pub fn zone(&self) -> &TimeZone {
        &self.viewer.zone
    }

    /// For whom the query is read.
    pub fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// What shows resources of type `T` as far as `include` and `fields` want it.
    pub async fn presenter<T: Resource>(&self) -> Result<Presenter, Refusal> {
        let selection = Selection::read(&self.query, Shape::of::<T>(), &self.viewer)?;
        let known = if selection.included.is_empty() { None } else { Some(self.known().await?) };
        Ok(Presenter { links: self.links.clone(), selection, known })
    }

    /// What relationships lead to. Accounts have a balance, which the history is asked for.
    pub async fn known(&self) -> Result<Known, Refusal> {
        let movements = self.app.history.balance_movements(self.access().accounts().to_vec()).await?;
        Ok(Known { directory: self.directory.clone(), movements, now: self.app.now() })
    }

    async fn read(client: Client, parts: &mut Parts, yeti: &Yeti) -> Result<Self, Refusal> {
        let links = Links::from_request_parts(parts, yeti).await?;
        let Ok(query) = Query::from_request_parts(parts, yeti).await;
        let directory = yeti.directory();
        let viewer = Viewer { zone: yeti.config.time_zone.clone(), hidden: client.hidden(&directory) };
        Ok(Self { client, directory, links, query, viewer, app: yeti.app.clone() })
    }
}

impl FromRequestParts<Yeti> for ApiRequest {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, yeti: &Yeti) -> Result<Self, Self::Rejection> {
        let client = Client::from_request_parts(parts, yeti).await?;
        Negotiated::from_request_parts(parts, yeti).await?;
        Self::read(client, parts, yeti).await
    }
}

impl FromRequestParts<Yeti> for FileRequest {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, yeti: &Yeti) -> Result<Self, Self::Rejection> {
        let client = Client::from_request_parts(parts, yeti).await?;
        ApiRequest::read(client, parts, yeti).await.map(Self)
    }
}

impl FromRequestParts<Yeti> for SentId {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, yeti: &Yeti) -> Result<Self, Self::Rejection> {
        let path = Path::<String>::from_request_parts(parts, yeti).await;
        path.map(|Path(id)| Self(id)).map_err(|_| Refusal::record_not_found("?"))
    }
}
