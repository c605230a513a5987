//! Who takes part in a soak: a few accounts with many phones, which behave by their number.

use call::{
    AccountId, CustomerId, DeviceId,
    command::Target,
    party::{Endpoint, Owner},
};
use directory::{
    Access, Snapshot,
    model::{Account, Billing, Customer, Limits},
    snapshot::Entries,
};
use switch::simulated::{Manner, Party};

const ACCOUNTS: u32 = 4;
/// How many phones there are.
pub(super) const PHONES: u32 = 400;

pub(super) fn accounts() -> impl Iterator<Item = AccountId> + Clone {
    (1..=ACCOUNTS).map(AccountId)
}

/// What a client of one of the accounts may see.
pub(super) fn access(nth: usize) -> Access {
    let customer = CustomerId(1);
    let account = |id: AccountId| Account {
        id,
        uuid: uuid::Uuid::from_u128(id.0.into()),
        customer,
        center: None,
        name: id.to_string().as_str().into(),
        limits: Limits::default(),
        billing: Billing::default(),
    };
    let directory = Snapshot::new(Entries {
        realm: "soak".into(),
        customers: vec![Customer { id: customer, name: "soak".into() }],
        accounts: accounts().map(account).collect(),
        ..Entries::default()
    });
    let account = accounts().cycle().nth(nth).and_then(|id| directory.access_of_account(id));
    account.expect("each account of the cast is in the directory")
}

pub(super) fn phone(id: u32) -> Party {
    let owner = Owner { customer: CustomerId(1), account: AccountId(1 + id % ACCOUNTS), center: None };
    Party::phone(owner, id, "somebody", &format!("1{id:03}"))
}

pub(super) fn resolve(_: AccountId, target: &Target) -> Vec<Party> {
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

pub(super) fn manner(endpoint: &Endpoint) -> Manner {
    match endpoint.device().map(|DeviceId(id)| id % 7) {
        Some(0) => Manner::Busy,
        Some(1) => Manner::Rings,
        Some(2) => Manner::Waits,
        _ => Manner::Answers,
    }
}
