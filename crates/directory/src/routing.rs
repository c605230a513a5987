//! Where a call goes: an extension of the caller's account, an owned number, else the trunks whose prefix
//! fits best.

use std::{fmt, sync::Arc};

use call::{
    DeviceId, Number, Payer, Timestamp, TrunkId,
    event::{CallRouted, Side},
    party::Owner,
};

use crate::{
    country::country_of,
    model::{Extension, Forbidden, PrefixRoute, Trunk},
    rating,
    snapshot::Snapshot,
};

/// Where a call goes.
#[derive(Clone, PartialEq)]
pub enum Destination {
    /// All phones of an extension ring; the first to answer has the call.
    Phones {
        /// Whose extension it is.
        owner: Owner,
        /// The extension.
        extension: Number,
        /// Its phones.
        devices: Vec<DeviceId>,
        /// Text shown to whoever answers.
        screen_pop: Option<Arc<str>>,
    },
    /// Trunks, best first; the next is tried when one fails. Never empty.
    Trunks(Vec<TrunkHop>),
}

/// One trunk to try.
#[derive(Clone, PartialEq)]
pub struct TrunkHop {
    /// The trunk.
    pub trunk: TrunkId,
    /// The trunk's name.
    pub name: Arc<str>,
    /// The carrier.
    pub owner: Owner,
    /// The number to send to it.
    pub called: Number,
}

/// What sent the call into the switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// A phone, if it is known which, or an API client on behalf of an account's phones.
    Device(Option<DeviceId>),
    /// A trunk.
    Trunk(TrunkId),
}

/// Why a call goes nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unroutable {
    /// Nobody has the number, and no trunk carries it.
    #[error("nobody has this number")]
    Unknown,
    /// Somebody has a number, or a trunk carries it, but the call is not let through.
    #[error(
        "the account's rates, its rules, its lists of numbers or what it has spent do not allow calls to this number"
    )]
    Refused(Refused),
}

/// Why a call is not let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The rates of either side.
    Rate,
    /// A list of numbers.
    Numberlist,
    /// What the operator lets the account call.
    Rule(Forbidden),
    /// All is spent that may be.
    Spent,
}

impl Refused {
    /// The reason in one word, for the log and for what is counted.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::Numberlist => "numberlist",
            Self::Rule(rule) => rule.name(),
            Self::Spent => "spent",
        }
    }
}

impl From<rating::Refused> for Unroutable {
    fn from(_: rating::Refused) -> Self {
        Self::Refused(Refused::Rate)
    }
}

impl Snapshot {
    /// Where a call of `origination` to `dialed` goes that begins at an instant.
    ///
    /// Calls that cost something are refused to accounts and phones that have spent all that they may
    /// ([`Stopped`](crate::Stopped)). Extensions are dialed from inside their account only, whatever the rates, the
    /// rules and the lists of numbers say. Calls from a trunk leave
    /// by another trunk only if the one they came from allows transit.
    pub fn route(
        &self,
        origination: Owner,
        via: Via,
        dialed: &Number,
        at: Timestamp,
    ) -> Result<Destination, Unroutable> {
        let dialed = dialed.without_separators();
        let extension =
            matches!(via, Via::Device(_)).then(|| self.extension(origination.account, &dialed)).flatten();
        if let Some(phones) = extension.and_then(|extension| self.phones(extension, None)) {
            return Ok(phones);
        }
        self.let_through(origination, via, &dialed, at)?;
        match self.owned_number(&dialed) {
            Some((owner, phones)) => {
                self.rate(owner, Side::Termination, &dialed, at)?;
                Ok(phones)
            }
            None => self.by_trunk(origination, via, &dialed, at).ok_or(Unroutable::Unknown),
        }
    }

    /// Whether whoever sends a call to the outside may.
    fn let_through(
        &self,
        origination: Owner,
        via: Via,
        dialed: &Number,
        at: Timestamp,
    ) -> Result<(), Unroutable> {
        let rules = self.account(origination.account).map(|account| &account.calling);
        if let Some(rule) = rules.and_then(|rules| rules.forbid(dialed, at)) {
            return Err(Unroutable::Refused(Refused::Rule(rule)));
        }
        if !self.lets_through(origination, dialed) {
            return Err(Unroutable::Refused(Refused::Numberlist));
        }
        let rate = self.rate(origination, Side::Origination, dialed, at)?;
        let costs = rate.is_some_and(|rate| !rate.is_free());
        if costs && payers(origination, via).any(|payer| self.stopped.contains(payer)) {
            return Err(Unroutable::Refused(Refused::Spent));
        }
        Ok(())
    }

    fn phones(&self, extension: &Extension, screen_pop: Option<Arc<str>>) -> Option<Destination> {
        Some(Destination::Phones {
            owner: self.account(extension.account)?.owner(),
            extension: extension.number.clone(),
            devices: extension.devices.clone(),
            screen_pop,
        })
    }

    fn owned_number(&self, dialed: &Number) -> Option<(Owner, Destination)> {
        let did = self.number(dialed)?;
        let phones = self.phones(self.extension(did.account, &did.extension)?, did.screen_pop.clone())?;
        Some((self.account(did.account)?.owner(), phones))
    }

    /// Trunks whose carriers refuse the call are left out.
    fn by_trunk(&self, origination: Owner, via: Via, dialed: &Number, at: Timestamp) -> Option<Destination> {
        let digits = dialed.digits().filter(|_| self.may_leave(via))?;
        let serves =
            |trunk: &Trunk| trunk.customers.is_empty() || trunk.customers.contains(&origination.customer);
        let mut hops: Vec<TrunkHop> = Vec::new();
        for (trunk, route) in self.routes_for(digits) {
            let is_tried = hops.iter().any(|hop| hop.trunk == trunk.id);
            if serves(trunk) && via != Via::Trunk(trunk.id) && !is_tried {
                hops.extend(self.hop(trunk, route, dialed));
            }
        }
        hops.retain(|hop| self.rate(hop.owner, Side::Termination, dialed, at).is_ok());
        (!hops.is_empty()).then_some(Destination::Trunks(hops))
    }

    /// Whether a call may leave by a trunk.
    fn may_leave(&self, via: Via) -> bool {
        match via {
            Via::Device(_) => true,
            Via::Trunk(id) => self.trunk(id).is_some_and(|trunk| trunk.transit),
        }
    }

    fn hop(&self, trunk: &Trunk, route: &PrefixRoute, dialed: &Number) -> Option<TrunkHop> {
        let owner = self.account(trunk.account)?.owner();
        let called = rewrite(route, dialed)?;
        Some(TrunkHop { trunk: trunk.id, name: trunk.name.clone(), owner, called })
    }

    /// What routing found, for the call's events: `termination` is the owner of the extension or trunk
    /// that is tried now. `called` is the number that was looked up, not what a trunk's route made of it:
    /// its country and its rates at `started_at` are meant. A call inside an account has no rates.
    pub fn routed(
        &self,
        (origination, termination): (Owner, Option<Owner>),
        started_at: Timestamp,
        caller: &Number,
        called: &Number,
        screen_pop: Option<Arc<str>>,
    ) -> CallRouted {
        let (caller, called) = (caller.without_separators(), called.without_separators());
        let is_inside = self.extension(origination.account, &called).is_some();
        let rate = |owner: Owner, side| {
            let rate = self.rate(owner, side, &called, started_at).ok().flatten();
            rate.filter(|_| !is_inside)
        };
        CallRouted {
            termination,
            caller_country: country_of(&caller),
            called_country: country_of(&called),
            origination_rate: rate(origination, Side::Origination),
            termination_rate: termination.and_then(|owner| rate(owner, Side::Termination)),
            screen_pop,
            caller,
            called,
        }
    }
}

/// Who is held to bounds for what a call costs.
fn payers(origination: Owner, via: Via) -> impl Iterator<Item = Payer> {
    let device = match via {
        Via::Device(device) => device,
        Via::Trunk(_) => None,
    };
    std::iter::once(Payer::Account(origination.account)).chain(device.map(Payer::Device))
}

/// The number that a trunk gets; `None` if the route strips all of it.
fn rewrite(route: &PrefixRoute, dialed: &Number) -> Option<Number> {
    if route.strip == 0 && route.prepend.is_empty() {
        return Some(dialed.clone());
    }
    let kept = dialed.digits()?.get(usize::from(route.strip)..).filter(|kept| !kept.is_empty())?;
    Some(format!("{}{kept}", route.prepend).into())
}

impl fmt::Debug for TrunkHop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrunkHop")
            .field("trunk", &self.trunk)
            .field("owner", &self.owner)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phones { owner, devices, .. } => {
                let mut shown = f.debug_struct("Phones");
                shown.field("owner", owner).field("devices", devices).finish_non_exhaustive()
            }
            Self::Trunks(hops) => f.debug_tuple("Trunks").field(hops).finish(),
        }
    }
}
