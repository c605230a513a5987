//! What a call would take up of an account or a trunk.

use call::{AccountId, TrunkId, party::Owner};
use directory::{Snapshot, model::Limits, routing::Via};

/// Who has limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Party {
    Account(AccountId),
    Trunk(TrunkId),
}

/// Which calls of a party are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    All,
    Outgoing,
    Incoming,
}

/// A count that a claim adds to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Demand {
    pub(super) of: (Party, Kind),
    /// How high it may get.
    pub(super) most: Option<u32>,
    /// How often in a second it may grow.
    pub(super) rate: Option<u32>,
}

/// One more call of a party, in one direction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim {
    pub(super) party: Party,
    pub(super) direction: Kind,
    pub(super) limits: Limits,
}

impl Claim {
    /// The counts that it adds to.
    pub(super) fn demands(&self) -> [Demand; 2] {
        let Limits { calls, outgoing_calls, incoming_calls, calls_per_second, .. } = self.limits;
        let most = match self.direction {
            Kind::All => calls,
            Kind::Outgoing => outgoing_calls,
            Kind::Incoming => incoming_calls,
        };
        [
            Demand { of: (self.party, Kind::All), most: calls, rate: calls_per_second },
            Demand { of: (self.party, self.direction), most, rate: None },
        ]
    }

    fn of_account(directory: &Snapshot, id: AccountId, direction: Kind) -> Option<Self> {
        let limits = directory.account(id)?.limits;
        Some(Self { party: Party::Account(id), direction, limits })
    }

    fn of_trunk(directory: &Snapshot, id: TrunkId, direction: Kind) -> Option<Self> {
        let limits = directory.trunk(id)?.limits;
        Some(Self { party: Party::Trunk(id), direction, limits })
    }
}

/// What the calling side takes up: of its account, and of the trunk that the call comes from.
pub(crate) fn calling(directory: &Snapshot, account: AccountId, via: Via) -> Vec<Claim> {
    let trunk = match via {
        Via::Trunk(id) => Claim::of_trunk(directory, id, Kind::Incoming),
        Via::Device => None,
    };
    Claim::of_account(directory, account, Kind::Outgoing).into_iter().chain(trunk).collect()
}

/// What a called side takes up: of its account, and of the trunk that the call leaves by.
pub(crate) fn called(directory: &Snapshot, owner: Owner, trunk: Option<TrunkId>) -> Vec<Claim> {
    let trunk = trunk.and_then(|id| Claim::of_trunk(directory, id, Kind::Outgoing));
    Claim::of_account(directory, owner.account, Kind::Incoming).into_iter().chain(trunk).collect()
}
