//! The built-in switch: registrar, back-to-back user agent and routing over UDP, TCP, TLS and
//! WebSocket, on `rsipstack`.
//!
//! From a socket a message goes through `transport` (a first look, then the transaction layer) to
//! `dispatch`, and from there to `registrar` or to the call's `session`, a task that alone changes the call.

mod calls;
mod cause;
mod config;
mod core;
mod dialog;
mod dialogs;
mod digest;
mod dispatch;
mod driver;
mod error;
mod features;
pub mod fuzzing;
mod identity;
mod inbound;
mod limits;
pub mod media;
mod message;
mod names;
mod outgoing;
mod page;
mod random;
mod reason;
mod refusal;
mod registrar;
mod reliable;
mod ringing;
mod server;
mod session;
mod slots;
mod sounds;
mod stack;
mod switch;
mod task;
mod timers;
mod transport;
mod trunks;
mod usage;
mod work;

pub use ::sip::digest::Algorithm as DigestAlgorithm;
use ::sip::sdp;
pub use config::{
    CallEngine, Certificate, DirectorySource, MediaMode, Redirects, RegistrationLimits, SessionLimits,
    SipConfig, SoundConfig,
};
pub use error::SipError;
pub use features::FeatureCodes;
pub use transport::reachable;
pub use usage::Usage;

pub use crate::switch::SipSwitch;
