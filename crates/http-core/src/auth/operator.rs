//! Whoever comes from one of the operator's networks.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use call::Timestamp;
use directory::{Author, Interface, Who};

use super::ClientAddress;
use crate::App;

/// A client in one of the operator's networks.
#[derive(Clone, Copy, Debug)]
pub struct Operator {
    ip: IpAddr,
}

impl Operator {
    /// Under which name changes are noted that it makes at an instant.
    pub fn author(&self, at: Timestamp) -> Author {
        Author { who: Who::Operator, source: Some(self.ip), interface: Interface::Native, at }
    }
}

/// Somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This is for the operator's networks only")]
pub struct NotOperator;

/// For whoever does not print it in words of its own.
impl IntoResponse for NotOperator {
    fn into_response(self) -> Response {
        let mut response = (StatusCode::FORBIDDEN, format!("{self}\n")).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl<S> FromRequestParts<S> for Operator
where
    Arc<App>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = NotOperator;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let app = Arc::<App>::from_ref(state);
        let Ok(client) = ClientAddress::from_request_parts(parts, state).await;
        let is_operator = app.config.operator_networks.load().iter().any(|net| net.contains(&client.ip));
        is_operator.then_some(Self { ip: client.ip }).ok_or(NotOperator)
    }
}
