//! A call that the API places: the first party is rung, then the second, then they are joined
//! (RFC 3725 section 4.4, with the first party's offer shown to the second).

use std::sync::Arc;

use call::{
    EventKind, LegId, Number, Timestamp,
    command::{Originate, Target},
    event::{CallStarted, EndCause, LegDirection, LegEnd, LegOffer, Origin, Releaser, Side},
    party::Owner,
};
use directory::{
    Snapshot,
    model::Device,
    routing::{Destination, Unroutable, Via},
};
use rsipstack::sip::StatusCode;
use switch::{CallClock, SwitchError};

use super::{
    Mailbox, Session, Setting,
    feature::{Lead, Onward},
    hunt::{Quest, SentOn},
};
use crate::{
    cause::Failure,
    core::{Core, device_endpoint},
    features::Given,
    identity::Identity,
    limits,
    message::fields::Body,
    random::leg_id,
};

/// Begins the call that a command places.
pub(crate) fn begin(core: &Arc<Core>, originate: Originate) -> Result<(), SwitchError> {
    if !core.takes_calls() {
        return Err(SwitchError::Unavailable);
    }
    let directory = core.directory.snapshot();
    let owner = directory.account(originate.account).map(|account| account.owner());
    let owner = owner.ok_or(SwitchError::Unreachable("the account is not known"))?;
    let clock = CallClock::start(core.clock.clone());
    let from = Lead::of_target(core, &directory, (owner, Given::Rung, clock.started_at()), &originate.from)
        .and_then(Lead::call)
        .ok()
        .filter(|_| !matches!(originate.from, Target::FeatureCode(_)))
        .ok_or(SwitchError::Unreachable("`from` is not known"))?;
    if !has_party(&directory, &from) {
        return Err(SwitchError::Unreachable("`from` has no phone"));
    }
    let onward = onward(core, &directory, owner, (&originate.to, clock.started_at()));
    let (dialed, to) = onward.map_err(|why| match why {
        Unroutable::Unknown => SwitchError::Unreachable("`to` is not known"),
        Unroutable::Refused => SwitchError::Unreachable("the account's rates refuse calls to `to`"),
    })?;
    let mut booking = core.limiter.booking();
    let claims = limits::calling(&directory, owner.account, Via::Device);
    let admission = booking.admit(&claims, core.clock.monotonic()).map_err(|_| SwitchError::Limit)?;
    booking.keep(admission);
    let (mailbox, inbox) = Mailbox::new();
    if !core.calls.add(originate.call_id, mailbox.clone(), core.config.max_calls) {
        core.refused.count_full();
        return Err(SwitchError::Unavailable);
    }
    let setting = setting(&directory, owner, &from, dialed);
    let mut session = Session::new(core.clone(), (originate.call_id, clock), mailbox, setting);
    session.booking = booking;
    session.recording = originate.recording;
    session.place(&directory, from, to);
    core.stack.tasks.spawn(session.run(inbox));
    Ok(())
}

/// Where the call goes, and the number that is dialed for it.
fn onward(
    core: &Core,
    directory: &Snapshot,
    owner: Owner,
    (target, at): (&Target, Timestamp),
) -> Result<(Number, Onward), Unroutable> {
    match Lead::of_target(core, directory, (owner, Given::Placed, at), target)? {
        Lead::Feature(feature) => Ok((code_of(target), Onward::Ask(feature))),
        Lead::Call(to) => Ok((number_of(target, &to), Onward::Dial(to))),
    }
}

fn code_of(target: &Target) -> Number {
    match target {
        Target::Extension(number) | Target::Number(number) | Target::FeatureCode(number) => number.clone(),
        Target::Device(_) => Number::from(""),
    }
}

/// Whether there is somebody to ring, be it in vain.
fn has_party(directory: &Snapshot, destination: &Destination) -> bool {
    match destination {
        Destination::Phones { devices, .. } => devices.iter().any(|id| directory.device(*id).is_some()),
        Destination::Trunks(hops) => !hops.is_empty(),
    }
}

pub(super) fn number_of(target: &Target, destination: &Destination) -> Number {
    match (target, destination) {
        (Target::Device(_), Destination::Phones { extension, .. }) => extension.clone(),
        _ => code_of(target),
    }
}

fn setting(directory: &Snapshot, owner: Owner, from: &Destination, dialed: Number) -> Setting {
    let (number, device) = match from {
        Destination::Phones { extension, devices, .. } => (extension.clone(), devices.first()),
        Destination::Trunks(hops) => (hops.first().map_or_else(|| "".into(), |hop| hop.called.clone()), None),
    };
    let device = device.and_then(|id| directory.device(*id));
    let identity = device.map(|device| Identity::of_device(directory, device)).unwrap_or_default();
    Setting {
        origination: owner,
        via: Via::Device,
        dialed,
        caller: number,
        caller_name: identity.name.clone(),
        identity,
        max_forwards: 70,
        diversion: None,
        history: None,
    }
}

impl Session {
    fn place(&mut self, directory: &Snapshot, from: Destination, to: Onward) {
        self.tell(EventKind::CallStarted(Arc::new(CallStarted {
            origination: self.setting.origination,
            origin: Origin::Api,
            caller: self.setting.caller.clone(),
            caller_name: self.setting.caller_name.clone(),
            dialed: self.setting.dialed.clone(),
        })));
        let side = if to.joins() { Side::Termination } else { Side::Origination };
        self.onward = Some(to);
        let (by, to) = (self.setting.origination, self.setting.caller.clone());
        self.hunt_for(directory, Quest::first(side, SentOn { by, sender: None, to }), from);
    }

    /// The first party has no phone that could be rung: a leg that ends as it begins.
    pub(super) fn miss_phones(&mut self, directory: &Snapshot, owner: Owner, device: Option<&Device>) {
        let Some(device) = device else { return };
        let leg = leg_id(self.clock.now());
        let offer = LegOffer {
            side: self.hunt.as_ref().map_or(Side::Origination, |hunt| hunt.side),
            direction: LegDirection::Outgoing,
            owner,
            endpoint: device_endpoint(directory, device),
            from: self.setting.dialed.clone(),
            to: self.setting.caller.clone(),
            sip: None,
            route: None,
        };
        self.tell(EventKind::LegOffered { leg, offer: Arc::new(offer) });
        let failure = Failure::ours(StatusCode::TemporarilyUnavailable, EndCause::Unavailable);
        let end = LegEnd::new(Releaser::Switch, failure.cause, Some(failure.status));
        self.tell(EventKind::LegEnded { leg, end });
    }

    /// The first party has answered with its offer: it waits, and the second is dialed with that offer.
    pub(super) fn dial_onward(&mut self, caller: LegId, offer: Body) {
        self.caller = Some(caller);
        let answer = self.waiting_answer(caller, &offer);
        let is_sound = answer.is_some();
        self.acknowledge(caller, answer.unwrap_or_default());
        let directory = self.core.directory.snapshot();
        match self.onward.take() {
            Some(Onward::Dial(to)) if is_sound => {
                self.hunt_for(&directory, Quest::of_caller(Some(caller), offer), to);
            }
            Some(Onward::Ask(feature)) if is_sound => self.serve(caller, feature),
            _ => self.on_breakdown(caller),
        }
    }
}
