//! What each verb for a leg must bring about: on what is told at once, and in the record.

mod answer;
mod hold;
mod limits;
mod media;
mod parking;
mod talk;
mod transfer;
mod work;

pub use answer::*;
pub use hold::*;
pub use limits::*;
pub use media::*;
pub use parking::*;
pub use transfer::*;
pub use work::*;
