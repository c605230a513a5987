//! The suite of the port, on each store.

use history::SqliteHistory;

use crate::{sealing_store::SealingStore, support::staged};

history::conformance_suite!(sqlite: staged::<SqliteHistory>());
history::conformance_suite!(sealed: staged::<SealingStore<1>>());
history::conformance_suite!(partly_sealed: staged::<SealingStore<2>>());
