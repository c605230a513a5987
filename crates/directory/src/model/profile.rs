//! What portals let their users do.

use std::{collections::BTreeSet, fmt};

/// The id of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProfileId(pub u32);

impl ProfileId {
    /// The profile of users who have no other.
    pub const USUAL: Self = Self(1);
}

impl fmt::Display for ProfileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a portal lets a user do. All but [`allows_recordings`](Self::allows_recordings) is advice to
/// portals: what they show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its id, unique; given in the file.
    pub id: ProfileId,
    /// What is not permitted, out of [`PERMISSIONS`](Self::PERMISSIONS) and recordings.
    pub denied: BTreeSet<&'static str>,
}

const RECORDINGS: &str = "recordings";

impl Default for Profile {
    fn default() -> Self {
        Self::usual(ProfileId::USUAL)
    }
}

impl Profile {
    /// What a portal may show, in the order in which it is told.
    pub const PERMISSIONS: [&'static str; 45] = [
        "account",
        "outgoing-rateplans",
        "outgoing-cdrs",
        "outgoing-cdr-exports",
        "outgoing-statistics",
        "outgoing-statistics-active-calls",
        "outgoing-statistics-acd",
        "outgoing-statistics-asr",
        "outgoing-statistics-failed-calls",
        "outgoing-statistics-successful-calls",
        "outgoing-statistics-total-calls",
        "outgoing-statistics-total-duration",
        "outgoing-statistics-total-price",
        "outgoing-statistics-acd-value",
        "outgoing-statistics-asr-value",
        "outgoing-statistics-failed-calls-value",
        "outgoing-statistics-successful-calls-value",
        "outgoing-statistics-total-calls-value",
        "outgoing-statistics-total-duration-value",
        "outgoing-statistics-total-price-value",
        "outgoing-active-calls",
        "outgoing-numberlists",
        "incoming-cdrs",
        "incoming-statistics",
        "incoming-statistics-active-calls",
        "incoming-statistics-acd",
        "incoming-statistics-asr",
        "incoming-statistics-failed-calls",
        "incoming-statistics-successful-calls",
        "incoming-statistics-total-calls",
        "incoming-statistics-total-duration",
        "incoming-statistics-total-price",
        "incoming-statistics-acd-value",
        "incoming-statistics-asr-value",
        "incoming-statistics-failed-calls-value",
        "incoming-statistics-successful-calls-value",
        "incoming-statistics-total-calls-value",
        "incoming-statistics-total-duration-value",
        "incoming-statistics-total-price-value",
        "invoices",
        "payments",
        "payments-cryptomus",
        "services",
        "transactions",
        "webrtc-dialer",
    ];

    /// A profile that denies what is usually denied.
    pub(crate) fn usual(id: ProfileId) -> Self {
        Self { id, denied: BTreeSet::from(["payments-cryptomus"]) }
    }

    /// The permission of this name.
    pub(crate) fn permission(name: &str) -> Option<&'static str> {
        let known = Self::PERMISSIONS.into_iter().chain([RECORDINGS]);
        known.into_iter().find(|permission| *permission == name)
    }

    /// Whether something is permitted.
    pub fn permits(&self, permission: &str) -> bool {
        !self.denied.contains(permission)
    }

    /// Whether recordings of calls may be fetched.
    pub fn allows_recordings(&self) -> bool {
        self.permits(RECORDINGS)
    }
}
