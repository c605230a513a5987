//! Rate plans, and profiles of portals.

use super::{Compared, differing};
use crate::{
    audit::Whose,
    file::Entry,
    model::{Profile, ProfileId, RatePlan},
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
