//! Phones and the numbers that ring them.

use super::{Compared, differing, of_account};
use crate::{
    audit::Whose,
    file::Entry,
    model::{Device, DidNumber, Extension},
    snapshot::Snapshot,
};

impl Compared for Device {
    type Key = call::DeviceId;

    fn key(&self) -> Self::Key {
        self.id
    }

    fn title(&self, _: &Snapshot) -> String {
        format!("device {:?}", self.sip_user)
    }

    fn differences(&self, other: &Self) -> Vec<&'static str> {
        differing!(
            self, other,
            "account": account, "mac": mac, "secret": ha1_md5, "secret": ha1_sha256,
            "caller_id": caller_id, "caller_name": caller_name, "spending": spending,
            "limits": limits,
            "networks": ways.networks, "transports": ways.transports, "rings": rings,
            "encryption": encryption,
        )
    }

    fn whose(&self, directory: &Snapshot) -> Whose {
        of_account(directory, self.account)
    }

    fn entry(&self) -> Entry<'_> {
        Entry::Device(self)
    }
}

impl Compared for Extension {
    type Key = (call::AccountId, call::Number);

    fn key(&self) -> Self::Key {
        (self.account, self.number.clone())
    }

    fn title(&self, _: &Snapshot) -> String {
        format!("extension {} of account {}", self.number, self.account)
    }

    fn differences(&self, other: &Self) -> Vec<&'static str> {
        differing!(self, other, "name": name, "devices": devices)
    }

    fn whose(&self, directory: &Snapshot) -> Whose {
        of_account(directory, self.account)
    }

    fn entry(&self) -> Entry<'_> {
        Entry::Extension(self)
    }
}

impl Compared for DidNumber {
    type Key = call::Number;

    fn key(&self) -> Self::Key {
        self.number.clone()
    }

    fn title(&self, _: &Snapshot) -> String {
        format!("number {}", self.number)
    }

    fn differences(&self, other: &Self) -> Vec<&'static str> {
        differing!(self, other, "account": account, "extension": extension, "screen_pop": screen_pop)
    }

    fn whose(&self, directory: &Snapshot) -> Whose {
        of_account(directory, self.account)
    }

    fn entry(&self) -> Entry<'_> {
        Entry::DidNumber(self)
    }
}
