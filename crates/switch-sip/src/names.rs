//! Names of trunks and the addresses behind them (A and AAAA), asked for off the call path.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use hickory_resolver::{
    TokioResolver,
    config::{NameServerConfig, ResolverConfig},
    net::runtime::TokioRuntimeProvider,
};
use parking_lot::Mutex;

/// Addresses are kept at least so long, and a name that cannot be resolved is asked for again after it.
const SHORTEST: Duration = Duration::from_secs(1);
/// Addresses are asked for again at least so often.
const LONGEST: Duration = Duration::from_secs(3600);

/// Resolves names.
pub(crate) struct Names {
    /// `None` if the system has no name servers.
    resolver: Option<TokioResolver>,
    known: Mutex<HashMap<Arc<str>, Addresses>>,
}

/// The addresses of a host, in the order in which they are to be tried. Never empty.
pub(crate) type Addresses = Arc<[IpAddr]>;

impl Names {
    /// Asks these name servers; the system's if there are none.
    pub(crate) fn new(servers: &[SocketAddr]) -> Self {
        let built = match servers {
            [] => TokioResolver::builder_tokio().and_then(|builder| builder.build()),
            servers => {
                let servers = servers.iter().map(server).collect();
                let config = ResolverConfig::from_name_servers(servers);
                TokioResolver::builder_with_config(config, TokioRuntimeProvider::default()).build()
            }
        };
        let told =
            |error| tracing::warn!(%error, "names cannot be resolved; trunks need addresses in digits");
        Self { resolver: built.map_err(told).ok(), known: Mutex::default() }
    }

    /// The addresses of a host as they were last seen; `None` if they never were. Waits for nobody.
    pub(crate) fn known(&self, host: &str) -> Option<Addresses> {
        match host.parse::<IpAddr>() {
            Ok(address) => Some(Arc::new([address])),
            Err(_) => self.known.lock().get(host).cloned(),
        }
    }

    /// The addresses of a host: as they were last seen, else as they are found now.
    pub(crate) async fn find(&self, host: &str) -> Option<Addresses> {
        match self.known(host) {
            Some(addresses) => Some(addresses),
            None => self.resolve(host).await.map(|(addresses, _)| addresses),
        }
    }

    /// Keeps the addresses of a host as its name servers tell them, for as long as this runs. While these
    /// say nothing, the last addresses stay.
    pub(crate) async fn keep(&self, host: &str) {
        if host.parse::<IpAddr>().is_ok() {
            return;
        }
        loop {
            let until = self.resolve(host).await.map(|(_, until)| until);
            let left = until.map_or(SHORTEST, |until| until.saturating_duration_since(Instant::now()));
            tokio::time::sleep(left.clamp(SHORTEST, LONGEST)).await;
        }
    }

    /// Asks for the addresses of a host, and how long they hold.
    async fn resolve(&self, host: &str) -> Option<(Addresses, Instant)> {
        let found = self.resolver.as_ref()?.lookup_ip(host).await;
        let found = found.inspect_err(|_| tracing::debug!("a trunk's name could not be resolved")).ok()?;
        let addresses: Addresses = found.iter().collect();
        if addresses.is_empty() {
            return None;
        }
        self.known.lock().insert(host.into(), addresses.clone());
        Some((addresses, found.valid_until()))
    }
}

fn server(at: &SocketAddr) -> NameServerConfig {
    let mut server = NameServerConfig::udp_and_tcp(at.ip());
    server.connections.iter_mut().for_each(|connection| connection.port = at.port());
    server
}
