//! The live calls that somebody wants to see: filtered, counted, ordered, a part of them.

use std::{collections::HashSet, sync::Arc};

use call::{AccountId, Call, Number, Registry, Timestamp, registry::AccountCalls, state::Phase};
use directory::{Access, Snapshot};

use crate::{Cursor, GroupBy, GroupKey, LiveCall, Order, SearchText, group::Groups, live_call::Seen};

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
    pub fn of<'a>(
        &self,
        calls: &'a Registry,
        (access, directory): (&'a Access, &'a Snapshot),
        part: &Part,
        most: usize,
    ) -> Found {
        let seen = |account, call: &'a Arc<Call>| Seen::new((account, call), access, directory);
        let by_start = self.only(access).filter(|_| matches!(self.order, Order::Newest | Order::Oldest));
        let Some(account) = by_start else {
            let found = self.candidates(calls, access);
            let all = found.len();
            let calls = found.into_iter().map(|(account, call)| seen(account, call));
            return self.along(self.sorted(calls.filter(|call| self.wants(call))), all, part, most);
        };
        let calls = calls.calls_of(account);
        let (all, seen) = (calls.len(), |call| seen(account, call));
        let is_wanted = |call: &Seen<'_>| self.wants(call);
        match self.order {
            _ if self.are_all_wanted() => self.by_start(calls, seen, part, most),
            Order::Oldest => self.along(calls.map(seen).filter(is_wanted), all, part, most),
            _ => self.along(calls.rev().map(seen).filter(is_wanted), all, part, most),
        }
    }

    /// Calls in the order that is wanted.
    fn sorted<'a>(&self, calls: impl Iterator<Item = Seen<'a>>) -> impl Iterator<Item = Seen<'a>> {
        let mut placed: Vec<_> = calls.map(|call| (self.order.cursor(&call), call)).collect();
        placed.sort_by(|(a, _), (b, _)| self.order.compare(a, b));
        placed.into_iter().map(|(_, call)| call)
    }

    /// The part of calls that come in their order.
    fn along<'a>(
        &self,
        calls: impl Iterator<Item = Seen<'a>>,
        all: usize,
        part: &Part,
        most: usize,
    ) -> Found {
        let (mut given, mut matching, mut last) = (Vec::new(), 0, None);
        let mut groups = self.group.map(Groups::new);
        for call in calls {
            matching += 1;
            groups.iter_mut().for_each(|groups| groups.note(&call));
            let is_behind = || match part {
                Part::Skip(skipped) => matching > *skipped,
                Part::Behind(cursor) => self.order.compare(&self.order.cursor(&call), cursor).is_gt(),
            };
            if given.len() < most && is_behind() {
                last = Some((self.order.cursor(&call), matching));
                given.push(call.whole());
            }
        }
        let next = last.filter(|(_, place)| *place < matching).map(|(cursor, _)| cursor);
        let groups = groups.map(Groups::counted).unwrap_or_default();
        Found { calls: given, matching, all, groups, next }
    }

    /// The part of an account's calls in the order of their start, in which they are kept: no others are looked at.
    fn by_start<'a>(
        &self,
        calls: AccountCalls<'a>,
        seen: impl Fn(&'a Arc<Call>) -> Seen<'a>,
        part: &Part,
        most: usize,
    ) -> Found {
        let all = calls.len();
        let skipped = match part {
            Part::Skip(skipped) => *skipped,
            Part::Behind(cursor) => self.until(cursor, &calls),
        };
        let given: Vec<_> = match self.order {
            Order::Oldest => calls.skip(skipped).take(most).map(seen).collect(),
            _ => calls.rev().skip(skipped).take(most).map(seen).collect(),
        };
        let is_more = all > skipped.saturating_add(given.len());
        let next = given.last().filter(|_| is_more).map(|call| self.order.cursor(call));
        Found { calls: given.iter().map(Seen::whole).collect(), matching: all, all, groups: Vec::new(), next }
    }

    /// How many calls there are until a cursor, with the one that it is at.
    fn until(&self, cursor: &Cursor, calls: &AccountCalls<'_>) -> usize {
        let earlier = calls.clone().begun(Timestamp::MIN, cursor.place().0).len();
        let place = |call: &Arc<Call>| (call.started_at(), call.id());
        let mut alike = calls.clone().skip(earlier).peekable();
        let mut before = earlier;
        while alike.next_if(|call| place(call) < cursor.place()).is_some() {
            before += 1;
        }
        let is_there = alike.peek().is_some_and(|call| place(call) == cursor.place());
        match self.order {
            Order::Oldest => before + usize::from(is_there),
            _ => calls.len() - before,
        }
    }

    /// The only account whose calls may be wanted, if there is only one.
    fn only(&self, access: &Access) -> Option<AccountId> {
        match (self.account, access.accounts()) {
            (Some(account), _) if access.allows(account) => Some(account),
            (None, [account]) => Some(*account),
            _ => None,
        }
    }

    /// Whether there is no filter, and nothing is counted.
    fn are_all_wanted(&self) -> bool {
        *self == Self { account: self.account, order: self.order, ..Self::default() }
    }

    fn wants(&self, call: &Seen<'_>) -> bool {
        self.phase.is_none_or(|phase| phase == call.phase())
            && self.is_outbound.is_none_or(|is_outbound| is_outbound == call.is_outbound())
            && self.trunk.as_ref().is_none_or(|trunk| call.trunk().is_some_and(|known| **known == **trunk))
            && self.extension.as_ref().is_none_or(|extension| call.extension() == Some(extension))
            && self.text.as_ref().is_none_or(|text| call.has(text))
    }

    fn candidates<'a>(&self, calls: &'a Registry, access: &Access) -> Vec<(AccountId, &'a Arc<Call>)> {
        if let Some(account) = self.only(access) {
            return calls.calls_of(account).map(|call| (account, call)).collect();
        }
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
