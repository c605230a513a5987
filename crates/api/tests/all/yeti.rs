//! Yeti's customer API.

mod golden;
