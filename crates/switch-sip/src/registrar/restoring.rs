//! The contacts from before the start.

use std::sync::Arc;

use call::{AccountId, DeviceId, party::Transport};
use tokio::task::JoinSet;

use super::kept::{self, StoredContactV1, StoredWayV1};
use crate::{core::Core, transport::Flow};

/// Connections that are made at one time.
const AT_ONCE: usize = 64;

/// A contact that a connection has to be made to.
struct Distant {
    device: DeviceId,
    account: AccountId,
    contact: StoredContactV1,
}

/// Takes in the contacts that were registered before the start and have not lapsed: at once those that datagrams
/// reach, the others as they take connections.
pub(crate) fn restore(core: &Arc<Core>) {
    let at = core.clock.now();
    let (kept, unreadable) = kept::load(&*core.config.registrations, at);
    if unreadable > 0 {
        tracing::warn!(
            unreadable,
            "registrations from before the start cannot be read, and are done without"
        );
    }
    let directory = core.directory.snapshot();
    let is_known = |device, account| directory.device(device).is_some_and(|known| known.account == account);
    let mut distant = Vec::new();
    for (device, contacts) in kept {
        let account = contacts.account();
        if !is_known(device, account) {
            continue;
        }
        for contact in contacts.into_live(at) {
            match contact.way() {
                StoredWayV1::Udp(peer) => {
                    if let Some(flow) = core.network.flow(Transport::Udp, peer) {
                        bind(core, device, account, contact, flow);
                    }
                }
                StoredWayV1::Tcp(_) => distant.push(Distant { device, account, contact }),
            }
        }
    }
    let registered = core.bindings.count(core.clock.monotonic());
    tracing::info!(registered, to_connect = distant.len(), "phones registered before the start are known");
    if !distant.is_empty() {
        core.stack.tasks.spawn(connect(core.clone(), distant));
    }
}

fn bind(core: &Core, device: DeviceId, account: AccountId, contact: StoredContactV1, flow: Flow) {
    let (times, limits) = ((core.clock.now(), core.clock.monotonic()), &core.config.registration);
    if let Some(binding) = contact.bind(account, flow, times, limits.longest) {
        core.bindings.restore(device, binding, limits.contacts);
    }
}

async fn connect(core: Arc<Core>, distant: Vec<Distant>) {
    let mut under_way = JoinSet::new();
    for to in distant {
        if under_way.len() >= AT_ONCE {
            under_way.join_next().await;
        }
        under_way.spawn(reach(core.clone(), to));
    }
    while under_way.join_next().await.is_some() {}
}

async fn reach(core: Arc<Core>, to: Distant) {
    let StoredWayV1::Tcp(peer) = to.contact.way() else { return };
    match core.network.reach(Transport::Tcp, peer, &peer.ip().to_string()).await {
        Ok(flow) => bind(&core, to.device, to.account, to.contact, flow),
        Err(error) => tracing::debug!(device = to.device.0, %error, "a phone of before takes no connection"),
    }
}
