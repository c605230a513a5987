//! Who takes part in a soak: a few accounts with many phones, which behave by their number.

use call::{AccountId, DeviceId, command::Target, party::Endpoint};
use switch::simulated::{Manner, Party};

use crate::stage::{self, ACCOUNTS};

/// How many phones there are.
pub const PHONES: u32 = 400;

pub fn phone(id: u32) -> Party {
    stage::phone(1 + id % ACCOUNTS, id)
}

pub fn resolve(_: AccountId, target: &Target) -> Vec<Party> {
    match target {
        Target::Device(DeviceId(id)) if *id < PHONES => vec![phone(*id)],
        // An extension has two phones.
        Target::Extension(number) => {
            let id = number.as_str().parse().ok().filter(|id| *id < PHONES);
            id.map(|id: u32| vec![phone(id), phone((id + 1) % PHONES)]).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

pub fn manner(endpoint: &Endpoint) -> Manner {
    match endpoint.device().map(|DeviceId(id)| id % 7) {
        Some(0) => Manner::Busy,
        Some(1) => Manner::Rings,
        Some(2) => Manner::Waits,
        _ => Manner::Answers,
    }
}
