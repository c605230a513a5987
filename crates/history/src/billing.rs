//! How long the calls of accounts lasted, for who bills them.

use std::{
    ops::{Range, RangeInclusive},
    time::Duration,
};

use call::{AccountId, Timestamp};

/// Which calls are billed, and what of them. Every account's calls are its own: a call that two of them share
/// counts for both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillingQuery {
    /// Whose calls.
    pub accounts: Vec<AccountId>,
    /// Calls that began then.
    pub started: Range<Timestamp>,
    /// Calls that were talked on for so long.
    pub talk: RangeInclusive<Duration>,
    /// What of each call is billed.
    pub parts: BilledParts,
    /// What the billed time of each call is rounded up to a multiple of; `None` = it is billed as it was.
    pub step: Option<Duration>,
}

/// The parts of a call that are billed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BilledParts {
    /// Until the called party answered.
    pub ring: bool,
    /// Talking.
    pub talk: bool,
    /// On hold.
    pub hold: bool,
    /// Being transferred.
    pub transfer: bool,
}

/// What is billed to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Billed {
    /// The account.
    pub account: AccountId,
    /// How many calls.
    pub calls: u64,
    /// How long they are billed for, together.
    pub length: Duration,
}
