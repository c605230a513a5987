//! Whoever comes from one of the operator's networks.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{StatusCode, request::Parts},
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

/// What everybody else is told.
const REFUSAL: (StatusCode, &str) = (StatusCode::FORBIDDEN, "this is for the operator's networks only\n");

impl<S> FromRequestParts<S> for Operator
where
    Arc<App>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = (StatusCode, &'static str);

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let app = Arc::<App>::from_ref(state);
        let Ok(client) = ClientAddress::from_request_parts(parts, state).await;
        let is_operator = app.config.operator_networks.load().iter().any(|net| net.contains(&client.ip));
        is_operator.then_some(Self { ip: client.ip }).ok_or(REFUSAL)
    }
}
