//! The live calls that somebody wants to see: filtered, counted, ordered, a part of them.

use std::{cmp::Reverse, collections::HashSet, sync::Arc};

use call::{AccountId, Call, Number, Registry, state::Phase};
use directory::{Access, Snapshot};

use crate::{Cursor, GroupBy, GroupKey, LiveCall, Order, SearchText};

/// What is wanted of the live calls; by default all, the newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LiveCalls {
    /// Of this account alone.
    pub account: Option<AccountId>,
    /// That do this.
    pub phase: Option<Phase>,
    /// Sent, or only taken.
    pub is_outbound: Option<bool>,
    /// In which a number, a name or the trunk has this text.
    pub text: Option<SearchText>,
    /// By this trunk.
    pub trunk: Option<String>,
    /// With this extension of the account.
    pub extension: Option<Number>,
    /// In this order.
    pub order: Order,
    /// Counted by this.
    pub group: Option<GroupBy>,
}

/// Which of the calls that are wanted are given.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Those after so many.
    Skip(usize),
    /// Those behind this one.
    Behind(Cursor),
}

/// What is found.
pub struct Found {
    /// The part.
    pub calls: Vec<LiveCall>,
    /// How many calls are wanted.
    pub matching: usize,
    /// How many calls there are.
    pub all: usize,
    /// How many of those that are wanted are of each group, most first.
    pub groups: Vec<(GroupKey, usize)>,
    /// Where the next part begins; `None` if this is the last.
    pub next: Option<Cursor>,
}

impl LiveCalls {
    /// What of the live calls is wanted, at most `most` of them from `part` on, for somebody who may see what `access`
    /// says.
    ///
    /// A call that two of the accounts share is there once: as the first of them sees it that sends it, or else
    /// takes it.
    pub fn of(
        &self,
        calls: &Registry,
        (access, directory): (&Access, &Snapshot),
        part: &Part,
        most: usize,
    ) -> Found {
        let mut found = self.candidates(calls, access);
        let all = found.len();
        let seen = |(account, call): (AccountId, &Arc<Call>)| LiveCall::of(call, account, access, directory);
        if let (true, Part::Skip(skipped)) = (self.is_plain(), part) {
            // Nothing has to be known of the calls that are not given.
            found.sort_unstable_by_key(|(_, call)| Reverse((call.started_at(), call.id())));
            let calls: Vec<_> = found.into_iter().skip(*skipped).take(most).map(seen).collect();
            let is_more = all > skipped.saturating_add(calls.len());
            let next = calls.last().filter(|_| is_more).map(|call| self.order.cursor(call));
            return Found { calls, matching: all, all, groups: Vec::new(), next };
        }
        let calls: Vec<_> = found.into_iter().map(seen).filter(|call| self.wants(call)).collect();
        self.part(calls, all, part, most)
    }

    fn part(&self, calls: Vec<LiveCall>, all: usize, part: &Part, most: usize) -> Found {
        let groups = self.group.map(|group| group.counted(&calls)).unwrap_or_default();
        let matching = calls.len();
        let mut placed: Vec<_> = calls.into_iter().map(|call| (self.order.cursor(&call), call)).collect();
        placed.sort_by(|(a, _), (b, _)| self.order.compare(a, b));
        let first = match part {
            Part::Skip(skipped) => *skipped,
            Part::Behind(cursor) => placed.partition_point(|(at, _)| self.order.compare(at, cursor).is_le()),
        };
        let is_more = matching > first.saturating_add(most);
        let given: Vec<_> = placed.into_iter().skip(first).take(most).collect();
        let next = given.last().filter(|_| is_more).map(|(at, _)| at.clone());
        Found { calls: given.into_iter().map(|(_, call)| call).collect(), matching, all, groups, next }
    }

    /// Whether all calls are wanted, the newest first, and not counted.
    fn is_plain(&self) -> bool {
        *self == Self { account: self.account, ..Self::default() }
    }

    fn wants(&self, call: &LiveCall) -> bool {
        self.phase.is_none_or(|phase| phase == call.phase)
            && self.is_outbound.is_none_or(|is_outbound| is_outbound == call.is_outbound)
            && self.trunk.as_ref().is_none_or(|trunk| call.trunk.as_deref() == Some(trunk))
            && self.extension.as_ref().is_none_or(|extension| call.extension.as_ref() == Some(extension))
            && self.text.as_ref().is_none_or(|text| call.has(text))
    }

    fn candidates<'a>(&self, calls: &'a Registry, access: &Access) -> Vec<(AccountId, &'a Arc<Call>)> {
        let mut known = HashSet::new();
        let mut found = Vec::new();
        let is_wanted = |id: &&AccountId| self.account.is_none_or(|wanted| wanted == **id);
        for id in access.accounts().iter().filter(is_wanted) {
            for call in calls.calls_of(*id) {
                let sender = call.origination().account;
                let is_senders = self.account.is_none() && sender != *id && access.allows(sender);
                if !is_senders && known.insert(call.id()) {
                    found.push((*id, call));
                }
            }
        }
        found
    }
}
