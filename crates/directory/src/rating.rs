//! Which rate of an account's plan a call has.

use std::collections::BTreeSet;

use call::{Number, Timestamp, event::Side, party::Owner, rating::Rate};
use uuid::Uuid;

use crate::{
    access::Access,
    model::{Billing, PlanRate, RatePlan},
    snapshot::Snapshot,
};

/// The rates say that a call must not be let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

impl Snapshot {
    /// The rate of one side of an account for a call to a number that begins at an instant: that with the
    /// longest prefix among those that hold for it. `None` if there is none; the call costs nothing then.
    pub fn rate(
        &self,
        owner: Owner,
        side: Side,
        called: &Number,
        at: Timestamp,
    ) -> Result<Option<Rate>, Refused> {
        let billing = self.account(owner.account).map(|account| &account.billing);
        let Some((billing, digits)) = billing.zip(called.digits()) else { return Ok(None) };
        let Some(rate) = self.plan_rate(billing, side, digits, at) else { return Ok(None) };
        let is_too_dear = |limit| rate.price.initial_rate > limit || rate.price.next_rate > limit;
        match side {
            _ if rate.rejects_calls => Err(Refused),
            Side::Origination if billing.max_rate.is_some_and(is_too_dear) => Err(Refused),
            Side::Origination => Ok(Some(Rate { vat: billing.vat, ..rate.price.clone() })),
            Side::Termination => Ok(Some(rate.price.clone())),
        }
    }

    fn plan_rate(&self, billing: &Billing, side: Side, digits: &str, at: Timestamp) -> Option<&PlanRate> {
        let mut rates = self.rates_fitting(billing.rateplan(side)?, digits);
        rates.find(|rate| rate.holds(digits, at) && rate.is_for(&billing.routing_tags))
    }

    /// The rates of a plan for a number at an instant: for each set of tags that with the longest prefix.
    pub fn rates_by_tags(&self, plan: Uuid, called: &Number, at: Timestamp) -> Vec<&PlanRate> {
        let Some(digits) = called.digits() else { return Vec::new() };
        let mut seen = BTreeSet::new();
        let rates = self.rates_fitting(plan, digits).filter(|rate| rate.holds(digits, at));
        rates.filter(|rate| seen.insert(&rate.routing_tags)).collect()
    }

    /// The plans that say what the accounts of a client pay, by name.
    pub fn rateplans_of(&self, access: &Access) -> Vec<&RatePlan> {
        let accounts = access.accounts().iter().filter_map(|id| self.account(*id));
        let wanted: BTreeSet<Uuid> =
            accounts.filter_map(|account| account.billing.origination_rateplan).collect();
        self.entries().rateplans.iter().filter(|plan| wanted.contains(&plan.uuid)).collect()
    }
}
