//! By what live calls are counted.

use std::{cmp::Reverse, collections::BTreeMap, sync::Arc};

use call::{AccountId, Number, state::Phase};

use crate::live_call::Seen;

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
    fn of(self, call: &Seen<'_>) -> GroupKey {
        match self {
            Self::Account => GroupKey::Account(call.account()),
            Self::State => GroupKey::State(call.phase()),
            Self::Trunk => GroupKey::Trunk(call.trunk().cloned()),
            Self::Extension => GroupKey::Extension(call.extension().cloned()),
            Self::Country => GroupKey::Country(call.country()),
            Self::Direction => GroupKey::Outbound(call.is_outbound()),
        }
    }
}

/// How many calls of each group have come by.
pub(crate) struct Groups {
    by: GroupBy,
    counts: BTreeMap<GroupKey, usize>,
}

impl Groups {
    /// Of none yet.
    pub(crate) fn new(by: GroupBy) -> Self {
        Self { by, counts: BTreeMap::new() }
    }

    pub(crate) fn note(&mut self, call: &Seen<'_>) {
        *self.counts.entry(self.by.of(call)).or_default() += 1;
    }

    /// The counts, most first.
    pub(crate) fn counted(self) -> Vec<(GroupKey, usize)> {
        let mut counts: Vec<_> = self.counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| Reverse(*count));
        counts
    }
}
