//! The ways that a phone may come.

use std::net::IpAddr;

use call::party::Transport;
use ipnet::IpNet;

/// From where, and by what, a phone may come. What is empty forbids nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ways {
    /// The only networks that it may come from.
    pub networks: Vec<IpNet>,
    /// All that may carry its SIP.
    pub transports: Vec<Transport>,
}

impl Ways {
    /// Whether a phone may come from an address by a transport.
    pub fn allow(&self, ip: IpAddr, transport: Transport) -> bool {
        allows_network(&self.networks, ip) && allows_transport(&self.transports, transport)
    }
}

/// Whether an address is in one of the networks that are allowed; in any if none is named.
pub(crate) fn allows_network(networks: &[IpNet], ip: IpAddr) -> bool {
    let ip = ip.to_canonical();
    networks.is_empty() || networks.iter().any(|network| network.contains(&ip))
}

/// Whether a transport is one of those that are allowed; any is if none is named.
pub(crate) fn allows_transport(transports: &[Transport], transport: Transport) -> bool {
    transports.is_empty() || transports.contains(&transport)
}
