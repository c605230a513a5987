//! Which sides of a call an account has.

use crate::{id::AccountId, party::Owner};

/// Which sides of a call an account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sides {
    /// It sends the call.
    Originated,
    /// It takes the call.
    Terminated,
    /// Both: a call inside the account.
    Both,
}

impl Sides {
    /// The sides that `account` has of a call between the two owners.
    pub fn of(account: AccountId, origination: Owner, termination: Option<Owner>) -> Option<Self> {
        let originates = origination.account == account;
        let terminates = termination.is_some_and(|owner| owner.account == account);
        match (originates, terminates) {
            (true, true) => Some(Self::Both),
            (true, false) => Some(Self::Originated),
            (false, true) => Some(Self::Terminated),
            (false, false) => None,
        }
    }

    /// Whether the account sends the call.
    pub fn originates(self) -> bool {
        !matches!(self, Self::Terminated)
    }

    /// Whether the account takes the call.
    pub fn terminates(self) -> bool {
        !matches!(self, Self::Originated)
    }

    /// Whether the account sends the call. Calls inside an account count as sent.
    pub fn is_outbound(self) -> bool {
        !matches!(self, Self::Terminated)
    }
}
