//! The URL that a client reaches this server at: what documents that name it are made with.

use std::sync::Arc;

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};

use crate::{
    App,
    layer::host::{NoHost, Origin},
};

/// Scheme and authority, no slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerUrl(String);

impl<S> FromRequestParts<S> for ServerUrl
where
    Arc<App>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = NoHost;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, NoHost> {
        let Origin { scheme, host } = Origin::from_request_parts(parts, state).await?;
        Ok(Self(format!("{scheme}://{host}")))
    }
}

impl ServerUrl {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The URL of a path of this server.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}
