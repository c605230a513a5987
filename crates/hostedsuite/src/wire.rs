//! What goes over the wire: the vendor's requests and answers, member by member, in his order and words.

pub mod balance;
pub mod base;
pub mod calls;
pub mod centers;
pub mod clients;
pub mod status;
pub mod time_zones;
pub mod user;
