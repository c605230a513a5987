//! What a call is: ids, events, commands, live state, the call record, the active-call series and
//! statistics.
//!
//! This crate is pure. It knows no clock, socket, file, task or lock: time and randomness come in as
//! values. Everything else in Trunkline reads a call through the types here.

pub mod activity;
pub mod command;
pub mod cost;
pub mod encryption;
pub mod error;
pub mod event;
pub mod filter;
pub mod id;
pub mod kind;
pub mod notice;
pub mod number;
pub mod party;
pub mod quality;
pub mod rating;
pub mod record;
pub mod registry;
pub mod row;
pub mod series;
pub mod state;
pub mod statistics;
pub mod time;

pub use command::CallCommand;
pub use cost::{Cost, Payer};
pub use error::ErrorCode;
pub use event::{CallEvent, EventKind};
pub use id::{AccountId, CallId, CenterId, CustomerId, DeviceId, LegId, TrunkId, UserId};
pub use notice::{Notice, NoticeKind};
pub use number::Number;
pub use record::CallRecord;
pub use registry::{Applied, Registry};
pub use row::AccountRow;
pub use state::{Call, Leg};
pub use time::Timestamp;
