//! The contacts of all devices.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    ops::Bound::{Excluded, Unbounded},
    sync::Arc,
    time::Duration,
};

use call::{AccountId, DeviceId, Timestamp};
use keyvalue::Table;
use parking_lot::RwLock;
use rsipstack::sip::Uri;
use switch::Registration;

use super::kept;
use crate::transport::Flow;

/// What a contact stays the same by, whatever its URI and flow (RFC 5626 section 4.2): which phone, and which of its
/// flows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outbound {
    pub(crate) instance: Arc<str>,
    pub(crate) reg_id: u32,
}

/// A contact of a device.
#[derive(Clone)]
pub(crate) struct Binding {
    pub(crate) account: AccountId,
    /// The Contact URI as it was registered.
    pub(crate) contact: Arc<str>,
    pub(crate) target: Uri,
    pub(crate) outbound: Option<Outbound>,
    /// The proxies that lead there, the first one first (RFC 3327).
    pub(crate) path: Arc<[String]>,
    /// How much the device likes to be reached there, in thousandths (RFC 3261 section 20.10).
    pub(crate) preference: u16,
    /// The way that INVITEs go.
    pub(crate) flow: Flow,
    pub(crate) user_agent: Option<Arc<str>>,
    pub(crate) call_id: Arc<str>,
    pub(crate) cseq: u32,
    pub(crate) requested_at: Timestamp,
    pub(crate) registered_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    /// The same by the monotonic clock, which decides.
    pub(crate) lapses: Duration,
    /// Whether it was told that it is no more.
    pub(crate) is_over: bool,
}

/// Contacts of a device that are no more, as nobody has renewed them or their connections are gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lapsed {
    pub(super) device: DeviceId,
    pub(super) account: AccountId,
    pub(super) contacts: usize,
}

impl Binding {
    pub(crate) fn is_live(&self, now: Duration) -> bool {
        self.lapses > now && self.flow.is_open()
    }

    /// Whether one takes the other's place.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.contact == other.contact || (self.outbound.is_some() && self.outbound == other.outbound)
    }

    fn tell(&self, device: DeviceId) -> Registration {
        Registration {
            device,
            account: self.account,
            contact: self.contact.clone(),
            source: self.flow.peer,
            transport: self.flow.transport,
            user_agent: self.user_agent.clone(),
            requested_at: self.requested_at,
            registered_at: self.registered_at,
            expires_at: self.expires_at,
        }
    }
}

/// Notes which contacts are no more of which that was not known yet, and gives how many.
pub(super) fn lapse(bindings: &mut [Binding], now: Duration) -> usize {
    let lapsed = bindings.iter_mut().filter(|binding| !binding.is_over && !binding.is_live(now));
    lapsed.map(|binding| binding.is_over = true).count()
}

/// The contacts of all devices, and where they outlive the process.
pub(crate) struct Bindings {
    devices: RwLock<BTreeMap<DeviceId, Vec<Binding>>>,
    table: Arc<dyn Table>,
}

impl Bindings {
    /// None yet.
    pub(crate) fn new(table: Arc<dyn Table>) -> Self {
        Self { devices: RwLock::default(), table }
    }

    /// Takes in a contact from before the start, unless it was registered again since or there are `most` already.
    pub(crate) fn restore(&self, device: DeviceId, binding: Binding, most: usize) {
        let mut devices = self.devices.write();
        let contacts = devices.entry(device).or_default();
        if contacts.len() < most && contacts.iter().all(|known| known.contact != binding.contact) {
            contacts.push(binding);
        }
    }

    /// The contacts that ring when a device is called.
    pub(crate) fn live(&self, device: DeviceId, now: Duration) -> Vec<Binding> {
        self.with_live(device, now, |live| live.iter().copied().cloned().collect())
    }

    /// What `look` makes of them, which must not ask here again.
    pub(crate) fn with_live<T>(
        &self,
        device: DeviceId,
        now: Duration,
        look: impl FnOnce(&[&Binding]) -> T,
    ) -> T {
        let devices = self.devices.read();
        let contacts = devices.get(&device).into_iter().flatten();
        look(&contacts.filter(|binding| binding.is_live(now)).collect::<Vec<_>>())
    }

    /// Changes a device's contacts, all or none (RFC 3261 section 10.3). Afterwards lapsed ones are dropped; of a
    /// device that has no other, the latest stays to be shown.
    pub(crate) fn change<E>(
        &self,
        device: DeviceId,
        now: Duration,
        change: impl FnOnce(&mut Vec<Binding>) -> Result<(), E>,
    ) -> Result<Vec<Binding>, E> {
        let mut devices = self.devices.write();
        let mut changed = devices.get(&device).cloned().unwrap_or_default();
        change(&mut changed)?;
        let contacts = devices.entry(device).or_default();
        *contacts = changed;
        let latest = contacts.iter().max_by_key(|binding| binding.registered_at).cloned();
        contacts.retain(|binding| binding.is_live(now));
        if contacts.is_empty() {
            contacts.extend(latest);
        }
        kept::keep(&*self.table, device, contacts, now);
        Ok(contacts.clone())
    }

    /// Looks at the `most` devices after one, and gives those with contacts that have lapsed since that was last
    /// looked at, and the last device; `None` when there are no more.
    pub(super) fn lapse_after(
        &self,
        device: Option<DeviceId>,
        most: usize,
        now: Duration,
    ) -> (Vec<Lapsed>, Option<DeviceId>) {
        let mut devices = self.devices.write();
        let (mut found, mut last) = (Vec::new(), None);
        let after = (device.map_or(Unbounded, Excluded), Unbounded);
        for (at, (device, bindings)) in devices.range_mut(after).take(most).enumerate() {
            let (account, contacts) = (bindings.first().map(|binding| binding.account), lapse(bindings, now));
            found.extend(account.filter(|_| contacts > 0).map(|account| Lapsed {
                device: *device,
                account,
                contacts,
            }));
            last = (at + 1 == most).then_some(*device);
        }
        (found, last)
    }

    /// Notes that a contact was asked for again, whatever comes of it.
    pub(crate) fn note_request(&self, device: DeviceId, source: IpAddr, contact: &str, at: Timestamp) {
        let mut devices = self.devices.write();
        let contacts = devices.get_mut(&device).into_iter().flatten();
        for binding in
            contacts.filter(|binding| *binding.contact == *contact && binding.flow.peer.ip() == source)
        {
            binding.requested_at = at;
        }
    }

    /// What an account is told of its devices.
    pub(crate) fn of_account(&self, account: AccountId, now: Duration) -> Vec<Registration> {
        let devices = self.devices.read();
        let told = devices.iter().flat_map(|(device, contacts)| {
            let live: Vec<_> = contacts.iter().filter(|binding| binding.is_live(now)).collect();
            let shown = if live.is_empty() {
                contacts.iter().max_by_key(|b| b.registered_at).into_iter().collect()
            } else {
                live
            };
            shown
                .into_iter()
                .filter(|binding| binding.account == account)
                .map(|binding| binding.tell(*device))
                .collect::<Vec<_>>()
        });
        told.collect()
    }

    /// How many contacts are registered.
    pub(crate) fn count(&self, now: Duration) -> usize {
        let devices = self.devices.read();
        devices.values().flatten().filter(|binding| binding.is_live(now)).count()
    }
}
