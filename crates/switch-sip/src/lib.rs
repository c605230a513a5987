//! The built-in switch.

pub mod media;
mod sdp;
