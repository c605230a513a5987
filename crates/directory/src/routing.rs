//! Where a call goes: an extension of the caller's account, an owned number, else the trunks whose prefix
//! fits best.

use std::sync::Arc;

use call::{
    DeviceId, Number, TrunkId,
    event::{CallRouted, Side},
    party::Owner,
    rating::Rate,
};

use crate::{
    country::country_of,
    model::{Extension, PrefixRoute, Trunk},
    snapshot::Snapshot,
};

/// Where a call goes.
#[derive(Clone, Debug, PartialEq)]
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
#[derive(Clone, Debug, PartialEq)]
pub struct TrunkHop {
    /// The trunk.
    pub trunk: TrunkId,
    /// The carrier.
    pub owner: Owner,
    /// The number to send to it.
    pub called: Number,
}

/// What sent the call into the switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// A phone, or an API client on its behalf.
    Device,
    /// A trunk.
    Trunk(TrunkId),
}

impl Snapshot {
    /// Where a call of `origination` to `dialed` goes; `None` if nowhere.
    ///
    /// Extensions are dialed from inside their account only. Calls from a trunk leave by another trunk
    /// only if the one they came from allows transit.
    pub fn route(&self, origination: Owner, via: Via, dialed: &Number) -> Option<Destination> {
        let dialed = dialed.without_separators();
        let from_inside = via == Via::Device;
        let extension = from_inside.then(|| self.extension(origination.account, &dialed)).flatten();
        extension
            .and_then(|extension| self.phones(extension, None))
            .or_else(|| self.owned_number(&dialed))
            .or_else(|| self.by_trunk(origination, via, &dialed))
    }

    fn phones(&self, extension: &Extension, screen_pop: Option<Arc<str>>) -> Option<Destination> {
        Some(Destination::Phones {
            owner: self.account(extension.account)?.owner(),
            extension: extension.number.clone(),
            devices: extension.devices.clone(),
            screen_pop,
        })
    }

    fn owned_number(&self, dialed: &Number) -> Option<Destination> {
        let did = self.number(dialed)?;
        self.phones(self.extension(did.account, &did.extension)?, did.screen_pop.clone())
    }

    fn by_trunk(&self, origination: Owner, via: Via, dialed: &Number) -> Option<Destination> {
        let digits = dialed.digits()?;
        let may_transit = match via {
            Via::Device => true,
            Via::Trunk(id) => self.trunk(id)?.transit,
        };
        let serves =
            |trunk: &&Trunk| trunk.customers.is_empty() || trunk.customers.contains(&origination.customer);
        let other = |trunk: &&Trunk| via != Via::Trunk(trunk.id);
        let trunks = self.entries().trunks.iter().filter(serves).filter(other);
        let mut fitting: Vec<_> =
            trunks.filter_map(|trunk| Some((best_route(trunk, digits)?, trunk))).collect();
        fitting.sort_by_key(|(route, _)| (std::cmp::Reverse(route.prefix.len()), route.priority));
        let hops: Vec<_> =
            fitting.iter().filter_map(|(route, trunk)| self.hop(trunk, route, dialed)).collect();
        (may_transit && !hops.is_empty()).then_some(Destination::Trunks(hops))
    }

    fn hop(&self, trunk: &Trunk, route: &PrefixRoute, dialed: &Number) -> Option<TrunkHop> {
        let owner = self.account(trunk.account)?.owner();
        Some(TrunkHop { trunk: trunk.id, owner, called: rewrite(route, dialed) })
    }

    /// What routing found, for the call's events: `termination` is the owner of the extension or trunk
    /// that is tried now, `called` the number sent there.
    pub fn routed(
        &self,
        origination: Owner,
        termination: Option<Owner>,
        caller: &Number,
        called: &Number,
        screen_pop: Option<Arc<str>>,
    ) -> CallRouted {
        let paid = termination.and_then(|owner| self.rate(owner, Side::Termination, called));
        CallRouted {
            termination,
            caller: caller.clone(),
            called: called.clone(),
            caller_country: country_of(caller),
            called_country: country_of(called),
            origination_rate: self.rate(origination, Side::Origination, called),
            termination_rate: paid,
            screen_pop,
        }
    }

    /// The rate of one side of an account for a number: the longest prefix that fits.
    pub fn rate(&self, owner: Owner, side: Side, called: &Number) -> Option<Rate> {
        let digits = called.digits()?;
        let fitting = self.rates_of(owner.account, side).filter(|rate| digits.starts_with(&rate.rate.prefix));
        fitting.max_by_key(|rate| rate.rate.prefix.len()).map(|rate| rate.rate.clone())
    }
}

fn best_route<'a>(trunk: &'a Trunk, digits: &str) -> Option<&'a PrefixRoute> {
    let fitting = trunk.routes.iter().filter(|route| digits.starts_with(&route.prefix));
    fitting.max_by_key(|route| (route.prefix.len(), std::cmp::Reverse(route.priority)))
}

fn rewrite(route: &PrefixRoute, dialed: &Number) -> Number {
    if route.strip == 0 && route.prepend.is_empty() {
        return dialed.clone();
    }
    let digits = dialed.digits().unwrap_or_default();
    let kept = digits.get(usize::from(route.strip)..).unwrap_or_default();
    format!("{}{kept}", route.prepend).into()
}
