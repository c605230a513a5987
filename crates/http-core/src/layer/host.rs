//! Under which name the client reached the server (RFC 9110, section 7.2).

use std::sync::Arc;

use axum::{
    Router,
    extract::{FromRef, FromRequestParts, Request},
    http::{
        HeaderMap, HeaderName, StatusCode, Version, header,
        request::Parts,
        uri::{Authority, Scheme},
    },
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};

use crate::{App, auth::ClientAddress};

const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// What is wrong with the name that a client gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("The Host header does not name a host.")]
pub struct NoHost;

/// Scheme, host and port under which the client reached the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// `http` or `https`.
    pub scheme: Scheme,
    /// The host, with its port if it is not the scheme's own.
    pub host: Authority,
}

/// For handlers that have no form of their own for it; the dialects have.
impl IntoResponse for NoHost {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, self.to_string()).into_response()
    }
}

impl<S> FromRequestParts<S> for Origin
where
    Arc<App>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = NoHost;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let Ok(address) = ClientAddress::from_request_parts(parts, state).await;
        let forwarded = || forwarded(&parts.headers).filter(|_| address.is_proxied);
        let host = forwarded().or_else(|| parts.uri.authority().cloned()).or_else(|| named(&parts.headers));
        let scheme = if address.is_secure { Scheme::HTTPS } else { Scheme::HTTP };
        host.filter(is_plain).map(|host| Self { scheme, host }).ok_or(NoHost)
    }
}

/// What a dialect answers to a request without a host.
pub type Refuse = fn(&Request, NoHost) -> Response;

/// Refuses requests that name no host, two or what is none (RFC 9112, section 3.2), as the dialect says.
pub fn required<S: Clone + Send + Sync + 'static>(routes: Router<S>, refuse: Refuse) -> Router<S> {
    routes.layer(from_fn(move |request: Request, next: Next| async move {
        match check(&request) {
            Ok(()) => next.run(request).await,
            Err(error) => refuse(&request, error),
        }
    }))
}

fn check(request: &Request) -> Result<(), NoHost> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(_), None) => named(request.headers()).filter(is_plain).map(|_| ()).ok_or(NoHost),
        (None, _) if request.version() != Version::HTTP_11 => Ok(()),
        _ => Err(NoHost),
    }
}

fn named(headers: &HeaderMap) -> Option<Authority> {
    headers.get(header::HOST)?.to_str().ok()?.parse().ok()
}

/// Of several proxies, the first tells what the client said.
fn forwarded(headers: &HeaderMap) -> Option<Authority> {
    let list = headers.get(X_FORWARDED_HOST)?.to_str().ok()?;
    list.split(',').next()?.trim().parse().ok().filter(is_plain)
}

fn is_plain(host: &Authority) -> bool {
    let has_port = host.as_str().len() > host.host().len();
    !host.as_str().contains('@') && !host.host().is_empty() && (!has_port || host.port_u16().is_some())
}
