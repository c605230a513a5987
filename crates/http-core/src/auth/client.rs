//! The address that a request comes from. Headers are believed only from trusted proxies.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, FromRef, FromRequestParts},
    http::{HeaderMap, request::Parts},
};
use ipnet::IpNet;

use crate::{App, serve::OverTls};

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress {
    /// The client's address.
    pub ip: IpAddr,
    /// Whether the client used https, as the connection or a trusted proxy tells.
    pub is_secure: bool,
    /// Whether a trusted proxy stands between.
    pub is_proxied: bool,
}

impl<S> FromRequestParts<S> for ClientAddress
where
    Arc<App>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let app = Arc::<App>::from_ref(state);
        let connection = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = connection.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip()).to_canonical();
        let client = Self::behind(peer, &parts.headers, &app.config.trusted_proxies.load());
        let is_over_tls = parts.extensions.get::<OverTls>().is_some();
        Ok(Self { is_secure: client.is_secure || (is_over_tls && !client.is_proxied), ..client })
    }
}

impl ClientAddress {
    /// The client of a connection from `peer`: `X-Real-IP`, else the last address of `X-Forwarded-For` that
    /// is not a trusted proxy's, if `peer` itself is a trusted proxy.
    fn behind(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> Self {
        let is_proxy = |ip: &IpAddr| proxies.iter().any(|net| net.contains(ip));
        if !is_proxy(&peer) {
            return Self { ip: peer, is_secure: false, is_proxied: false };
        }
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let real = text("x-real-ip").and_then(|ip| ip.trim().parse().ok());
        let forwarded = || {
            let chain = text("x-forwarded-for")?.rsplit(',');
            chain.filter_map(|ip| ip.trim().parse::<IpAddr>().ok()).find(|ip| !is_proxy(ip))
        };
        Self {
            ip: real.or_else(forwarded).unwrap_or(peer),
            is_secure: text("x-forwarded-proto").is_some_and(|scheme| scheme.eq_ignore_ascii_case("https")),
            is_proxied: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, header: (&'static str, &str)) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(header.0, header.1.parse().unwrap());
        let proxies = ["10.0.0.0/8".parse().unwrap()];
        ClientAddress::behind(peer.parse().unwrap(), &headers, &proxies).ip.to_string()
    }

    #[test]
    fn headers_of_strangers_are_not_believed() {
        assert_eq!(client("192.0.2.9", ("x-real-ip", "127.0.0.1")), "192.0.2.9");
        assert_eq!(client("192.0.2.9", ("x-forwarded-for", "127.0.0.1")), "192.0.2.9");
    }

    #[test]
    fn headers_of_trusted_proxies_are_believed() {
        assert_eq!(client("10.0.0.1", ("x-real-ip", "192.0.2.1")), "192.0.2.1");
        assert_eq!(client("10.0.0.1", ("x-forwarded-for", "127.0.0.1, 192.0.2.7, 10.0.0.2")), "192.0.2.7");
    }

    #[test]
    fn nonsense_from_a_trusted_proxy_falls_back_to_its_address() {
        assert_eq!(client("10.0.0.1", ("x-real-ip", "nobody")), "10.0.0.1");
    }
}
