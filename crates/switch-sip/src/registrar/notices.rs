//! What is told of registrations to those who read events.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use call::{Notice, NoticeKind, Timestamp, notice::RegistrationChange};
use directory::model::Device;

use super::Binding;
use crate::core::Core;

/// The contacts that count, and where each is.
pub(super) fn places(bindings: &[Binding], now: Duration) -> Vec<(Arc<str>, SocketAddr)> {
    let live = bindings.iter().filter(|binding| binding.is_live(now));
    live.map(|binding| (binding.contact.clone(), binding.flow.peer)).collect()
}

/// What a REGISTER at this moment has changed, for each contact.
pub(super) fn changes(
    before: &[(Arc<str>, SocketAddr)],
    after: &[Binding],
    (at, now): (Timestamp, Duration),
) -> Vec<RegistrationChange> {
    let live = || after.iter().filter(|binding| binding.is_live(now));
    let touched = live().filter(|binding| binding.registered_at == at);
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
    device: &Device,
    changes: impl IntoIterator<Item = RegistrationChange>,
    at: Timestamp,
) {
    for change in changes {
        let kind = NoticeKind::Registration { device: device.id, change };
        core.events.notice(Notice { at, accounts: vec![device.account], kind });
    }
}
