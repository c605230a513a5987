//! One subscription with what it is about and the dialog that its notifications go in.

use std::{sync::Arc, time::Duration};

use call::{AccountId, DeviceId, Number};
use directory::Snapshot;
use rsipstack::sip::{Header, Method, Request, headers::SubscriptionState};

use super::{
    documents::{self, Entity, Names, Presence},
    lines::{Lamp, Line, Lines, Progress},
    package::{Event, Package},
    subscription::{Delivery, Extent, Notify, Subscription},
};
use crate::{
    core::Core,
    dialog::Dialog,
    message::fields::{Body, MAX_FORWARDS},
    transport::Flow,
};

/// What is watched.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Subject {
    /// An extension of an account.
    Extension(AccountId, Number),
    /// A parking slot of an account.
    Slot(AccountId, Arc<str>),
}

/// One subscription.
pub(super) struct Watch {
    pub(super) subscription: Subscription,
    pub(super) dialog: Dialog,
    /// The phone that has subscribed.
    pub(super) device: DeviceId,
    /// Its Contact: a subscription of the same phone to the same takes the place of one before a restart.
    pub(super) contact: String,
    pub(super) subject: Subject,
    pub(super) event: Event,
    /// When it is to be looked at, as the driver has noted it.
    pub(super) deadline: Option<Duration>,
    /// When a registration lapses that it has told of.
    lapses: Option<Duration>,
    /// The number of the next document (RFC 4235 section 4.1).
    version: u32,
    /// The dialogs that it was told of last.
    told: Vec<Line>,
}

impl Watch {
    pub(super) fn new(
        subscription: Subscription,
        dialog: Dialog,
        (device, contact): (DeviceId, String),
        (subject, event): (Subject, Event),
    ) -> Self {
        Self {
            subscription,
            dialog,
            device,
            contact,
            subject,
            event,
            deadline: None,
            lapses: None,
            version: 0,
            told: Vec::new(),
        }
    }

    pub(super) fn package(&self) -> Package {
        self.event.package
    }

    /// When it must be looked at again, at the latest.
    pub(super) fn next(&self) -> Option<Duration> {
        self.subscription.deadline().into_iter().chain(self.lapses).min()
    }

    /// The NOTIFY that is due now, and its way.
    pub(super) fn poll(&mut self, core: &Core, lines: &Lines, now: Duration) -> Option<(Flow, Request)> {
        let directory = core.directory.snapshot();
        if !self.is_allowed(&directory) && !self.subscription.is_ending() {
            self.subscription.refresh(Duration::ZERO, now);
        }
        if self.lapses.take_if(|lapses| *lapses <= now).is_some() {
            self.subscription.change();
        }
        let notify = self.subscription.poll(now)?;
        match self.document(core, &directory, lines, notify.extent, now) {
            Some(document) => Some(self.notification(&notify, document)),
            None => {
                self.subscription.delivered(Delivery::Taken);
                None
            }
        }
    }

    /// Whether there still are the phone and what it watches, in one account.
    fn is_allowed(&self, directory: &Snapshot) -> bool {
        let of_phone = directory.device(self.device).map(|device| device.account);
        match &self.subject {
            Subject::Extension(account, number) => {
                of_phone == Some(*account) && directory.extension(*account, number).is_some()
            }
            Subject::Slot(account, _) => of_phone == Some(*account),
        }
    }

    fn notification(&mut self, notify: &Notify, document: Vec<u8>) -> (Flow, Request) {
        let body = Body { kind: Some(self.package().media_type().into()), bytes: document };
        let mut request = self.dialog.request(Method::Notify, MAX_FORWARDS, body);
        let state = match notify.left {
            Some(left) => format!("active;expires={}", left.as_secs()),
            None => "terminated;reason=timeout".to_owned(),
        };
        request.headers.push(self.event.header());
        request.headers.push(Header::SubscriptionState(SubscriptionState::new(state)));
        (self.dialog.flow.clone(), request)
    }

    /// What it is told; `None` for changes that have gone by.
    fn document(
        &mut self,
        core: &Core,
        directory: &Snapshot,
        lines: &Lines,
        extent: Extent,
        now: Duration,
    ) -> Option<Vec<u8>> {
        let host = self.dialog.flow.host().to_owned();
        let subject = self.subject.clone();
        let entity = Entity { user: subject.user(), host: &host };
        match self.package() {
            Package::Dialog => {
                let names = |line: &Line| Names::of(core, line);
                self.dialog_info(entity, (subject.lit(directory, lines), names), extent)
            }
            Package::MessageSummary => Some(documents::message_summary(entity, subject.mailbox(core))),
            Package::Presence => {
                let devices = subject.devices(directory);
                let bindings = devices.iter().flat_map(|device| core.bindings.live(*device, now));
                self.lapses = bindings.map(|binding| binding.lapses).max();
                let presence = Presence::of(self.lapses.is_some(), &subject.lit(directory, lines));
                Some(documents::pidf(entity, presence))
            }
        }
    }

    fn dialog_info(
        &mut self,
        entity: Entity<'_>,
        (lit, names): (Vec<Line>, impl Fn(&Line) -> Option<Names>),
        extent: Extent,
    ) -> Option<Vec<u8>> {
        let shown = match extent {
            Extent::Full => lit.clone(),
            Extent::Partial => changes(&self.told, &lit),
        };
        self.told = lit;
        if shown.is_empty() && extent == Extent::Partial {
            return None;
        }
        let version = self.version;
        self.version += 1;
        let named: Vec<_> = shown.iter().map(|line| (line, names(line))).collect();
        Some(documents::dialog_info(entity, version, extent, &named))
    }
}

impl Names {
    /// Those of the dialog that a line stands for, while that is there.
    fn of(core: &Core, line: &Line) -> Option<Self> {
        let remote_tag = line.tag.clone()?;
        let entry = core.dialogs.of_leg(line.leg, &remote_tag)?;
        Some(Self { call_id: entry.call_id.clone(), local_tag: entry.remote_tag(), remote_tag })
    }
}

/// What is new or otherwise since `before`, and what is gone.
fn changes(before: &[Line], now: &[Line]) -> Vec<Line> {
    let gone = before.iter().filter(|old| now.iter().all(|new| new.leg != old.leg));
    let gone = gone.map(|old| Line { progress: Progress::Terminated, ..old.clone() });
    let new = now.iter().filter(|new| !before.contains(new)).cloned();
    gone.chain(new).collect()
}

impl Subject {
    fn user(&self) -> &str {
        match self {
            Self::Extension(_, number) => number.as_str(),
            Self::Slot(_, slot) => slot,
        }
    }

    fn devices(&self, directory: &Snapshot) -> Vec<DeviceId> {
        match self {
            Self::Extension(account, number) => directory
                .extension(*account, number)
                .map(|extension| extension.devices.clone())
                .unwrap_or_default(),
            Self::Slot(..) => Vec::new(),
        }
    }

    fn lit(&self, directory: &Snapshot, lines: &Lines) -> Vec<Line> {
        match self {
            Self::Slot(account, slot) => lines.lit(&Lamp::Slot(*account, slot.clone())),
            Self::Extension(..) => {
                let devices = self.devices(directory).into_iter();
                devices.flat_map(|device| lines.lit(&Lamp::Device(device))).collect()
            }
        }
    }

    fn mailbox(&self, core: &Core) -> directory::mailboxes::Mailbox {
        match self {
            Self::Extension(account, number) => core.config.mailboxes.get(*account, number),
            Self::Slot(..) => directory::mailboxes::Mailbox::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use call::{LegId, Timestamp, event::LegDirection};

    use super::*;

    fn line(leg: u8, progress: Progress) -> Line {
        let leg = LegId::new(Timestamp::from_seconds(1), [leg; 10]);
        Line { leg, direction: LegDirection::Outgoing, progress, other: "1".into(), tag: None }
    }

    #[test]
    fn changes_are_what_differs_and_what_is_gone() {
        use Progress::{Confirmed, Early, Terminated, Trying};
        for (before, now, expected) in [
            (vec![], vec![line(1, Trying)], vec![line(1, Trying)]),
            (vec![line(1, Early)], vec![line(1, Confirmed)], vec![line(1, Confirmed)]),
            (vec![line(1, Early)], vec![line(1, Early), line(2, Trying)], vec![line(2, Trying)]),
            (vec![line(1, Early)], vec![], vec![line(1, Terminated)]),
            (vec![line(1, Early)], vec![line(2, Early)], vec![line(1, Terminated), line(2, Early)]),
            (vec![line(1, Early)], vec![line(1, Early)], vec![]),
        ] {
            assert_eq!(changes(&before, &now), expected, "{before:?} {now:?}");
        }
    }
}
