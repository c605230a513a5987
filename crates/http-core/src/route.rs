//! One row of the route table. The router is built from the table, and the coverage test goes through it,
//! so that no route escapes either.

use axum::{
    Extension, Router,
    handler::Handler,
    http::{Extensions, Method},
    middleware::from_fn,
    routing::{MethodFilter, MethodRouter},
};
use directory::model::Role;

use crate::trail;

/// A path and method that the server answers.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// The method.
    pub method: Method,
    /// The path, in axum's notation (`/accounts/{id}`).
    pub path: String,
    /// What is asked of the client before anything else.
    pub guard: Guard,
    /// Other paths where the same answers.
    pub aliases: Vec<String>,
    /// Whether what it has done is noted in the audit trail ([`crate::trail`]).
    pub is_noted: bool,
}

/// An endpoint and what answers there, which is given the state `S`.
pub struct Route<S> {
    /// Where.
    pub endpoint: Endpoint,
    /// What answers.
    pub handler: MethodRouter<S>,
}

/// What is asked of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Nothing: the route gives away nothing of any customer.
    Open,
    /// The client's credentials, in the dialect's way.
    Credentials,
    /// Credentials of somebody who may change things: not of one who may only look.
    Writer,
    /// To come from one of the operator's networks.
    Operator,
}

/// Marks requests to routes that change things. Whoever reads credentials asks [`may_ask`].
#[derive(Clone, Copy, Debug)]
struct Writing;

/// Whether somebody of this role may do what a request asks for.
pub fn may_ask(role: Role, extensions: &Extensions) -> bool {
    let is_writing = extensions.get::<Writing>().is_some();
    match role {
        Role::Manager | Role::Client => true,
        Role::Viewer => !is_writing,
    }
}

impl<S: Clone + Send + Sync + 'static> Route<S> {
    /// A row of the table.
    pub fn new<H, T>(method: Method, path: impl Into<String>, guard: Guard, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let filter = MethodFilter::try_from(method.clone()).expect("a route has one of the standard methods");
        let handler = axum::routing::on(filter, handler);
        let handler = if guard == Guard::Writer { handler.layer(Extension(Writing)) } else { handler };
        let is_noted = guard == Guard::Writer && method != Method::GET;
        let endpoint = Endpoint { method, path: path.into(), guard, aliases: Vec::new(), is_noted };
        Self { endpoint, handler }
    }

    /// The same, noted though it does not want a writer.
    pub fn noted(mut self) -> Self {
        self.endpoint.is_noted = true;
        self
    }

    /// The same, noted by itself: with what was before, in the transaction of its change.
    pub fn noted_by_itself(mut self) -> Self {
        self.endpoint.is_noted = false;
        self
    }

    /// The same, at these paths too.
    pub fn also_at(mut self, paths: impl IntoIterator<Item = String>) -> Self {
        self.endpoint.aliases = paths.into_iter().collect();
        self
    }

    /// The same, with what answers other verbs on its path.
    pub fn with_fallback<H, T>(self, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        Self { handler: self.handler.fallback(handler), ..self }
    }
}

/// The router of these routes. What is answered to an unknown path or a wrong method is added to it by whoever has
/// the words for it.
pub fn table<S: Clone + Send + Sync + 'static>(routes: Vec<Route<S>>) -> Router<S> {
    routes.into_iter().fold(Router::new(), |router, Route { endpoint, handler }| {
        let handler = if endpoint.is_noted { handler.layer(from_fn(trail::noted)) } else { handler };
        let add = |router: Router<S>, alias: &String| router.route(alias, handler.clone());
        let router = endpoint.aliases.iter().fold(router, add);
        router.route(&endpoint.path, handler)
    })
}
