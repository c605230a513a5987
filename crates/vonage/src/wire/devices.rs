//! A device's registration, and the list of them. A time that is not known is left out.

use std::net::IpAddr;

use serde::Serialize;

use super::{Digits, PagesWire, as_text};

/// A device.
#[derive(Clone, Debug, Serialize)]
pub struct DeviceWire {
    /// Its account.
    pub account_id: Digits,
    /// Where its latest REGISTER came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_ip: Option<IpAddr>,
    /// Its latest request of any kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_request: Option<Digits>,
    /// Its latest request of any kind that succeeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_success: Option<Digits>,
    /// Its MAC address, in upper case with dashes.
    #[serde(serialize_with = "as_text")]
    pub mac_address: MacWire,
    /// Its latest REGISTER.
    pub registration: RegisteredWire,
    /// Its latest fetch of a configuration.
    pub provisioned: ProvisionedWire,
}

/// A MAC address, printed in upper case with dashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MacWire(pub [u8; 6]);

/// What is known of a device's registrations.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RegisteredWire {
    /// The latest one that was accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_success: Option<Digits>,
}

/// What is known of a device's configuration fetches.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ProvisionedWire {
    /// The latest one that succeeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_success: Option<Digits>,
    /// The latest one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_request: Option<Digits>,
}

/// A page of devices.
#[derive(Clone, Debug, Serialize)]
pub struct DevicesPageWire {
    /// The page's number, from 1.
    pub current_page: Digits,
    /// The devices.
    pub devices: Vec<DeviceWire>,
    /// The ways to the other pages.
    #[serde(flatten)]
    pub pages: PagesWire,
}

impl std::fmt::Display for MacWire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        directory::mac::Dashed(self.0).fmt(f)
    }
}
