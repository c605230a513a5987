//! Who appears in event tables: a few accounts, phones and trunks with fixed ids.

use std::sync::Arc;

use call::{
    AccountId, CenterId, CustomerId, DeviceId, Number, TrunkId,
    party::{Endpoint, Owner},
};

use super::words::{Words, pick};

/// The account that tables are about unless they say otherwise.
pub const HOME: &str = "acme";

const ACCOUNTS: [(&str, Owner); 5] = [
    ("acme", owner(1, 1234, Some(7))),
    ("branch", owner(1, 1235, None)),
    ("globex", owner(2, 2001, None)),
    ("carrier-a", owner(9, 9001, None)),
    ("carrier-b", owner(9, 9002, None)),
];

/// Name, extension, account, device id, person.
const PHONES: [(&str, &str, &str, u32, &str); 6] = [
    ("alice", "1001", "acme", 1, "Alice"),
    ("bob-desk", "1002", "acme", 2, "Bob"),
    ("bob-cell", "1002", "acme", 3, "Bob"),
    ("carol", "1003", "acme", 4, "Carol"),
    ("dave", "1101", "branch", 5, "Dave"),
    ("erin", "1201", "globex", 6, "Erin"),
];

/// Name (also of its account) and id.
const TRUNKS: [(&str, u32); 2] = [("carrier-a", 1), ("carrier-b", 2)];

const fn owner(customer: u32, account: u32, center: Option<u32>) -> Owner {
    let center = match center {
        Some(center) => Some(CenterId(center)),
        None => None,
    };
    Owner { customer: CustomerId(customer), account: AccountId(account), center }
}

/// A phone or trunk with what is known of it.
#[derive(Clone, Debug)]
pub(super) struct Party {
    pub(super) owner: Owner,
    pub(super) endpoint: Endpoint,
    /// The extension; trunks have none.
    pub(super) number: Option<Number>,
}

/// An account of the cast by its name.
pub fn account(name: &str) -> Option<Owner> {
    ACCOUNTS.iter().find(|(known, _)| *known == name).map(|(_, owner)| *owner)
}

/// All accounts with their names.
pub(super) fn accounts() -> impl Iterator<Item = (&'static str, Owner)> {
    ACCOUNTS.into_iter()
}

/// The name of an account of the cast.
pub(super) fn name_of(account: AccountId) -> &'static str {
    ACCOUNTS.iter().find(|(_, owner)| owner.account == account).map_or("?", |(name, _)| name)
}

/// `name` as an account, or what is accepted.
pub(super) fn parse_account(name: &str) -> Result<Owner, String> {
    pick("account", name, &ACCOUNTS)
}

/// `ext 1001`, `phone alice` or `trunk carrier-a`.
pub(super) fn parse_party(words: &mut Words<'_>) -> Result<Party, String> {
    let kind = words.need("`ext`, `phone` or `trunk`")?;
    match kind {
        "ext" => phone("extension", words.need("an extension")?, |phone| phone.1),
        "phone" => phone("phone", words.need("the name of a phone")?, |phone| phone.0),
        "trunk" => trunk(words.need("the name of a trunk")?),
        other => Err(format!("`{other}` is not a party; accepted: ext, phone, trunk")),
    }
}

type Phone = (&'static str, &'static str, &'static str, u32, &'static str);

fn phone(what: &str, word: &str, key: impl Fn(&Phone) -> &'static str) -> Result<Party, String> {
    let named: Vec<_> = PHONES.iter().map(|phone| (key(phone), phone)).collect();
    let (_, extension, account, id, person) = pick(what, word, &named)?;
    let endpoint = Endpoint::Device { id: DeviceId(*id), name: Arc::from(*person) };
    Ok(Party { owner: parse_account(account)?, endpoint, number: Some(Number::from(*extension)) })
}

fn trunk(name: &str) -> Result<Party, String> {
    let id = pick("trunk", name, &TRUNKS)?;
    let endpoint = Endpoint::Trunk { id: TrunkId(id), name: name.into() };
    Ok(Party { owner: parse_account(name)?, endpoint, number: None })
}
