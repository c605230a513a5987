//! What is told of registrations to those who read events.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use call::{AccountId, DeviceId, Notice, NoticeKind, Timestamp, notice::RegistrationChange};
use directory::model::Device;
use rsipstack::sip::{StatusCode, StatusCodeKind};

use super::{Binding, bindings::Lapsed};
use crate::core::Core;

/// How often it is looked for contacts that have lapsed.
const LOOK: Duration = Duration::from_millis(100);

/// Devices that are looked at each time.
const DEVICES: usize = 512;

/// The contacts that count, and where each is.
pub(super) fn places(bindings: &[Binding], now: Duration) -> Vec<(Arc<str>, SocketAddr)> {
    let live = bindings.iter().filter(|binding| binding.is_live(now));
    live.map(|binding| (binding.contact.clone(), binding.flow.peer)).collect()
}

/// What a REGISTER, known by its Call-ID and CSeq, has changed, for each contact.
pub(super) fn changes(
    before: &[(Arc<str>, SocketAddr)],
    after: &[Binding],
    (call_id, cseq): (&str, u32),
    now: Duration,
) -> Vec<RegistrationChange> {
    let live = || after.iter().filter(|binding| binding.is_live(now));
    let touched = live().filter(|binding| *binding.call_id == *call_id && binding.cseq == cseq);
    let change = |binding: &Binding| match before.iter().find(|(contact, _)| *contact == binding.contact) {
        None => RegistrationChange::Made,
        Some((_, place)) if *place == binding.flow.peer => RegistrationChange::Renewed,
        Some(_) => RegistrationChange::Moved,
    };
    let ended = before.iter().filter(|(contact, _)| !live().any(|binding| binding.contact == *contact));
    touched.map(change).chain(ended.map(|_| RegistrationChange::Ended)).collect()
}

/// Tells it.
pub(super) fn tell(
    core: &Core,
    (device, account): (DeviceId, AccountId),
    changes: impl IntoIterator<Item = RegistrationChange>,
    at: Timestamp,
) {
    for change in changes {
        let kind = NoticeKind::Registration { device, change };
        core.events.notice(Notice { at, accounts: vec![account], kind });
    }
}

/// Tells that a REGISTER of a device was refused, if it was.
pub(super) fn tell_refused(core: &Core, device: &Device, status: &StatusCode) {
    let is_refusal = status.kind() != StatusCodeKind::Successful;
    let change = is_refusal.then(|| RegistrationChange::Refused(status.code()));
    tell(core, (device.id, device.account), change, core.clock.now());
}

/// Tells of contacts that lapse, for as long as the switch runs: it looks at some of the devices at a time.
pub(crate) async fn tell_lapsed(core: Arc<Core>) {
    let mut last = None;
    loop {
        tokio::time::sleep(LOOK).await;
        let (lapsed, next) = core.bindings.lapse_after(last, DEVICES, core.clock.monotonic());
        for Lapsed { device, account, contacts } in lapsed {
            let changes = std::iter::repeat_n(RegistrationChange::Lapsed, contacts);
            tell(&core, (device, account), changes, core.clock.now());
            core.notifier.registered(&core.directory.snapshot(), device);
        }
        last = next;
    }
}
