//! A phone's registration.

use std::{fmt, net::SocketAddr, sync::Arc};

use call::{AccountId, DeviceId, Timestamp, party::Transport};

/// One contact of a device.
#[derive(Clone, PartialEq)]
pub struct Registration {
    /// The device.
    pub device: DeviceId,
    /// Its account.
    pub account: AccountId,
    /// The Contact URI.
    pub contact: Arc<str>,
    /// Where the REGISTER came from.
    pub source: SocketAddr,
    /// What carried it.
    pub transport: Transport,
    /// The phone's `User-Agent`.
    pub user_agent: Option<Arc<str>>,
    /// The latest REGISTER of this contact, accepted or not.
    pub requested_at: Timestamp,
    /// The latest REGISTER of this contact that was accepted.
    pub registered_at: Timestamp,
    /// When it lapses.
    pub expires_at: Timestamp,
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration").field("device", &self.device).finish_non_exhaustive()
    }
}
