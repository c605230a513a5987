//! `POST /revoke` (RFC 7009).

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{
    application::Asking,
    errors::{OAuthError, unstored},
    token::off_thread,
};
use crate::state::Vonage;

/// Makes a token of the application useless, whichever of the pair it is, and with it the other one. An
/// unknown token is no error (section 2.2), and of which kind it is said to be does not matter.
pub async fn revoke(
    State(app): State<Vonage>,
    Asking { application, form, .. }: Asking,
) -> Result<Response, OAuthError> {
    let (token, now) = (form.needed("token")?.to_owned(), app.now());
    off_thread(&app, move |tokens| tokens.revoke(&token, &application.client_id, now)).await?;
    Ok(unstored(StatusCode::OK.into_response()))
}
