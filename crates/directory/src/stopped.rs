//! Whose calls that cost something are not let through for the time being.

use std::{collections::HashSet, sync::Arc};

use arc_swap::ArcSwap;
use call::Payer;

/// The accounts and phones whose calls that cost something are not let through, as they have spent all that they may.
/// All snapshots of a directory share it: whoever counts what is spent says it here, and routing asks here, whatever
/// brings a call to be routed.
#[derive(Clone, Debug, Default)]
pub struct Stopped(Arc<ArcSwap<HashSet<Payer>>>);

impl Stopped {
    /// From now on, these are.
    pub fn set(&self, payers: HashSet<Payer>) {
        if **self.0.load() != payers {
            self.0.store(Arc::new(payers));
        }
    }

    /// Whether an account or a phone is.
    pub fn contains(&self, payer: Payer) -> bool {
        self.0.load().contains(&payer)
    }
}
