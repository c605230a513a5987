//! Phones and trunks.

use schemars::JsonSchema;
use serde::Serialize;

/// The phones of an account.
#[derive(Serialize, JsonSchema)]
pub struct DevicesWire {
    /// By their SIP users.
    pub devices: Vec<DeviceWire>,
}

/// A phone.
#[derive(Serialize, JsonSchema)]
pub struct DeviceWire {
    /// What it registers as.
    pub sip_user: String,
    /// The extension that it rings for.
    pub extension: Option<String>,
    /// Where it is registered now; empty if it is not.
    pub bindings: Vec<BindingWire>,
}

/// Where a phone is registered.
#[derive(Serialize, JsonSchema)]
pub struct BindingWire {
    /// Its Contact.
    pub contact: String,
    /// Where the REGISTER came from.
    pub source: String,
    /// `udp`, `tcp`, `tls` or `ws`.
    pub transport: &'static str,
    /// What it calls itself.
    pub user_agent: Option<String>,
    /// When it did so last.
    pub registered_at: String,
    /// When that lapses.
    pub expires_at: String,
}

/// The trunks of an account.
#[derive(Serialize, JsonSchema)]
pub struct TrunksWire {
    /// By their names.
    pub trunks: Vec<TrunkWire>,
}

/// A trunk.
#[derive(Serialize, JsonSchema)]
pub struct TrunkWire {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// `udp`, `tcp`, `tls` or `ws`.
    pub transport: &'static str,
    /// Whether it answers; null if it is never asked.
    pub is_up: Option<bool>,
    /// Whether we are registered there; null if we are not to be.
    pub is_registered: Option<bool>,
    /// Calls that it takes at once, at most.
    pub max_calls: Option<u32>,
}
