//! By what live calls are counted.

use std::{cmp::Reverse, collections::BTreeMap, sync::Arc};

use call::{AccountId, Number, state::Phase};

use crate::LiveCall;

/// By what calls are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupBy {
    /// The account that they are seen from.
    Account,
    /// What they do.
    State,
    /// The trunk that carries them.
    Trunk,
    /// The account's extension in them.
    Extension,
    /// The country of the number that is called.
    Country,
    /// Who sends them.
    Direction,
}

/// What the calls of a group have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupKey {
    /// Their account.
    Account(AccountId),
    /// What they do.
    State(Phase),
    /// Their trunk, if they have one that may be known.
    Trunk(Option<Arc<str>>),
    /// Their extension, if they have one.
    Extension(Option<Number>),
    /// Their country (ISO 3166-1 numeric), if it is known.
    Country(Option<u16>),
    /// Whether the account sends them.
    Outbound(bool),
}

impl GroupBy {
    /// The group of a call.
    pub fn of(self, call: &LiveCall) -> GroupKey {
        match self {
            Self::Account => GroupKey::Account(call.account),
            Self::State => GroupKey::State(call.phase),
            Self::Trunk => GroupKey::Trunk(call.trunk.clone()),
            Self::Extension => GroupKey::Extension(call.extension.clone()),
            Self::Country => GroupKey::Country(call.country),
            Self::Direction => GroupKey::Outbound(call.is_outbound),
        }
    }

    /// How many of these calls are of each group, most first.
    pub fn counted(self, calls: &[LiveCall]) -> Vec<(GroupKey, usize)> {
        let mut counts: BTreeMap<GroupKey, usize> = BTreeMap::new();
        for call in calls {
            *counts.entry(self.of(call)).or_default() += 1;
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| Reverse(*count));
        counts
    }
}
