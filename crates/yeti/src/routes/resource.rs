//! The routes of resources that clients list and read (contract yeti.md, section 4): the same for each.

use std::future::Future;

use axum::http::Method;
use http_core::route::{Guard, Route};

use super::route;
use crate::{
    answer::Answer,
    errors::Refusal,
    present::Presenter,
    query::{
        filter::{self, Filter},
        selection::Selection,
        wanted::{Found, Wanted},
    },
    request::{ApiRequest, SentId},
    resource::{Follow, Relationship, Resource, Shape, ToOne},
    state::Yeti,
};

/// A resource that clients list and read.
pub trait Listed: Resource {
    /// The page that is wanted of those that the client may see.
    fn list(
        request: &ApiRequest,
        wanted: &Wanted<Self>,
    ) -> impl Future<Output = Result<Found<Self>, Refusal>> + Send;

    /// The one of this id, if the client may see it.
    fn find(request: &ApiRequest, id: &str) -> impl Future<Output = Result<Option<Self>, Refusal>> + Send;
}

/// The routes of a resource: the list, one, and for each relationship what it leads to and the relationship
/// itself.
pub fn routes<T: Listed>(guard: Guard) -> Vec<Route<Yeti>> {
    let one = format!("/{}/{{id}}", T::KIND);
    let get = Method::GET;
    let mut routes =
        vec![route(&get, &format!("/{}", T::KIND), guard, list::<T>), route(&get, &one, guard, show::<T>)];
    for relationship in T::RELATIONSHIPS {
        let name = relationship.name;
        let itself = move |request, id| itself::<T>(request, id, relationship);
        if let Follow::ToOne(follow) = relationship.follow {
            let related = move |request, id| related::<T>(request, id, (relationship.kind, follow));
            routes.push(route(&get, &format!("{one}/{name}"), guard, related));
        }
        routes.push(route(&get, &format!("{one}/relationships/{name}"), guard, itself));
    }
    routes
}

async fn list<T: Listed>(request: ApiRequest) -> Result<Answer, Refusal> {
    let presenter = request.presenter::<T>().await?;
    let wanted = Wanted::read(&request.query, request.viewer())?;
    let found = T::list(&request, &wanted).await?;
    Ok(presenter.list(&wanted, &found, &request.query))
}

async fn show<T: Listed>(request: ApiRequest, id: SentId) -> Result<Answer, Refusal> {
    let presenter = request.presenter::<T>().await?;
    // Filters are checked, but one resource is not filtered.
    let _: Vec<Filter<T>> = filter::read(&request.query, request.viewer())?;
    let found: T = find(&request, &id).await?;
    Ok(presenter.one(Some(&found)))
}

/// What a relationship to one leads to.
async fn related<T: Listed>(
    request: ApiRequest,
    id: SentId,
    (kind, follow): (&'static str, ToOne<T>),
) -> Result<Answer, Refusal> {
    let shape = Shape::named(kind).ok_or_else(Refusal::internal)?;
    let selection = Selection::read(&request.query, shape, request.viewer())?;
    let found: T = find(&request, &id).await?;
    let known = request.known().await?;
    let related = follow(&found, &known);
    let presenter = Presenter { links: request.links, selection, known: Some(known) };
    Ok(presenter.one(related.as_deref()))
}

/// A relationship itself.
async fn itself<T: Listed>(
    request: ApiRequest,
    id: SentId,
    relationship: &'static Relationship<T>,
) -> Result<Answer, Refusal> {
    let found: T = find(&request, &id).await?;
    let known = Some(request.known().await?);
    let presenter = Presenter { links: request.links, selection: Selection::default(), known };
    Ok(presenter.relationship(&found, relationship.name))
}

/// The resource of an id in a path; a refusal if there is none that the client may see.
pub async fn find<T: Listed>(request: &ApiRequest, SentId(id): &SentId) -> Result<T, Refusal> {
    T::find(request, id).await?.ok_or_else(|| Refusal::record_not_found(id))
}
