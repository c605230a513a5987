//! `/auth`: logging in, out, and what the session may do (contract yeti.md, 2.4 to 2.6).

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{
    App,
    auth::{ClientAddress, Login, LoginError},
    config::Secret,
    yeti::{
        answer::Answer,
        body::JsonBody,
        client::Client,
        convert,
        errors::Refusal,
        session,
        token::{self, Holder},
        wire::auth::{CredentialsWire, LoginWire, SessionWire, TokenWire},
    },
};

/// What a body must hold.
const LOGIN: &str = "The body must be {\"auth\":{\"login\":text,\"password\":text}}.";

/// `POST /auth`: a token for a login and password, in the body or as a cookie.
pub async fn create(
    State(app): State<Arc<App>>,
    address: ClientAddress,
    body: Result<JsonBody, Refusal>,
) -> Result<Response, Refusal> {
    let JsonBody(body) = body.map_err(Refusal::plain)?;
    let read = serde_json::from_value(body);
    let LoginWire { auth } = read.map_err(|_| Refusal::bad_request(LOGIN).plain())?;
    let CredentialsWire { login, password, cookie_auth } = auth;
    let given = Login { customer: None, login, password: Secret(password) };
    let logged_in = app.log_in(address.ip, given).await?;
    let token = token::issue(&app.config.yeti, &Holder::user(logged_in.user), app.now());
    if convert::is_true(&cookie_auth) {
        return Ok(with_cookie(StatusCode::CREATED, session::cookie(&token, address.is_secure)));
    }
    Ok(Answer::plain(StatusCode::CREATED, &TokenWire { jwt: token.text }).into_response())
}

/// `GET /auth`: whether the client may fetch recordings.
pub async fn show(client: Result<Client, Refusal>) -> Result<Answer, Refusal> {
    let client = client.map_err(Refusal::plain)?;
    Ok(Answer::plain(StatusCode::OK, &SessionWire { allow_rec: client.profile.allows_recordings() }))
}

/// `DELETE /auth`: ends the session of the cookie.
pub async fn delete(address: ClientAddress) -> Response {
    with_cookie(StatusCode::NO_CONTENT, session::ended(address.is_secure))
}

fn with_cookie(status: StatusCode, cookie: HeaderValue) -> Response {
    (status, [(header::SET_COOKIE, cookie)]).into_response()
}

impl From<LoginError> for Refusal {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::TooMany(brake) => Self::too_many_logins(brake.retry_after),
            LoginError::Wrong(_) => Self::login_failed(),
            LoginError::Broken(_) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a login broke off");
                Self::internal().plain()
            }
        }
    }
}
