//! One guard for all doors: whoever fails to prove who they are, be it by a SIP digest, a password, an OAuth
//! secret or a token, is slowed and at last kept out for a while.
//!
//! [`Guard`] is pure: it is told what happened and when, and keeps bounded memory of it. [`Doors`] shares one
//! guard between the doors, writes the log line of each refusal and counts them.
//!
//! [`Room`] bounds the connections that strangers may hold. [`Outward`] tells where a client may have the server
//! connect to. [`Quotas`] bounds what a client may ask for.
//!
//! What a stranger does wrong must not shut out others: a failure counts for its source (an IPv4 address or an
//! IPv6 /64), for the user that was tried and for the two together; a user who has proved itself from a source
//! of late passes there whatever others behind that address do, and is never slowed by guesses from elsewhere.

mod address;
mod doors;
mod guard;
mod level;
mod offence;
mod outward;
mod policy;
mod quota;
mod room;
mod source;

use address::is_public;
pub use doors::{Door, Doors, Figures};
pub use guard::{Block, Guard, Verdict};
pub use offence::Offence;
pub use outward::{ConnectError, Outward, UrlError, host_name};
pub use policy::Policy;
pub use quota::{Allowance, Quotas, WINDOW};
pub use room::{Place, Room, RoomLimits};
pub use source::Source;
