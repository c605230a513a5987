//! Between the core's words and the dialect's. No I/O, and no decision who may see what.

mod call;
mod device;
mod dial;
mod leg;
mod modified;
mod page;
mod party;

pub use call::ended_at;
pub use device::DeviceSeen;
pub use dial::{dial, target};
pub use modified::state_of;
pub use party::Party;

use crate::wire::VonageWire;

use ::call::{AccountId, CustomerId};

/// From where, and how, calls are seen: from one account, in the configured print.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// The account.
    pub account: AccountId,
    /// Its customer.
    pub customer: CustomerId,
    /// How numbers, ids and times are printed.
    pub wire: VonageWire,
}
