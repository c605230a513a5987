//! Requests that are refused before anything is done about them (RFC 3261 section 8.2), and how many calls were.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};

use parking_lot::Mutex;
use rsipstack::sip::{Header, Request, StatusCode, headers::Unsupported};

use switch::NoRoom;

use crate::{
    core::Core,
    dispatch::answer,
    keying::Unmet,
    message::{build, extension},
    stack::Incoming,
};

/// Why a request is refused, and what the refusal says besides.
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<Header>,
}

impl From<StatusCode> for Refusal {
    fn from(status: StatusCode) -> Self {
        Self { status, headers: Vec::new() }
    }
}

impl From<Unmet> for Refusal {
    fn from(unmet: Unmet) -> Self {
        Self::with(StatusCode::NotAcceptableHere, build::incompatible(&unmet.to_string()))
    }
}

impl Refusal {
    pub(crate) fn with(status: StatusCode, header: Header) -> Self {
        Self { status, headers: vec![header] }
    }

    pub(crate) fn send(self, core: &Core, incoming: Incoming) {
        answer(core, incoming, self.status, |response| response.headers.extend(self.headers));
    }
}

/// Streams in the session description of a request, at most: far more than any phone offers.
const MAX_STREAMS: usize = 16;

/// Whether a request asks only for extensions that are known here (section 8.2.2.3), and for no more streams than
/// any phone needs.
pub(crate) fn check(request: &Request) -> Result<(), Refusal> {
    let lines = request.body.split(|byte| *byte == b'\n');
    if lines.filter(|line| line.starts_with(b"m=")).count() > MAX_STREAMS {
        let warning = build::warning("a session description may have 16 streams");
        return Err(Refusal::with(StatusCode::NotAcceptableHere, warning));
    }
    match extension::unknown(request) {
        Some(unknown) => {
            Err(Refusal::with(StatusCode::BadExtension, Header::Unsupported(Unsupported::new(unknown))))
        }
        None => Ok(()),
    }
}

/// How many calls were refused before they began, by reason.
#[derive(Default)]
pub(crate) struct Refused {
    stopping: AtomicU64,
    backlog: AtomicU64,
    store_fails: AtomicU64,
    disk_full: AtomicU64,
    overload: AtomicU64,
    /// There were as many calls as there may be.
    max_calls: AtomicU64,
    /// Their account or phone may not send them.
    not_let_through: Mutex<BTreeMap<&'static str, u64>>,
}

impl Refused {
    pub(crate) fn count(&self, why: NoRoom) {
        let counter = match why {
            NoRoom::Stopping => &self.stopping,
            NoRoom::Backlog => &self.backlog,
            NoRoom::StoreFails => &self.store_fails,
            NoRoom::DiskFull => &self.disk_full,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// A call has waited too long while more came than can be handled.
    pub(crate) fn count_overload(&self) {
        self.overload.fetch_add(1, Ordering::Relaxed);
    }

    /// Says how many calls were refused by now since there were as many as there may be.
    pub(crate) fn set_full(&self, count: u64) {
        self.max_calls.store(count, Ordering::Relaxed);
    }

    /// A call is not let through, or a call that goes on is not sent there.
    pub(crate) fn not_let_through(&self, why: &'static str) {
        *self.not_let_through.lock().entry(why).or_default() += 1;
    }

    /// Each reason and how often it was.
    pub(crate) fn parts(&self) -> Vec<(&'static str, u64)> {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let rules = self.not_let_through.lock().clone();
        let room = [
            (NoRoom::Stopping.name(), count(&self.stopping)),
            (NoRoom::Backlog.name(), count(&self.backlog)),
            (NoRoom::StoreFails.name(), count(&self.store_fails)),
            (NoRoom::DiskFull.name(), count(&self.disk_full)),
            ("overload", count(&self.overload)),
            ("max_calls", count(&self.max_calls)),
        ];
        room.into_iter().chain(rules).collect()
    }
}
