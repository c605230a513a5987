//! Rate plans, services, and profiles of portals.

use super::{Compared, differing, of_account};
use crate::{
    audit::Whose,
    file::Entry,
    model::{Profile, ProfileId, RatePlan, Service},
    snapshot::Snapshot,
};

impl Compared for RatePlan {
    type Key = std::sync::Arc<str>;

    fn key(&self) -> Self::Key {
        self.name.clone()
    }

    fn title(&self, _: &Snapshot) -> String {
        format!("rate plan {:?}", self.name)
    }

    fn differences(&self, other: &Self) -> Vec<&'static str> {
        differing!(self, other, "uuid": uuid, "rates": rates)
    }

    fn whose(&self, _: &Snapshot) -> Whose {
        Whose::default()
    }

    fn entry(&self) -> Entry<'_> {
        Entry::RatePlan(self)
    }
}

impl Compared for Service {
    type Key = (call::AccountId, std::sync::Arc<str>);

    fn key(&self) -> Self::Key {
        (self.account, self.name.clone())
    }

    fn title(&self, _: &Snapshot) -> String {
        format!("service {:?} of account {}", self.name, self.account)
    }

    fn differences(&self, other: &Self) -> Vec<&'static str> {
        differing!(
            self, other,
            "uuid": uuid, "type": kind, "initial_price": initial_price, "renew_price": renew_price,
            "renew_period": renew_period, "starts_at": starts_at, "ends_at": ends_at,
        )
    }

    fn whose(&self, directory: &Snapshot) -> Whose {
        of_account(directory, self.account)
    }

    fn entry(&self) -> Entry<'_> {
        Entry::Service(self)
    }
}

impl Compared for Profile {
    type Key = ProfileId;

    fn key(&self) -> Self::Key {
        self.id
    }

    fn title(&self, _: &Snapshot) -> String {
        format!("profile {}", self.id)
    }

    fn differences(&self, other: &Self) -> Vec<&'static str> {
        differing!(self, other, "deny": denied)
    }

    fn whose(&self, _: &Snapshot) -> Whose {
        Whose::default()
    }

    fn entry(&self) -> Entry<'_> {
        Entry::Profile(self)
    }
}
