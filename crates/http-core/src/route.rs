//! One row of the route table. The router is built from the table, and the coverage test goes through it,
//! so that no route escapes either.

use axum::{
    Extension, Router,
    handler::Handler,
    http::{Extensions, Method},
    middleware::from_fn,
    routing::{MethodFilter, MethodRouter},
};
use directory::model::{Area, Role, Scope, User};

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
    /// The client's credentials, in the dialect's way, whatever they are good for.
    Known,
    /// The same, good for this area.
    Reader(Area),
    /// The same, of somebody who may change things: not of one who may only look.
    Writer(Area),
    /// To come from one of the operator's networks.
    Operator,
}

/// What credentials are good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rights {
    /// What their holder may do.
    pub role: Role,
    /// And where.
    pub scope: Scope,
}

/// Good credentials that are not good for what is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Overstepped {
    /// Their holder may look and change nothing.
    #[error("This user may read, not write")]
    Role,
    /// They are not for this area.
    #[error("The credentials are not good for this; the scope \"{}\" is needed", .0.name())]
    Scope(Area),
}

impl Rights {
    /// All of them.
    pub const ALL: Self = Self { role: Role::Manager, scope: Scope::ALL };

    /// Those of a user.
    pub const fn of(user: &User) -> Self {
        Self { role: user.role, scope: user.scope }
    }

    /// Whether they are good for what a request asks for, by the route that it has come to. Whoever reads
    /// credentials asks.
    pub fn permit(self, extensions: &Extensions) -> Result<(), Overstepped> {
        extensions.get::<Guard>().map_or(Ok(()), |guard| self.meet(*guard))
    }

    /// Whether they are good for what is guarded so.
    pub fn meet(self, guard: Guard) -> Result<(), Overstepped> {
        match guard {
            Guard::Reader(area) => self.allow(area),
            Guard::Writer(area) => self.allow(area).and_then(|()| self.allow_writing()),
            Guard::Open | Guard::Known | Guard::Operator => Ok(()),
        }
    }

    /// Whether they are good for an area.
    pub fn allow(self, area: Area) -> Result<(), Overstepped> {
        if self.scope.allows(area) { Ok(()) } else { Err(Overstepped::Scope(area)) }
    }

    fn allow_writing(self) -> Result<(), Overstepped> {
        match self.role {
            Role::Manager | Role::Client => Ok(()),
            Role::Viewer => Err(Overstepped::Role),
        }
    }
}

impl Overstepped {
    /// The challenge in `WWW-Authenticate` (RFC 6750 section 3.1).
    pub const fn challenge(self) -> &'static str {
        macro_rules! needs {
            ($scope:literal) => {
                concat!("Bearer error=\"insufficient_scope\", scope=\"", $scope, "\"")
            };
        }
        match self {
            Self::Role => "Bearer error=\"insufficient_scope\"",
            Self::Scope(Area::Calls) => needs!("calls"),
            Self::Scope(Area::Commands) => needs!("commands"),
            Self::Scope(Area::History) => needs!("history"),
            Self::Scope(Area::Exports) => needs!("exports"),
            Self::Scope(Area::Events) => needs!("events"),
            Self::Scope(Area::Directory) => needs!("directory"),
            Self::Scope(Area::Billing) => needs!("billing"),
            Self::Scope(Area::System) => needs!("system"),
        }
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
        let handler = handler.layer(Extension(guard));
        let is_noted = matches!(guard, Guard::Writer(_)) && method != Method::GET;
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
