//! Who may speak in a dialog. Its Call-ID and tags are no secret to whoever hears it on the wire, and RFC 3261
//! section 12.2.2 asks for no more.

use std::net::IpAddr;

use call::DeviceId;
use directory::Snapshot;
use parking_lot::Mutex;
use rsipstack::sip::{Request, StatusCode};

use crate::{core::Core, dialog::Dialog, inbound, refusal::Refusal, transport::Flow};

/// Addresses of a peer that are remembered, at most: of one that moves on, the latest.
const MOST: usize = 4;

/// The other end of a dialog.
pub(super) struct Peer {
    /// Which phone it is, if it is one.
    device: Option<DeviceId>,
    /// Where it was found, and where it has proved since to be.
    addresses: Mutex<Vec<IpAddr>>,
}

impl Peer {
    pub(super) fn of(dialog: &Dialog) -> Self {
        let mut addresses = [dialog.begun_at, dialog.flow.peer.ip()].map(|ip| ip.to_canonical()).to_vec();
        addresses.dedup();
        Self { device: dialog.device(), addresses: Mutex::new(addresses) }
    }

    /// Whether a request that came by `flow` is of this peer: it comes from where the peer is known to be, from
    /// where the phone is registered, from another address of the trunk, or it has credentials of the phone.
    pub(super) fn check(&self, core: &Core, request: &Request, flow: &Flow) -> Result<(), Refusal> {
        let ip = flow.peer.ip().to_canonical();
        if self.addresses.lock().contains(&ip) {
            return Ok(());
        }
        let directory = core.directory.snapshot();
        let is_known = match self.device {
            Some(device) if is_registered_at(core, device, ip) => true,
            Some(device) => inbound::device_of(core, request, flow, &directory)?.id == device,
            None => self.is_of_trunk(&directory, ip),
        };
        if !is_known {
            return Err(StatusCode::Forbidden.into());
        }
        self.remember(ip);
        Ok(())
    }

    /// Whether the trunk that the peer is an address of has this one, too.
    fn is_of_trunk(&self, directory: &Snapshot, ip: IpAddr) -> bool {
        let known = self.addresses.lock().clone();
        directory.entries().trunks.iter().any(|trunk| {
            let is_source = |ip: &IpAddr| trunk.sources.iter().any(|source| source.net.contains(ip));
            let is_host = |ip: &IpAddr| trunk.host.parse::<IpAddr>().is_ok_and(|host| host == *ip);
            is_source(&ip) && known.iter().any(|known| is_source(known) || is_host(known))
        })
    }

    fn remember(&self, ip: IpAddr) {
        let mut addresses = self.addresses.lock();
        if addresses.len() == MOST {
            addresses.remove(0);
        }
        addresses.push(ip);
    }
}

fn is_registered_at(core: &Core, device: DeviceId, ip: IpAddr) -> bool {
    core.bindings.with_live(device, core.clock.monotonic(), |live| {
        live.iter().any(|binding| binding.flow.peer.ip().to_canonical() == ip)
    })
}
