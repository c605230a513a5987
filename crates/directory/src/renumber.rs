//! Giving the entries of a file the ids that the directory knows them by.
//!
//! A customer is known by its name, a center by its name in the customer, a user by login, a device by SIP
//! user, a trunk by its name. What the directory does not know gets an id that was never used.
//!
//! Whatever an entry of a file refers to is in the file, so every id that is looked up here is there.

use std::{collections::HashMap, hash::Hash};

use call::{CenterId, CustomerId, DeviceId, TrunkId, UserId};

use crate::snapshot::Entries;

/// The next id of each kind that was never used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NextIds {
    pub(crate) customer: u32,
    pub(crate) center: u32,
    pub(crate) user: u32,
    pub(crate) device: u32,
    pub(crate) trunk: u32,
}

impl Default for NextIds {
    fn default() -> Self {
        Self { customer: 1, center: 1, user: 1, device: 1, trunk: 1 }
    }
}

/// Gives `entries` the ids that they have in `known`, or new ones from `next`.
pub(crate) fn renumber(entries: &mut Entries, known: &Entries, next: &mut NextIds) {
    renumber_customers(entries, known, &mut next.customer);
    renumber_centers(entries, known, &mut next.center);
    renumber_devices(entries, known, &mut next.device);
    let users = known.users.iter().map(|user| (user.login.clone(), user.id));
    let mut ids = Ids::new(users, &mut next.user, UserId);
    entries.users.iter_mut().for_each(|user| user.id = ids.of(user.login.clone()));
    renumber_trunks(entries, known, &mut next.trunk);
}

fn renumber_customers(entries: &mut Entries, known: &Entries, next: &mut u32) {
    let customers = known.customers.iter().map(|customer| (customer.name.clone(), customer.id));
    let mut ids = Ids::new(customers, next, CustomerId);
    let mut moved = HashMap::new();
    for customer in &mut entries.customers {
        let id = ids.of(customer.name.clone());
        moved.insert(std::mem::replace(&mut customer.id, id), id);
    }
    let owners = (entries.centers.iter_mut().map(|center| &mut center.customer))
        .chain(entries.accounts.iter_mut().map(|account| &mut account.customer))
        .chain(entries.users.iter_mut().map(|user| &mut user.customer))
        .chain(entries.numberlists.iter_mut().map(|list| &mut list.customer))
        .chain(entries.trunks.iter_mut().flat_map(|trunk| &mut trunk.customers));
    owners.for_each(|id| *id = moved[id]);
}

fn renumber_centers(entries: &mut Entries, known: &Entries, next: &mut u32) {
    let centers = known.centers.iter().map(|center| ((center.customer, center.name.clone()), center.id));
    let mut ids = Ids::new(centers, next, CenterId);
    let mut moved = HashMap::new();
    for center in &mut entries.centers {
        let id = ids.of((center.customer, center.name.clone()));
        moved.insert(std::mem::replace(&mut center.id, id), id);
    }
    let references = (entries.accounts.iter_mut().flat_map(|account| &mut account.center))
        .chain(entries.users.iter_mut().flat_map(|user| &mut user.centers));
    references.for_each(|id| *id = moved[id]);
}

fn renumber_devices(entries: &mut Entries, known: &Entries, next: &mut u32) {
    let devices = known.devices.iter().map(|device| (device.sip_user.clone(), device.id));
    let mut ids = Ids::new(devices, next, DeviceId);
    let mut moved = HashMap::new();
    for device in &mut entries.devices {
        let id = ids.of(device.sip_user.clone());
        moved.insert(std::mem::replace(&mut device.id, id), id);
    }
    let references = entries.extensions.iter_mut().flat_map(|extension| &mut extension.devices);
    references.for_each(|id| *id = moved[id]);
}

fn renumber_trunks(entries: &mut Entries, known: &Entries, next: &mut u32) {
    let trunks = known.trunks.iter().map(|trunk| (trunk.name.clone(), trunk.id));
    let mut ids = Ids::new(trunks, next, TrunkId);
    let mut moved = HashMap::new();
    for trunk in &mut entries.trunks {
        let id = ids.of(trunk.name.clone());
        moved.insert(std::mem::replace(&mut trunk.id, id), id);
    }
    let references = entries.webhooks.iter_mut().flat_map(|webhook| &mut webhook.trunk);
    references.for_each(|id| *id = moved[id]);
}

/// The ids of one kind.
struct Ids<'n, K, I> {
    known: HashMap<K, I>,
    next: &'n mut u32,
    make: fn(u32) -> I,
}

impl<'n, K: Hash + Eq, I: Copy> Ids<'n, K, I> {
    fn new(known: impl Iterator<Item = (K, I)>, next: &'n mut u32, make: fn(u32) -> I) -> Self {
        Self { known: known.collect(), next, make }
    }

    fn of(&mut self, key: K) -> I {
        *self.known.entry(key).or_insert_with(|| {
            let id = (self.make)(*self.next);
            *self.next += 1;
            id
        })
    }
}
