//! OAuth 2: how an application gets tokens for the account it is registered for (RFC 6749, RFC 7636,
//! RFC 7009), and who the person is (OpenID Connect Core). Three ways lead to them: a person's password, a person's sign-in on our page, and a refresh
//! token.

mod application;
mod authorize;
mod codes;
mod discovery;
mod errors;
mod form_guard;
mod id_token;
mod keys;
mod page;
mod parameters;
mod request;
mod revoke;
mod token;
mod user_info;

use axum::http::Method;
use http_core::route::{Guard, Route};

use self::{codes::Codes, form_guard::FormGuard};
use crate::state::Vonage;

/// What user names end in.
const DOMAIN: &str = "@vbc.prod";

/// What signing in needs to remember.
#[derive(Default)]
pub struct SignIns {
    codes: Codes,
    guard: FormGuard,
}

/// The routes. They are open: what they ask of a client is in the request's body.
pub(super) fn routes() -> Vec<Route<Vonage>> {
    vec![
        Route::new(Method::POST, "/token", Guard::Open, token::exchange),
        Route::new(Method::POST, "/revoke", Guard::Open, revoke::revoke),
        Route::new(Method::GET, "/authorize", Guard::Open, authorize::ask),
        Route::new(Method::POST, "/authorize", Guard::Open, authorize::sign_in),
        Route::new(Method::GET, "/userinfo", Guard::Open, user_info::show),
        Route::new(Method::POST, "/userinfo", Guard::Open, user_info::show),
        Route::new(Method::GET, "/jwks", Guard::Open, keys::show),
        Route::new(Method::GET, "/.well-known/openid-configuration", Guard::Open, discovery::show)
            .also_at(["/.well-known/oauth-authorization-server".to_owned()]),
    ]
}

/// The login that a user name stands for.
fn login_of(username: &str) -> Option<&str> {
    let at = username.len().checked_sub(DOMAIN.len())?;
    let (login, domain) = username.split_at_checked(at)?;
    (domain.eq_ignore_ascii_case(DOMAIN) && !login.is_empty()).then_some(login)
}
