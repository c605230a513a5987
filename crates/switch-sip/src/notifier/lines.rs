//! Who is in a call, as lamps show it: a reading of the switch's own events.

use std::{collections::HashMap, sync::Arc};

use call::{
    AccountId, CallEvent, DeviceId, EventKind, LegId, Number,
    event::{LegDirection, LegOffer},
};

/// What can be lit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Lamp {
    /// A phone's.
    Device(DeviceId),
    /// That of an account's parking slot.
    Slot(AccountId, Arc<str>),
}

/// One dialog of a phone, or the one that waits in a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) leg: LegId,
    pub(super) direction: LegDirection,
    pub(super) progress: Progress,
    /// Whom it is with, as its phone is shown.
    pub(super) other: Number,
    /// Our tag in it; of what waits in a slot none, since nobody may take its place.
    pub(super) tag: Option<Arc<str>>,
}

/// How far a dialog is (RFC 4235 section 3.7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Trying,
    Early,
    Confirmed,
    Terminated,
}

/// All legs of now.
#[derive(Debug, Default)]
pub(super) struct Lines {
    legs: HashMap<LegId, Leg>,
    of_device: HashMap<DeviceId, Vec<LegId>>,
    parked: HashMap<(AccountId, Arc<str>), LegId>,
}

#[derive(Debug)]
struct Leg {
    line: Line,
    account: AccountId,
    device: Option<DeviceId>,
    slot: Option<Arc<str>>,
}

impl Lines {
    /// Takes in what happened; what is lit otherwise then.
    pub(super) fn apply(&mut self, event: &CallEvent) -> Vec<Lamp> {
        match &event.kind {
            EventKind::LegOffered { leg, offer } => self.begin(*leg, offer).into_iter().collect(),
            EventKind::LegRinging { leg } => self.progress(*leg, Progress::Early).into_iter().collect(),
            EventKind::LegAnswered { leg, .. } => {
                self.progress(*leg, Progress::Confirmed).into_iter().collect()
            }
            EventKind::LegParked { leg, slot, by } => self.park(*leg, slot, *by).into_iter().collect(),
            EventKind::LegRetrieved { leg, .. } => self.unpark(*leg).into_iter().collect(),
            EventKind::LegEnded { leg, .. } => self.end(*leg),
            EventKind::CallStarted(_)
            | EventKind::CallRouted(_)
            | EventKind::LegsBridged { .. }
            | EventKind::LegSecured { .. }
            | EventKind::LegHeld { .. }
            | EventKind::LegResumed { .. }
            | EventKind::TransferStarted { .. }
            | EventKind::TransferCompleted { .. }
            | EventKind::TransferFailed { .. }
            | EventKind::CallMerged { .. }
            | EventKind::DigitReceived { .. }
            | EventKind::PlaybackStarted { .. }
            | EventKind::PlaybackEnded { .. }
            | EventKind::RecordingStarted { .. }
            | EventKind::RecordingEnded { .. }
            | EventKind::WorkEnded { .. }
            | EventKind::CallInterrupted => Vec::new(),
        }
    }

    /// What lights a lamp now, oldest first.
    pub(super) fn lit(&self, lamp: &Lamp) -> Vec<Line> {
        let line = |leg: &LegId| self.legs.get(leg).map(|leg| leg.line.clone());
        match lamp {
            Lamp::Device(device) => {
                self.of_device.get(device).into_iter().flatten().filter_map(line).collect()
            }
            Lamp::Slot(account, slot) => {
                let waiting = self.parked.get(&(*account, slot.clone())).and_then(line);
                let shown = |line| Line { progress: Progress::Confirmed, tag: None, ..line };
                waiting.map(shown).into_iter().collect()
            }
        }
    }

    fn begin(&mut self, id: LegId, offer: &LegOffer) -> Option<Lamp> {
        let device = offer.endpoint.device();
        let other = match offer.direction {
            LegDirection::Incoming => offer.to.clone(),
            LegDirection::Outgoing => offer.from.clone(),
        };
        let (direction, progress) = (offer.direction, Progress::Trying);
        let tag = offer.sip.as_ref().map(|sip| sip.local_tag.clone());
        let line = Line { leg: id, direction, progress, other, tag };
        self.legs.insert(id, Leg { line, account: offer.owner.account, device, slot: None });
        self.of_device.entry(device?).or_default().push(id);
        device.map(Lamp::Device)
    }

    fn progress(&mut self, id: LegId, progress: Progress) -> Option<Lamp> {
        let leg = self.legs.get_mut(&id)?;
        leg.line.progress = progress;
        leg.device.map(Lamp::Device)
    }

    /// The slot is of the account of who parks; who comes by himself takes one of his own.
    fn park(&mut self, id: LegId, slot: &Arc<str>, by: Option<LegId>) -> Option<Lamp> {
        let account = self.legs.get(&by.unwrap_or(id))?.account;
        let leg = self.legs.get_mut(&id)?;
        (leg.slot, leg.account) = (Some(slot.clone()), account);
        self.parked.insert((account, slot.clone()), id);
        Some(Lamp::Slot(account, slot.clone()))
    }

    fn unpark(&mut self, id: LegId) -> Option<Lamp> {
        let leg = self.legs.get_mut(&id)?;
        let key = (leg.account, leg.slot.take()?);
        // Somebody else may wait there by now.
        if self.parked.get(&key) == Some(&id) {
            self.parked.remove(&key);
        }
        Some(Lamp::Slot(key.0, key.1))
    }

    fn end(&mut self, id: LegId) -> Vec<Lamp> {
        let slot = self.unpark(id);
        let device = self.legs.remove(&id).and_then(|leg| leg.device);
        if let Some(device) = device
            && let Some(legs) = self.of_device.get_mut(&device)
        {
            legs.retain(|leg| *leg != id);
            if legs.is_empty() {
                self.of_device.remove(&device);
            }
        }
        slot.into_iter().chain(device.map(Lamp::Device)).collect()
    }
}

#[cfg(test)]
mod tests {
    use call::{
        CallId, CustomerId, Timestamp, TrunkId,
        event::{LegEnd, Side},
        party::{Endpoint, Owner},
    };

    use super::*;

    const ACCOUNT: AccountId = AccountId(10);

    fn leg(number: u8) -> LegId {
        LegId::new(Timestamp::from_seconds(1), [number; 10])
    }

    fn device(id: u32) -> Endpoint {
        Endpoint::Device { id: DeviceId(id), name: "x".into() }
    }

    fn offered(number: u8, endpoint: Endpoint, direction: LegDirection, account: u32) -> EventKind {
        let owner = Owner { customer: CustomerId(1), account: AccountId(account), center: None };
        let (from, to) = ("1001".into(), "1002".into());
        let side = Side::Origination;
        let offer = LegOffer { side, direction, owner, endpoint, from, to, sip: None, route: None };
        EventKind::LegOffered { leg: leg(number), offer: Arc::new(offer) }
    }

    fn ended(number: u8) -> EventKind {
        EventKind::LegEnded { leg: leg(number), end: LegEnd::INTERRUPTED }
    }

    fn apply(lines: &mut Lines, kind: EventKind) -> Vec<Lamp> {
        let call_id = CallId::new(Timestamp::from_seconds(1), [0; 10]);
        lines.apply(&CallEvent { call_id, at: Timestamp::from_seconds(1), kind })
    }

    fn is_empty(lines: &Lines) -> bool {
        lines.legs.is_empty() && lines.of_device.is_empty() && lines.parked.is_empty()
    }

    #[test]
    fn a_phone_is_lit_from_its_first_ring_to_its_end() {
        let mut lines = Lines::default();
        let lamp = Lamp::Device(DeviceId(2));
        let shown = |lines: &Lines| lines.lit(&lamp).iter().map(|line| line.progress).collect::<Vec<_>>();
        let answered = EventKind::LegAnswered { leg: leg(2), user_agent: None };
        for (kind, expected) in [
            (offered(2, device(2), LegDirection::Outgoing, 10), vec![Progress::Trying]),
            (EventKind::LegRinging { leg: leg(2) }, vec![Progress::Early]),
            (answered, vec![Progress::Confirmed]),
            (ended(2), vec![]),
        ] {
            assert_eq!(apply(&mut lines, kind), std::slice::from_ref(&lamp));
            assert_eq!(shown(&lines), expected);
        }
        assert!(is_empty(&lines));
    }

    #[test]
    fn the_other_party_is_the_one_that_the_phone_is_shown() {
        let mut lines = Lines::default();
        apply(&mut lines, offered(1, device(1), LegDirection::Incoming, 10));
        apply(&mut lines, offered(2, device(2), LegDirection::Outgoing, 10));
        let other = |id| lines.lit(&Lamp::Device(DeviceId(id)))[0].other.clone();
        assert_eq!((other(1).as_str(), other(2).as_str()), ("1002", "1001"));
    }

    #[test]
    fn a_slot_is_lit_in_the_account_of_who_parks_until_its_party_is_taken_or_leaves() {
        for taken in [EventKind::LegRetrieved { leg: leg(9), by: leg(1) }, ended(9)] {
            let mut lines = Lines::default();
            let trunk = Endpoint::Trunk { id: TrunkId(1), name: "t".into() };
            apply(&mut lines, offered(9, trunk, LegDirection::Incoming, 20));
            apply(&mut lines, offered(1, device(1), LegDirection::Outgoing, 10));
            let lamp = Lamp::Slot(ACCOUNT, "701".into());
            let parked = EventKind::LegParked { leg: leg(9), slot: "701".into(), by: Some(leg(1)) };
            assert_eq!(apply(&mut lines, parked), std::slice::from_ref(&lamp));
            assert_eq!(lines.lit(&lamp).len(), 1);
            assert_eq!(lines.lit(&Lamp::Slot(AccountId(20), "701".into())), []);
            assert!(apply(&mut lines, taken).contains(&lamp));
            assert_eq!(lines.lit(&lamp), []);
            apply(&mut lines, ended(1));
            apply(&mut lines, ended(9));
            assert!(is_empty(&lines));
        }
    }

    #[test]
    fn what_is_told_of_a_leg_that_is_not_there_lights_nothing() {
        let mut lines = Lines::default();
        for kind in [
            EventKind::LegRinging { leg: leg(1) },
            EventKind::LegParked { leg: leg(1), slot: "701".into(), by: None },
            EventKind::LegRetrieved { leg: leg(1), by: leg(2) },
            ended(1),
        ] {
            assert_eq!(apply(&mut lines, kind), []);
        }
        assert!(is_empty(&lines));
    }
}
