//! `POST /call-auth`: a token by which a browser's phone may call through a provisioning gateway (contract yeti.md,
//! 6.13). This server has no such gateways: phones log in to SIP themselves.

use axum::http::StatusCode;

use crate::{client::Client, errors::Refusal};

/// Refused as it is there for a customer without a gateway.
pub async fn create(_: Client) -> Result<StatusCode, Refusal> {
    Err(Refusal::no_gateway())
}
