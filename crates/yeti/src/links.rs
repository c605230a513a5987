//! Absolute URLs, built on the name under which the client reached the server.

use axum::{
    extract::FromRequestParts,
    http::{
        request::Parts,
        uri::{Authority, Scheme},
    },
};
use http_core::layer::host::{NoHost, Origin};

use super::{errors::Refusal, wire::document::RelationshipLinksWire};
use crate::state::Yeti;

/// Where the dialect lies.
pub const BASE_PATH: &str = "/api/rest/customer/v1";

/// Makes URLs.
#[derive(Clone, Debug)]
pub struct Links {
    base: String,
}

impl Links {
    /// URLs that begin with a scheme and a host, with its port if it is not the scheme's own.
    pub fn new(scheme: &Scheme, host: &Authority) -> Self {
        Self { base: format!("{scheme}://{host}{BASE_PATH}") }
    }

    /// The URL of a list.
    pub fn list(&self, kind: &str) -> String {
        format!("{}/{kind}", self.base)
    }

    /// The URL of a resource.
    pub fn resource(&self, kind: &str, id: &str) -> String {
        format!("{}/{kind}/{id}", self.base)
    }

    /// The links of a relationship of the resource under a URL.
    pub fn relationship(&self, resource: &str, name: &str) -> RelationshipLinksWire {
        RelationshipLinksWire {
            itself: format!("{resource}/relationships/{name}"),
            related: format!("{resource}/{name}"),
        }
    }
}

impl FromRequestParts<Yeti> for Links {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Yeti) -> Result<Self, Self::Rejection> {
        let Origin { scheme, host } = Origin::from_request_parts(parts, app).await?;
        Ok(Self::new(&scheme, &host))
    }
}

impl From<NoHost> for Refusal {
    fn from(error: NoHost) -> Self {
        Self::bad_request(error.to_string())
    }
}
