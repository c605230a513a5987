//! A request of the JSON:API family that has passed the first checks (contract yeti.md, 1.3): who asks, then
//! which media types. What it says in its query and body is read by its handler.

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use call::AccountId;
use directory::{Access, Snapshot};
use rust_decimal::Decimal;

use super::{
    answer::Answer,
    client::Client,
    errors::Refusal,
    links::Links,
    negotiation::Negotiated,
    present::Presenter,
    query::{
        Query,
        selection::Selection,
        wanted::{Found, Wanted},
    },
    resource::{Resource, Shape, known::Known, shown::Shown},
    wire::document::{ListWire, MetaWire},
};
use crate::App;

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
    movements: HashMap<AccountId, Decimal>,
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

    /// `include` and `fields`, of a request for resources of type `T`.
    pub fn selection<T: Resource>(&self) -> Result<Selection, Refusal> {
        Selection::read(&self.query, Shape::of::<T>())
    }

    /// What relationships lead to.
    pub fn known(&self) -> Known<'_> {
        Known { directory: &self.directory, movements: &self.movements }
    }

    /// The answer with one resource, or none.
    pub fn one(&self, resource: Option<&dyn Shown>, selection: &Selection) -> Answer {
        Answer::ok(&self.presenter(selection, &self.known()).document(resource))
    }

    /// The answer with a new resource.
    pub fn created(&self, resource: &dyn Shown, selection: &Selection) -> Answer {
        let document = self.presenter(selection, &self.known()).document(Some(resource));
        Answer::created(&resource.link(&self.links).unwrap_or_default(), &document)
    }

    /// The answer with a page of a list.
    pub fn list<T: Resource>(&self, wanted: &Wanted<T>, found: &Found<T>, selection: &Selection) -> Answer {
        let known = self.known();
        let presenter = self.presenter(selection, &known);
        Answer::ok(&ListWire {
            data: found.items.iter().map(|item| presenter.resource(item)).collect(),
            included: presenter.included(found.items.iter().map(|item| item as &dyn Shown)),
            meta: MetaWire { total_count: found.total },
            links: wanted.page.links(&self.links.list(T::KIND), &self.query, found.total),
        })
    }

    async fn read(client: Client, parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refusal> {
        let links = Links::from_request_parts(parts, app).await?;
        let Ok(query) = Query::from_request_parts(parts, app).await;
        // Nearly every resource leads to an account, which shows its balance.
        let movements = app.history.balance_movements(client.access.accounts().to_vec()).await?;
        Ok(Self { client, directory: app.directory(), links, query, app: app.clone(), movements })
    }

    /// What puts documents together for this request.
    pub fn presenter<'a>(&'a self, selection: &'a Selection, known: &'a Known<'a>) -> Presenter<'a> {
        Presenter { links: &self.links, selection, known }
    }
}

impl FromRequestParts<Arc<App>> for ApiRequest {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        let client = Client::from_request_parts(parts, app).await?;
        Negotiated::from_request_parts(parts, app).await?;
        Self::read(client, parts, app).await
    }
}

impl FromRequestParts<Arc<App>> for FileRequest {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        let client = Client::from_request_parts(parts, app).await?;
        ApiRequest::read(client, parts, app).await.map(Self)
    }
}

impl FromRequestParts<Arc<App>> for SentId {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        let path = Path::<String>::from_request_parts(parts, app).await;
        path.map(|Path(id)| Self(id)).map_err(|_| Refusal::record_not_found("?"))
    }
}
