//! `POST /call-auth`: a token by which a browser's phone may call through a provisioning gateway (contract yeti.md,
//! 2.7). This server has no such gateways: phones log in to SIP themselves.

use axum::http::StatusCode;

use crate::yeti::{client::Client, errors::Refusal};

/// Refused as it is there for a customer without a gateway.
pub async fn create(client: Result<Client, Refusal>) -> Result<StatusCode, Refusal> {
    let _: Client = client.map_err(Refusal::plain)?;
    Err(Refusal::no_gateway())
}
