//! What goes over the wire: the vendor's requests and answers, member by member, in his order and words.

pub mod calls;
pub mod status;
mod value;

pub use value::Value;
