//! Phones of other makers, unmodified, on the wire: what the switch's own test agents say that phones do is done
//! by these.
//!
//! Each stack is a program beside this file that takes a line for each thing to do, and prints one for each that
//! happens. `cargo xtask interop` runs these tests and writes what came of them into `docs/interop.md`.

mod behaviours;
mod phone;

mod pjsip {
    use super::{behaviours, phone::Stack};

    const STACK: Stack = Stack::Pjsip;

    behaviours::common!();
    behaviours::early_replaces!();
}

mod jssip {
    use super::{behaviours, phone::Stack};

    const STACK: Stack = Stack::JsSip;

    behaviours::common!();
}
