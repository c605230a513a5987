//! `/auth`: logging in, out, and what the session may do (contract yeti.md, 2.4 to 2.6).

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use http_core::{
    auth::{ClientAddress, Login, LoginError},
    config::Secret,
};

use crate::{
    answer::Answer,
    body::JsonBody,
    client::Client,
    convert,
    errors::Refusal,
    session,
    state::Yeti,
    token::{self, Holder},
    wire::auth::{CredentialsWire, LoginWire, SessionWire, TokenWire},
};

/// What a body must hold.
const LOGIN: &str = "The body must be {\"auth\":{\"login\":text,\"password\":text}}.";

/// `POST /auth`: a token for a login and password, in the body or as a cookie.
pub async fn create(
    State(app): State<Yeti>,
    address: ClientAddress,
    headers: HeaderMap,
    body: Result<JsonBody, Refusal>,
) -> Result<Response, Refusal> {
    let JsonBody(body) = body.map_err(Refusal::plain)?;
    let read = serde_json::from_value(body);
    let LoginWire { auth } = read.map_err(|_| Refusal::bad_request(LOGIN).plain())?;
    let CredentialsWire { login, password, cookie_auth } = auth;
    let is_cookie = convert::is_true(&cookie_auth);
    if is_cookie && is_of_another_page(&headers) {
        return Err(Refusal::unsupported_media_type(content_type(&headers)).plain());
    }
    let given = Login { customer: None, login, password: Secret(password) };
    let logged_in = app.log_in(address.ip, given).await?;
    let token = token::issue(&app.config, &Holder::user(logged_in.user), app.now());
    app.ended_sessions.begin(&token.text);
    if is_cookie {
        return Ok(with_cookie(StatusCode::CREATED, session::cookie(&token, address.is_secure)));
    }
    Ok(Answer::plain(StatusCode::CREATED, &TokenWire { jwt: token.text }).into_response())
}

/// `GET /auth`: whether the client may fetch recordings.
pub async fn show(client: Result<Client, Refusal>) -> Result<Answer, Refusal> {
    let client = client.map_err(Refusal::plain)?;
    Ok(Answer::plain(StatusCode::OK, &SessionWire { allow_rec: client.profile.allows_recordings() }))
}

/// Whether a page of somebody else's may have made a browser send this: forms can send types other than JSON
/// without being asked whether they may.
fn is_of_another_page(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    let is_foreign = site.is_some_and(|site| site == b"cross-site");
    let kind = content_type(headers).split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    is_foreign || !(kind.is_empty() || kind == "application/json" || kind.ends_with("+json"))
}

fn content_type(headers: &HeaderMap) -> &str {
    headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default()
}

/// `DELETE /auth`: ends the session of the cookie, if it is one: what anybody may make up is not remembered.
pub async fn delete(State(app): State<Yeti>, address: ClientAddress, headers: HeaderMap) -> Response {
    let token = session::token(&headers)
        .filter(|token| token::read(&app.config, &app.directory(), token, app.now()).is_ok());
    if let Some(token) = token {
        app.ended_sessions.end(token, app.now(), app.config.token_lifetime).await;
    }
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
