//! The built-in switch: registrar, back-to-back user agent and routing over UDP, TCP, TLS and
//! WebSocket, on `rsipstack`.
//!
//! From a socket a message goes through `transport` (a first look, then the transaction layer) to `dispatch`, and
//! from there to `registrar` or to the `driver`, which feeds it to the call machine (`b2bua`) and does what that
//! says.

mod config;
mod core;
mod dialog;
mod dialogs;
mod digest;
mod dispatch;
mod driver;
mod error;
pub mod fuzzing;
mod identity;
mod inbound;
mod keying;
pub mod media;
mod message;
mod names;
mod notifier;
mod page;
mod random;
mod reason;
mod refusal;
mod registrar;
mod server;
mod sounds;
mod stack;
mod switch;
mod task;
mod transport;
mod trunks;
mod usage;

pub use ::sip::digest::Algorithm as DigestAlgorithm;
use ::sip::sdp;
pub use b2bua::{FeatureCodes, Redirects, SessionLimits, features};
pub use config::{
    DirectorySource, MediaMode, RegistrationLimits, SipConfig, SoundConfig, StreamLimits, SubscriptionLimits,
};
pub use error::SipError;
pub use transport::reachable;
pub use usage::Usage;

pub use crate::switch::SipSwitch;
