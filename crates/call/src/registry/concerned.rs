//! Which accounts a live call concerns.

use crate::{
    id::AccountId,
    state::{Call, Parts},
};

/// The accounts that a call concerns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Concerned {
    /// Those of the call itself.
    sides: [Option<AccountId>; 2],
    /// The others that have a part of it, in order, and whether one goes on.
    of_parts: Vec<(AccountId, bool)>,
}

impl Concerned {
    pub(super) fn by(call: &Call) -> Self {
        let (origination, termination) = (call.origination(), call.termination());
        let other = termination.filter(|owner| owner.account != origination.account);
        let sides = [Some(origination), other].map(|owner| owner.map(|owner| owner.account));
        let mut of_parts = Vec::new();
        for (attempt, shown) in Parts::of(call).parts {
            let sender = Some(attempt.sent_by).filter(|_| shown.originates());
            let goes_on = attempt.ended_at.is_none();
            let accounts = sender.into_iter().chain([attempt.taken_by]).map(|owner| owner.account);
            of_parts.extend(accounts.filter(|it| !sides.contains(&Some(*it))).map(|it| (it, goes_on)));
        }
        // Of what one account has, what goes on comes first, and the rest is dropped.
        of_parts.sort_unstable_by_key(|(account, goes_on)| (*account, !goes_on));
        of_parts.dedup_by_key(|(account, _)| *account);
        Self { sides, of_parts }
    }

    /// Those that it concerns now.
    pub(super) fn now(&self) -> impl Iterator<Item = AccountId> {
        self.sides.iter().flatten().copied().chain(self.parts(true))
    }

    pub(super) fn is_now(&self, account: AccountId) -> bool {
        self.now().any(|it| it == account)
    }

    /// Those whose parts of it are all over.
    pub(super) fn left(&self) -> impl Iterator<Item = AccountId> {
        self.parts(false)
    }

    pub(super) fn has_parts(&self) -> bool {
        !self.of_parts.is_empty()
    }

    fn parts(&self, going_on: bool) -> impl Iterator<Item = AccountId> {
        self.of_parts.iter().filter(move |(_, goes_on)| *goes_on == going_on).map(|(account, _)| *account)
    }
}
