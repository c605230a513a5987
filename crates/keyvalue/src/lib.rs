//! Small values by key that outlive the process: where phones are registered, what commands were answered.
//!
//! [`Table`] is the port; [`Memory`] forgets with the process, [`Store`] keeps tables in one file of SQLite. Who puts
//! a value never waits for the disk; who must be sure asks [`Table::durable`].

mod memory;
mod sqlite;

use std::fmt::Debug;

use async_trait::async_trait;
use call::Timestamp;

pub use memory::Memory;
pub use sqlite::{Found, Store};

/// Most bytes of a value; a longer one is not kept, and what its key had is removed.
pub const LONGEST_VALUE: usize = 64 << 10;

/// Values by key, each until a time.
#[async_trait]
pub trait Table: Send + Sync + Debug {
    /// What is kept and good after `now`, in no order. What is not is removed.
    fn load(&self, now: Timestamp) -> Vec<Entry>;

    /// Keeps a value in the place of the one that the key had. It is written soon, together with others.
    fn put(&self, key: &str, value: Vec<u8>, until: Timestamp);

    /// Removes what a key has.
    fn remove(&self, key: &str);

    /// Waits until all that was put and removed before is on disk. `false` if it could not be written.
    async fn durable(&self) -> bool;

    /// Changes that are not written yet, of all tables that are kept together.
    fn pending(&self) -> usize;
}

/// A value and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// The value.
    pub value: Vec<u8>,
    /// Until when it is good.
    pub until: Timestamp,
}
