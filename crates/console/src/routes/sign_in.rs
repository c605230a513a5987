//! `GET` and `POST /console/sign-in`, `GET /console/sign-in/{link}`, `POST /console/sign-out`.

use axum::{
    extract::{Path, RawQuery, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use call::ErrorCode;
use directory::model::User;
use http_core::{
    auth::{ClientAddress, Login, LoginError},
    config::Secret,
    failure,
};
use maud::{Markup, html};

use super::{NOW, SIGN_IN, first_page, own_page};
use crate::{
    Console,
    errors::Failure,
    form::{Fields, fields, is_from_here},
    page,
    session::set_cookie,
    words,
};

/// The page that leads on to `wanted`.
pub fn place(wanted: &str) -> String {
    let wanted = Some(wanted).filter(|wanted| *wanted != NOW);
    format!("{SIGN_IN}{}", Fields::default().with("next", wanted).query())
}

/// The form.
pub async fn show(RawQuery(query): RawQuery) -> Response {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    page::bare(words::SIGN_IN, &form(&fields, None)).into_response()
}

/// Signs in, and leads on.
pub async fn sign_in(
    State(console): State<Console>,
    address: ClientAddress,
    request: Request,
) -> Result<Response, Failure> {
    if !is_from_here(request.headers()) {
        return Err(Failure::forbidden(words::FORM_IS_OLD));
    }
    let fields = fields(request, &console).await?;
    let text = |name| fields.get(name).unwrap_or_default().to_owned();
    let login = Login { customer: None, login: text("login"), password: Secret(text("password")) };
    match console.app.log_in(address.ip, login).await {
        Ok(known) => Ok(signed_in(&console, &known.user, address, &fields)),
        Err(error) => Ok(refused(&fields, &error)),
    }
}

/// Signs in whom a link is for that is good once, and leads on. To whoever has used it before it is a link to that page,
/// and so it is to who comes from elsewhere than the server's own machine: it stays good.
pub async fn by_link(
    State(console): State<Console>,
    address: ClientAddress,
    Path(link): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let directory = console.app.directory();
    let is_from_here = address.ip.is_loopback() && !address.is_proxied;
    let redeem = || console.app.config.sign_in_links.redeem(&link, console.app.monotonic());
    let user = is_from_here.then(redeem).flatten().and_then(|user| directory.user(user));
    let user = user.filter(|user| user.may_come_from(address.ip));
    match user {
        Some(user) => signed_in(&console, user, address, &fields),
        None => Redirect::to(own_page(fields.get("next").unwrap_or(NOW))).into_response(),
    }
}

/// Begins a session, and leads to the page that is wanted.
fn signed_in(console: &Console, user: &User, address: ClientAddress, fields: &Fields) -> Response {
    let cookie = console.sessions.begin(user, console.app.monotonic());
    let cookie = set_cookie(Some(&cookie), is_secure(console, address));
    let wanted = own_page(fields.get("next").unwrap_or(NOW));
    let next = if wanted == NOW { first_page(user.scope) } else { wanted }.to_owned();
    (StatusCode::SEE_OTHER, [(header::LOCATION, next)], [(header::SET_COOKIE, cookie)]).into_response()
}

/// Signs out. Whoever is not signed in is led to the form, too.
pub async fn sign_out(
    State(console): State<Console>,
    address: ClientAddress,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    if !is_from_here(&headers) {
        return Err(Failure::forbidden(words::FORM_IS_OLD));
    }
    console.sessions.end(&headers);
    let cookie = set_cookie(None, is_secure(&console, address));
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, SIGN_IN)], [(header::SET_COOKIE, cookie)]).into_response())
}

/// Whether browsers reach this server by https.
fn is_secure(console: &Console, address: ClientAddress) -> bool {
    let url = console.app.config.public_url.as_deref();
    address.is_secure || url.is_some_and(|url| url.starts_with("https://"))
}

fn refused(fields: &Fields, error: &LoginError) -> Response {
    let message = match error.code() {
        ErrorCode::Unauthenticated => words::WRONG_LOGIN,
        ErrorCode::TooManyRequests => words::TOO_MANY_LOGINS,
        _ => {
            tracing::error!(%error, "a login could not be checked");
            words::SERVER_FAILED
        }
    };
    let status = failure::status(error.code());
    let wait = match error {
        LoginError::TooMany(wait) => {
            Some([(header::RETRY_AFTER, wait.retry_after.as_secs().max(1).to_string())])
        }
        LoginError::Wrong(_) | LoginError::Broken(_) => None,
    };
    (status, wait, page::bare(words::SIGN_IN, &form(fields, Some(message)))).into_response()
}

fn form(fields: &Fields, trouble: Option<&str>) -> Markup {
    html! {
        form class="card sign-in" method="post" action=(SIGN_IN) {
            h1 { (words::SIGN_IN) }
            @if let Some(trouble) = trouble { p role="alert" { (trouble) } }
            @if let Some(next) = fields.get("next") { input type="hidden" name="next" value=(next); }
            label { span { (words::LOGIN) }
                input name="login" value=[fields.get("login")] autocomplete="username" autocapitalize="none"
                    required autofocus;
            }
            label { span { (words::PASSWORD) }
                input name="password" type="password" autocomplete="current-password" required;
            }
            button { (words::SIGN_IN) }
        }
    }
}
