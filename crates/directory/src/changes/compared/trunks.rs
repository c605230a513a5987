//! Trunks, and lists of numbers.

use super::{Compared, differing, of_customer};
use crate::{
    audit::Whose,
    file::Entry,
    model::{Numberlist, NumberlistId, Trunk},
    snapshot::Snapshot,
};

impl Compared for Trunk {
    type Key = call::TrunkId;

    fn key(&self) -> Self::Key {
        self.id
    }

    fn title(&self, _: &Snapshot) -> String {
        format!("trunk {:?}", self.name)
    }

    fn differences(&self, other: &Self) -> Vec<&'static str> {
        differing!(
            self, other,
            "account": account, "host": host, "port": port, "transport": transport, "sources": sources, "accepted_transports": accepted_transports,
            "routes": routes, "transit": transit, "customers": customers, "limits": limits, "auth": auth, "register": registration,
            "probe_seconds": probe, "identity": identity, "encryption": encryption,
        )
    }

    fn whose(&self, _: &Snapshot) -> Whose {
        Whose::default()
    }

    fn entry(&self) -> Entry<'_> {
        Entry::Trunk(self)
    }
}

impl Compared for Numberlist {
    type Key = NumberlistId;

    fn key(&self) -> Self::Key {
        self.id
    }

    fn title(&self, _: &Snapshot) -> String {
        format!("list of numbers {}", self.id)
    }

    fn differences(&self, other: &Self) -> Vec<&'static str> {
        differing!(
            self, other,
            "name": name, "customer": customer, "accounts": accounts, "mode": mode,
            "default_action": default_action,
        )
    }

    fn whose(&self, _: &Snapshot) -> Whose {
        of_customer(self.customer)
    }

    fn entry(&self) -> Entry<'_> {
        Entry::Numberlist(self)
    }
}
