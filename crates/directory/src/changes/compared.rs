//! What entries of each kind are compared by.

mod money;
mod parties;
mod phones;
mod trunks;
mod webhooks;

use std::hash::Hash;

use call::{AccountId, CustomerId};

use crate::{audit::Whose, file::Entry, snapshot::Snapshot};

/// An entry that can be compared with what it was.
pub(super) trait Compared: PartialEq {
    /// What it is known by.
    type Key: Hash + Eq;

    /// That of this entry.
    fn key(&self) -> Self::Key;

    /// What a person calls it.
    fn title(&self, directory: &Snapshot) -> String;

    /// The fields of the file that have other values in `other`.
    fn differences(&self, other: &Self) -> Vec<&'static str>;

    /// Whose it is; the operator's own if nobody's.
    fn whose(&self, directory: &Snapshot) -> Whose;

    /// As a directory file has it.
    fn entry(&self) -> Entry<'_>;
}

/// What is of an account.
fn of_account(directory: &Snapshot, account: AccountId) -> Whose {
    Whose { customer: directory.account(account).map(|account| account.customer), account: Some(account) }
}

fn of_customer(customer: CustomerId) -> Whose {
    Whose { customer: Some(customer), account: None }
}

/// The names of those fields that differ between `$one` and `$other`, as the directory file names them.
macro_rules! differing {
    ($one:expr, $other:expr, $($name:literal: $($field:ident).+),* $(,)?) => {{
        let fields = [$(($name, $one.$($field).+ == $other.$($field).+)),*];
        let mut names: Vec<&'static str> =
            fields.into_iter().filter(|(_, is_equal)| !is_equal).map(|(name, _)| name).collect();
        names.dedup();
        names
    }};
}
use differing;
