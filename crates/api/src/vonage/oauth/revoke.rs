//! `POST /revoke` (RFC 7009).

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};

use super::{
    application,
    errors::{OAuthError, unstored},
    parameters::Parameters,
    token::off_thread,
};
use crate::{App, auth::ClientAddress};

/// Makes a token of the application useless, whichever of the pair it is, and with it the other one. An
/// unknown token is no error (section 2.2), and of which kind it is said to be does not matter.
pub async fn revoke(
    State(app): State<Arc<App>>,
    address: ClientAddress,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, OAuthError> {
    let form = Parameters::of_form(&headers, body)?;
    let application = application::authenticate(&app, address.ip, &headers, &form)?;
    let (token, now) = (form.needed("token")?.to_owned(), app.now());
    off_thread(&app, move |tokens| tokens.revoke(&token, &application.client_id, now)).await?;
    Ok(unstored(StatusCode::OK.into_response()))
}
