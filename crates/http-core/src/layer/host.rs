//! Under which name the client reached the server (RFC 9110, section 7.2), and whether it is one of the server's: what
//! anybody may write in a `Host` is shown in no link.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

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

/// The address of ours that a connection has come to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwnAddress(pub(crate) SocketAddr);

/// Scheme, host and port under which the client reached the server: the configured URL, else what a trusted proxy
/// says, else the name that the client gives, if it is one of the server's, else one of these.
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
        let app = Arc::<App>::from_ref(state);
        if let Some(origin) = app.config.public_url.as_deref().and_then(Self::of) {
            return Ok(origin);
        }
        let Ok(address) = ClientAddress::from_request_parts(parts, state).await;
        let scheme = if address.is_secure { Scheme::HTTPS } else { Scheme::HTTP };
        let sent = parts.uri.authority().cloned().or_else(|| named(&parts.headers));
        let sent = sent.filter(is_plain).ok_or(NoHost)?;
        let own = parts.extensions.get::<OwnAddress>().map(|own| own.0);
        let host = match address.is_proxied {
            true => forwarded(&parts.headers).unwrap_or(sent),
            false if is_ours(&sent, &app.config.names, own) => sent,
            false => usual(&app.config.names, own, &scheme).ok_or(NoHost)?,
        };
        Ok(Self { scheme, host })
    }
}

impl Origin {
    /// That of a URL.
    fn of(url: &str) -> Option<Self> {
        let url = url.parse::<axum::http::Uri>().ok()?.into_parts();
        Some(Self { scheme: url.scheme?, host: url.authority? })
    }
}

/// Whether a host is one that the server answers to: one of its names, or the address that the client has reached.
fn is_ours(host: &Authority, names: &[String], own: Option<SocketAddr>) -> bool {
    let host = host.host();
    let is_own = |own: SocketAddr| {
        let own = own.ip().to_canonical();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        bare.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical() == own)
            || (own.is_loopback() && host.eq_ignore_ascii_case("localhost"))
    };
    names.iter().any(|name| name.eq_ignore_ascii_case(host)) || own.is_some_and(is_own)
}

/// The host that is shown to whoever names none of ours: the first name, else the address that was reached.
fn usual(names: &[String], own: Option<SocketAddr>, scheme: &Scheme) -> Option<Authority> {
    let usual_port = if *scheme == Scheme::HTTPS { 443 } else { 80 };
    let port = own.map(|own| own.port()).filter(|port| *port != usual_port);
    let address = || match own?.ip().to_canonical() {
        IpAddr::V4(ip) => Some(ip.to_string()),
        IpAddr::V6(ip) => Some(format!("[{ip}]")),
    };
    let host = names.first().cloned().or_else(address).unwrap_or_else(|| "localhost".to_owned());
    match port {
        Some(port) => format!("{host}:{port}").parse().ok(),
        None => host.parse().ok(),
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

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "192.0.2.1:8080";

    fn shown(names: &[&str], own: &str, sent: &str) -> String {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let (own, sent) = (own.parse().ok(), sent.parse().unwrap());
        let host = is_ours(&sent, &names, own).then_some(sent);
        host.or_else(|| usual(&names, own, &Scheme::HTTP)).unwrap().to_string()
    }

    #[test]
    fn a_name_or_address_of_ours_is_shown_as_it_was_sent() {
        for sent in ["pbx.example", "PBX.example:443", "192.0.2.1", "192.0.2.1:80", "[::ffff:192.0.2.1]:1"] {
            assert_eq!(shown(&["pbx.example"], OWN, sent), sent);
        }
        assert_eq!(shown(&[], "127.0.0.1:8080", "localhost:8080"), "localhost:8080");
        assert_eq!(shown(&[], "[2001:db8::1]:8080", "[2001:db8:0::1]:8080"), "[2001:db8:0::1]:8080");
    }

    #[test]
    fn what_anybody_may_write_is_not_shown() {
        for sent in ["evil.example", "192.0.2.2:8080", "localhost", "pbx.example.evil", "[::1]"] {
            assert_eq!(shown(&["pbx.example", "other.example"], OWN, sent), "pbx.example:8080", "{sent}");
            assert_eq!(shown(&[], OWN, sent), OWN, "{sent}");
        }
        assert_eq!(shown(&["pbx.example"], "192.0.2.1:80", "evil.example"), "pbx.example");
        assert_eq!(shown(&[], "[2001:db8::1]:80", "evil.example"), "[2001:db8::1]");
    }
}
