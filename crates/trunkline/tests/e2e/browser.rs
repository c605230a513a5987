//! Phones in a real browser, Debian's Chromium: the page of the server itself, and JsSIP and SIP.js as npm has them.
//!
//! `browser/driver.mjs` drives a phone by lines of text; what a maker's phone is, is a file beside it.

mod behaviours;
mod newcomer;
mod office;
mod phone;

/// The server's own page.
mod page {
    use super::{behaviours, phone::Kind};

    behaviours::all!(Kind::Page);
}

mod jssip {
    use super::{behaviours, phone::Kind};

    behaviours::all!(Kind::JsSip);
}

mod sipjs {
    use super::{behaviours, phone::Kind};

    behaviours::all!(Kind::SipJs);
}
