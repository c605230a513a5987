//! Who wants to be told what (RFC 6665): subscriptions of phones to the calls of colleagues, to parking slots, to
//! mailboxes and to presence. This is the driver; when to notify is decided in `subscription`.

mod documents;
mod lines;
mod package;
mod request;
mod subscription;
mod watch;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use call::{AccountId, CallEvent, DeviceId, Number};
use directory::Snapshot;
use parking_lot::Mutex;
use switch::wait_until;

use lines::{Lamp, Lines};
use package::Package;
use subscription::Delivery;
use watch::{Subject, Watch};

use crate::{core::Core, random::LocalTag, task::launch};

pub(crate) use package::allow_events;
pub(crate) use request::handle;

/// All subscriptions, and the calls that they are about.
#[derive(Default)]
pub(crate) struct Notifier {
    state: Mutex<State>,
    wake: tokio::sync::Notify,
}

#[derive(Default)]
struct State {
    lines: Lines,
    watches: HashMap<LocalTag, Watch>,
    of_subject: HashMap<Subject, HashSet<LocalTag>>,
    of_device: HashMap<DeviceId, usize>,
    /// When each subscription that waits for a time must be looked at.
    deadlines: BTreeSet<(Duration, LocalTag)>,
    /// Those to look at at once.
    due: HashSet<LocalTag>,
}

impl Notifier {
    /// Takes in an event of the switch.
    pub(crate) fn hear(&self, event: &CallEvent, directory: impl FnOnce() -> Arc<Snapshot>) {
        let mut state = self.state.lock();
        let lamps = state.lines.apply(event);
        if lamps.is_empty() || state.watches.is_empty() {
            return;
        }
        let directory = directory();
        let subjects = lamps.into_iter().filter_map(|lamp| subject_of(&directory, lamp));
        let concerns = |package| package != Package::MessageSummary;
        // Every one of them hears of it.
        let due = subjects.filter(|subject| state.change(subject, concerns)).count();
        if due > 0 {
            self.wake.notify_one();
        }
    }

    /// Says that a device has registered or no longer is.
    pub(crate) fn registered(&self, directory: &Snapshot, device: DeviceId) {
        if let Some(subject) = subject_of(directory, Lamp::Device(device)) {
            self.changed(&subject, |package| package == Package::Presence);
        }
    }

    /// Says that other messages lie in the mailbox of an extension.
    pub(crate) fn mailbox_changed(&self, account: AccountId, extension: &Number) {
        let subject = Subject::Extension(account, extension.clone());
        self.changed(&subject, |package| package == Package::MessageSummary);
    }

    fn changed(&self, subject: &Subject, concerns: impl Fn(Package) -> bool) {
        if self.state.lock().change(subject, concerns) {
            self.wake.notify_one();
        }
    }

    /// How many subscriptions there are.
    pub(crate) fn count(&self) -> usize {
        self.state.lock().watches.len()
    }

    fn delivered(&self, tag: LocalTag, delivery: Delivery) {
        let mut state = self.state.lock();
        if let Some(watch) = state.watches.get_mut(&tag) {
            watch.subscription.delivered(delivery);
            state.due.insert(tag);
            self.wake.notify_one();
        }
    }
}

/// Whom a lamp belongs to.
fn subject_of(directory: &Snapshot, lamp: Lamp) -> Option<Subject> {
    match lamp {
        Lamp::Device(device) => {
            let extension = directory.extension_of_device(device)?;
            Some(Subject::Extension(extension.account, extension.number.clone()))
        }
        Lamp::Slot(account, slot) => Some(Subject::Slot(account, slot)),
    }
}

impl State {
    /// Tells subscriptions to a subject that it has changed; whether there are any.
    fn change(&mut self, subject: &Subject, concerns: impl Fn(Package) -> bool) -> bool {
        let Some(tags) = self.of_subject.get(subject) else { return false };
        let mut is_due = false;
        for tag in tags {
            if let Some(watch) = self.watches.get_mut(tag)
                && concerns(watch.package())
            {
                watch.subscription.change();
                is_due |= self.due.insert(*tag);
            }
        }
        is_due
    }

    fn add(&mut self, tag: LocalTag, watch: Watch) {
        self.of_subject.entry(watch.subject.clone()).or_default().insert(tag);
        *self.of_device.entry(watch.device).or_default() += 1;
        self.watches.insert(tag, watch);
    }

    fn remove(&mut self, tag: LocalTag) {
        let Some(watch) = self.watches.remove(&tag) else { return };
        if let Some(at) = watch.deadline {
            self.deadlines.remove(&(at, tag));
        }
        if let Some(tags) = self.of_subject.get_mut(&watch.subject) {
            tags.remove(&tag);
            if tags.is_empty() {
                self.of_subject.remove(&watch.subject);
            }
        }
        if let Some(count) = self.of_device.get_mut(&watch.device) {
            *count -= 1;
            if *count == 0 {
                self.of_device.remove(&watch.device);
            }
        }
    }

    /// Those that must be looked at now.
    fn take_due(&mut self, now: Duration) -> Vec<LocalTag> {
        while let Some((at, tag)) = self.deadlines.first().copied().filter(|(at, _)| *at <= now) {
            self.deadlines.remove(&(at, tag));
            self.due.insert(tag);
        }
        self.due.drain().collect()
    }
}

/// Notifies until the switch stops.
pub(crate) async fn run(core: Arc<Core>) {
    loop {
        let now = core.clock.monotonic();
        let due = core.notifier.state.lock().take_due(now);
        due.into_iter().for_each(|tag| settle(&core, tag, now));
        let next = core.notifier.state.lock().deadlines.first().map(|(at, _)| *at);
        let woken = core.notifier.wake.notified();
        match next {
            // Whether it was the time or a wake, all is looked at again.
            Some(at) => tokio::select! {
                () = wait_until(&*core.clock, at) => {}
                () = woken => {}
            },
            None => woken.await,
        }
    }
}

/// Sends what a subscription is due, and notes when to look at it again.
fn settle(core: &Arc<Core>, tag: LocalTag, now: Duration) {
    let mut state = core.notifier.state.lock();
    let State { watches, lines, .. } = &mut *state;
    let Some(watch) = watches.get_mut(&tag) else { return };
    let notify = watch.poll(core, lines, now);
    let (before, next, is_over) = (watch.deadline.take(), watch.next(), watch.subscription.is_over());
    watch.deadline = next.filter(|_| !is_over);
    state.deadlines.extend(next.filter(|_| !is_over).map(|at| (at, tag)));
    if let Some(before) = before.filter(|before| Some(*before) != next || is_over) {
        state.deadlines.remove(&(before, tag));
    }
    if is_over {
        state.remove(tag);
    }
    drop(state);
    let Some((flow, request)) = notify else { return };
    let (exchange, core) = (core.stack.clone().exchange(flow, request), core.clone());
    launch(&core.stack.tasks.clone(), async move {
        let response = exchange.await;
        let is_taken = response.is_some_and(|response| (200..300).contains(&response.status_code.code()));
        core.notifier.delivered(tag, if is_taken { Delivery::Taken } else { Delivery::Failed });
    });
}
