//! What the switch has in use.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{core::Core, driver::InUse};

/// What the switch has in use. Once no call is up and the last repeats are absorbed, it is what it was before
/// the first call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Calls that are up.
    pub calls: usize,
    /// Dialogs, early or confirmed.
    pub dialogs: usize,
    /// SIP transactions, with those that only absorb repeats.
    pub transactions: usize,
    /// Tasks.
    pub tasks: usize,
    /// Pairs of media ports.
    pub media_ports: usize,
    /// Parking slots.
    pub slots: usize,
    /// Extensions that ring.
    pub ringing: usize,
    /// Subscriptions.
    pub subscriptions: usize,
    /// Texts on their way to phones.
    pub texts: usize,
    /// Limits of accounts and trunks that some call counts toward.
    pub counted_limits: usize,
    /// Changes of what outlives the process that are not on disk yet.
    pub unwritten: usize,
}

impl Usage {
    /// Each kind by its name.
    pub(crate) fn parts(self) -> [(&'static str, usize); 11] {
        [
            ("calls", self.calls),
            ("dialogs", self.dialogs),
            ("transactions", self.transactions),
            ("tasks", self.tasks),
            ("media_ports", self.media_ports),
            ("slots", self.slots),
            ("ringing", self.ringing),
            ("subscriptions", self.subscriptions),
            ("texts", self.texts),
            ("counted_limits", self.counted_limits),
            ("unwritten", self.unwritten),
        ]
    }

    pub(crate) fn of(core: &Core) -> Self {
        let machine = &*core.driver.usage;
        let held = |held: fn(&InUse) -> &AtomicUsize| held(machine).load(Ordering::Relaxed);
        Self {
            calls: held(|usage| &usage.calls),
            dialogs: core.dialogs.count(),
            transactions: core.stack.transaction_count(),
            tasks: core.stack.task_count(),
            media_ports: core.relay.as_ref().map_or(0, |relay| relay.ports_in_use()),
            slots: held(|usage| &usage.parked),
            ringing: held(|usage| &usage.ringing),
            subscriptions: core.notifier.count(),
            texts: core.pages.count(),
            counted_limits: held(|usage| &usage.counts),
            unwritten: core.config.registrations.pending(),
        }
    }
}
