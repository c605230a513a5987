//! A phone and what the switch knows of its registrations.

use std::{collections::HashMap, net::IpAddr};

use ::call::{DeviceId, Timestamp};
use directory::model::Device;
use live::Registration;

use super::View;
use crate::wire::{DeviceWire, Digits, MacWire, ProvisionedWire, RegisteredWire};

/// A phone, with its latest contact if it ever had one.
pub struct DeviceSeen<'a> {
    device: &'a Device,
    contact: Option<Contact>,
}

#[derive(Clone, Copy)]
struct Contact {
    ip: IpAddr,
    requested_at: Timestamp,
    registered_at: Timestamp,
}

impl<'a> DeviceSeen<'a> {
    /// The phones, each with the latest of its contacts among `registrations`.
    pub fn join(devices: impl Iterator<Item = &'a Device>, registrations: &[Registration]) -> Vec<Self> {
        let mut contacts: HashMap<DeviceId, Contact> = HashMap::new();
        for registration in registrations {
            let contact = Contact::of(registration);
            contacts.entry(registration.device).and_modify(|known| known.merge(contact)).or_insert(contact);
        }
        devices.map(|device| Self { device, contact: contacts.get(&device.id).copied() }).collect()
    }

    /// When a REGISTER of it was last accepted.
    pub fn registered_at(&self) -> Option<Timestamp> {
        self.contact.map(|contact| contact.registered_at)
    }

    /// What a list is sorted by: phones that never registered are the oldest.
    pub fn rank(&self) -> (Option<Timestamp>, [u8; 6]) {
        (self.registered_at(), self.device.mac)
    }
}

impl Contact {
    fn of(registration: &Registration) -> Self {
        Self {
            ip: registration.source.ip().to_canonical(),
            requested_at: registration.requested_at,
            registered_at: registration.registered_at,
        }
    }

    fn merge(&mut self, other: Self) {
        if other.requested_at > self.requested_at {
            self.ip = other.ip;
        }
        self.requested_at = self.requested_at.max(other.requested_at);
        self.registered_at = self.registered_at.max(other.registered_at);
    }
}

impl View {
    /// A phone. Configuration fetches are not served here, so nothing is known of them.
    pub fn device(self, seen: &DeviceSeen<'_>) -> DeviceWire {
        let seconds = |at| Digits::seconds(self.wire, at);
        let last_success = seen.registered_at().map(seconds);
        DeviceWire {
            account_id: Digits::integer(self.wire, seen.device.account.0),
            device_ip: seen.contact.map(|contact| contact.ip),
            last_request: seen.contact.map(|contact| seconds(contact.requested_at)),
            last_success: last_success.clone(),
            mac_address: MacWire(seen.device.mac),
            registration: RegisteredWire { last_success },
            provisioned: ProvisionedWire::default(),
        }
    }
}
