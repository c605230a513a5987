//! Names of trunks and the addresses behind them (RFC 3263: SRV, A and AAAA), asked for off the call path.

mod service;

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use call::party::Transport;
use directory::model::Trunk;
use hickory_resolver::{
    TokioResolver,
    config::{NameServerConfig, ResolverConfig},
    net::runtime::TokioRuntimeProvider,
    proto::rr::{RData, rdata::SRV},
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
    known: Mutex<HashMap<Place, Addresses>>,
}

/// Where somebody is to be reached.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    host: Arc<str>,
    port: u16,
    transport: Transport,
}

/// The addresses of a place, in the order in which they are to be tried. Never empty.
pub(crate) type Addresses = Arc<[SocketAddr]>;

/// Addresses, and how long they hold.
type Found = (Vec<SocketAddr>, Instant);

impl Place {
    /// Where a trunk is to be reached.
    pub(crate) fn of(trunk: &Trunk) -> Self {
        Self { host: trunk.host.clone(), port: trunk.port, transport: trunk.transport }
    }

    /// The host, if it is an address and not a name.
    fn address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    /// The name of its SRV records. The usual port counts as none: another one says that there are no such
    /// records to ask for (RFC 3263 section 4.2).
    fn service(&self) -> Option<String> {
        let (service, usual) = match self.transport {
            Transport::Udp => ("_sip._udp", 5060),
            Transport::Tcp => ("_sip._tcp", 5060),
            Transport::Tls => ("_sips._tcp", 5061),
            Transport::Ws => return None,
        };
        (self.port == usual).then(|| format!("{service}.{}.", self.host.trim_end_matches('.')))
    }
}

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

    /// The addresses of a place as they were last seen; `None` if they never were. Waits for nobody.
    pub(crate) fn known(&self, place: &Place) -> Option<Addresses> {
        match place.address() {
            Some(ip) => Some(Arc::new([SocketAddr::new(ip, place.port)])),
            None => self.known.lock().get(place).cloned(),
        }
    }

    /// The addresses of a place: as they were last seen, else as they are found now.
    pub(crate) async fn find(&self, place: &Place) -> Option<Addresses> {
        match self.known(place) {
            Some(addresses) => Some(addresses),
            None => self.resolve(place).await.map(|(addresses, _)| addresses),
        }
    }

    /// Keeps the addresses of a place as its name servers tell them, for as long as this runs. While these
    /// say nothing, the last addresses stay.
    pub(crate) async fn keep(&self, place: &Place) {
        if place.address().is_some() {
            return;
        }
        loop {
            let until = self.resolve(place).await.map(|(_, until)| until);
            let left = until.map_or(SHORTEST, |until| until.saturating_duration_since(Instant::now()));
            tokio::time::sleep(left.clamp(SHORTEST, LONGEST)).await;
        }
    }

    /// Asks for the addresses of a place, and how long they hold.
    async fn resolve(&self, place: &Place) -> Option<(Addresses, Instant)> {
        let resolver = self.resolver.as_ref()?;
        let (found, until) = match by_service(resolver, place).await {
            Some(found) => found,
            None => by_address(resolver, &place.host, place.port).await?,
        };
        if found.is_empty() {
            return None;
        }
        let addresses: Addresses = found.into();
        self.known.lock().insert(place.clone(), addresses.clone());
        Some((addresses, until))
    }
}

/// What SRV records say of a place; `None` if there are none.
async fn by_service(resolver: &TokioResolver, place: &Place) -> Option<Found> {
    let found = resolver.srv_lookup(place.service()?).await.ok()?;
    let records = found.answers().iter().filter_map(|record| match &record.data {
        RData::SRV(record) => Some(record.clone()),
        _ => None,
    });
    let (mut addresses, mut until) = (Vec::new(), found.valid_until());
    for SRV { port, target, .. } in service::in_order(records.collect()) {
        if let Some((own, own_until)) = by_address(resolver, &target.to_utf8(), port).await {
            addresses.extend(own);
            until = until.min(own_until);
        }
    }
    Some((addresses, until))
}

async fn by_address(resolver: &TokioResolver, host: &str, port: u16) -> Option<Found> {
    let found = resolver.lookup_ip(host).await;
    let found = found.inspect_err(|_| tracing::debug!("a trunk's name could not be resolved")).ok()?;
    Some((found.iter().map(|ip| SocketAddr::new(ip, port)).collect(), found.valid_until()))
}

fn server(at: &SocketAddr) -> NameServerConfig {
    let mut server = NameServerConfig::udp_and_tcp(at.ip());
    server.connections.iter_mut().for_each(|connection| connection.port = at.port());
    server
}
