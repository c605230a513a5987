//! Where a client may have the server connect to.
//!
//! A name is resolved once, its addresses are checked, and one of those that passed is connected to: what a name server
//! says a moment later does not matter. Redirections are the caller's business, and are to be checked like the first URL.

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use tokio::net::{TcpStream, lookup_host};
use url::{Host, Url};

use crate::is_public;

/// Which URLs of clients are connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outward {
    /// Those whose hosts are on the public Internet.
    Public,
    /// All.
    Anywhere,
}

/// Why a URL is not connected to. It is not shown: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// It cannot be read, or has no host.
    #[error("the URL is not an absolute http or https URL")]
    Malformed,
    /// Its host is not on the public Internet.
    #[error(
        "the URL leads to an address that is not public, and those are not allowed ([media] allow_private_urls)"
    )]
    Private,
}

/// Why nothing is connected to.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The URL is none to connect to.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// The host's name, or the host, cannot be reached.
    #[error("the host cannot be reached")]
    Reach(#[source] io::Error),
}

impl Outward {
    /// To all addresses, or to public ones alone.
    pub fn new(allows_private: bool) -> Self {
        if allows_private { Self::Anywhere } else { Self::Public }
    }

    /// Reads a URL, and refuses one that leads to nowhere or to a forbidden address by itself.
    pub fn read(self, url: &str) -> Result<Url, UrlError> {
        let url = Url::parse(url).map_err(|_| UrlError::Malformed)?;
        self.check(&url)?;
        Ok(url)
    }

    /// Refuses a URL that leads to nowhere or to a forbidden address by itself.
    pub fn check(self, url: &Url) -> Result<(), UrlError> {
        let literal: Option<IpAddr> = match url.host().ok_or(UrlError::Malformed)? {
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
            Host::Domain(_) => None,
        };
        match matches!(url.scheme(), "http" | "https") {
            false => Err(UrlError::Malformed),
            true if literal.is_none_or(|address| self.allows(address)) => Ok(()),
            true => Err(UrlError::Private),
        }
    }

    /// Connects to the host of a URL.
    pub async fn connect(self, url: &Url) -> Result<TcpStream, ConnectError> {
        self.check(url)?;
        let port = url.port_or_known_default().ok_or(UrlError::Malformed)?;
        let found = lookup_host((host_name(url)?, port)).await.map_err(ConnectError::Reach)?;
        let allowed: Vec<SocketAddr> = found.filter(|found| self.allows(found.ip())).collect();
        if allowed.is_empty() {
            return Err(UrlError::Private.into());
        }
        TcpStream::connect(&*allowed).await.map_err(ConnectError::Reach)
    }

    fn allows(self, address: IpAddr) -> bool {
        self == Self::Anywhere || is_public(address)
    }
}

/// The host of a URL, as name servers and certificates have it: a literal IPv6 address stands in brackets in a URL, and
/// without elsewhere.
pub fn host_name(url: &Url) -> Result<&str, UrlError> {
    let host = url.host_str().ok_or(UrlError::Malformed)?;
    Ok(host.trim_start_matches('[').trim_end_matches(']'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_one_of_the_web_and_leads_to_the_public_internet() {
        for (url, expected) in [
            ("https://example.org/a", Ok(())),
            ("http://93.184.216.34:8080/", Ok(())),
            ("http://127.0.0.1/", Err(UrlError::Private)),
            ("http://[::1]/", Err(UrlError::Private)),
            ("http://0x7f.1/", Err(UrlError::Private)),
            ("ftp://example.org/", Err(UrlError::Malformed)),
            ("file:///etc/passwd", Err(UrlError::Malformed)),
            ("example.org", Err(UrlError::Malformed)),
        ] {
            assert_eq!(Outward::Public.read(url).map(drop), expected, "{url}");
            let anywhere = Outward::Anywhere.read(url).map(drop);
            assert_eq!(
                anywhere,
                expected.or_else(|error| if error == UrlError::Private { Ok(()) } else { Err(error) })
            );
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_to_a_neighbour_is_not_connected_to() {
        let url = Url::parse("http://localhost:9/").unwrap();
        let refused = Outward::Public.connect(&url).await.unwrap_err();
        assert!(matches!(refused, ConnectError::Url(UrlError::Private)), "{refused:?}");
    }
}
