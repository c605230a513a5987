//! Where numbers lead, and the feature codes among them: to wait in a parking slot, to take a party out of one, or
//! to take a call that rings.

use call::{
    AccountId, CallId, EventKind, LegId, Number, Timestamp, command::Target, event::EndCause, party::Owner,
};
use directory::{
    Snapshot,
    model::Device,
    routing::{Destination, Unroutable, Via},
};
use rsipstack::sip::StatusCode;

use super::{
    Input, Mailbox, Session, Setting,
    arrival::{ToCall, joins_by},
    attended::{Other, Wish},
    handover::{Estate, Sought},
    leg::Leg,
    proposal::Aim,
};
use crate::{
    cause::Failure,
    core::Core,
    features::{Feature, Given},
    message::fields::Body,
    slots::{Place, Slot},
};

/// Where a call that the API places goes once its first party has answered.
pub(super) enum Onward {
    /// There.
    Dial(Destination),
    /// To what a feature code asks for.
    Ask(Feature),
}

impl Onward {
    /// Whether the party joins a call that is up: then it is a called party of that.
    pub(super) fn joins(&self) -> bool {
        matches!(self, Self::Ask(Feature::Slot(_) | Feature::PickUp(_)))
    }
}

/// Where a number leads.
pub(super) enum Lead {
    /// To what a feature code asks for, and is to be had now.
    Feature(Feature),
    /// To phones or trunks.
    Call(Destination),
}

/// Whose a number is, how its calls are routed, and at which instant.
#[derive(Clone, Copy)]
pub(super) struct Giver {
    pub(super) owner: Owner,
    pub(super) via: Via,
    pub(super) given: Given,
    pub(super) at: Timestamp,
}

impl Lead {
    /// Where a number leads. A code that asks for nothing that is to be had is an extension's number or nobody's: it
    /// is not for the world outside.
    pub(super) fn of(
        core: &Core,
        directory: &Snapshot,
        giver: Giver,
        number: &Number,
    ) -> Result<Self, Unroutable> {
        let Giver { owner, via, given, at } = giver;
        let feature = core.config.features.read(number.as_str()).filter(|_| via == Via::Device);
        let is_code = feature.is_some();
        if let Some(feature) = feature.filter(|feature| is_there(core, owner.account, feature, given)) {
            return Ok(Self::Feature(feature));
        }
        match directory.route(owner, via, number, at)? {
            Destination::Trunks(_) if is_code => Err(Unroutable::Unknown),
            destination => Ok(Self::Call(destination)),
        }
    }

    /// The same for what a program names.
    pub(super) fn of_target(
        core: &Core,
        directory: &Snapshot,
        (owner, given, at): (Owner, Given, Timestamp),
        target: &Target,
    ) -> Result<Self, Unroutable> {
        let phones = |extension, devices| Destination::Phones { owner, extension, devices, screen_pop: None };
        let code = |number: &Number| core.config.features.read(number.as_str());
        match target {
            // What it asks for may come while the first party rings.
            Target::FeatureCode(number)
                if given == Given::Placed
                    && let Some(feature) = code(number).filter(|feature| feature.is_given(given)) =>
            {
                Ok(Self::Feature(feature))
            }
            Target::Device(id) => {
                let device = directory.device(*id).filter(|device| device.account == owner.account);
                let device = device.ok_or(Unroutable::Unknown)?;
                Ok(Self::Call(phones(extension_of(directory, device), vec![*id])))
            }
            Target::Extension(number) if code(number).is_none() => {
                let extension = directory.extension(owner.account, number).ok_or(Unroutable::Unknown)?;
                Ok(Self::Call(phones(number.clone(), extension.devices.clone())))
            }
            Target::Extension(number) | Target::Number(number) | Target::FeatureCode(number) => {
                Self::of(core, directory, Giver { owner, via: Via::Device, given, at }, number)
            }
        }
    }

    /// The phones or trunks that it leads to.
    pub(super) fn call(self) -> Result<Destination, Unroutable> {
        match self {
            Self::Call(destination) => Ok(destination),
            Self::Feature(_) => Err(Unroutable::Unknown),
        }
    }
}

/// Whether a feature is to be had: some want a call that is up.
fn is_there(core: &Core, account: AccountId, feature: &Feature, given: Given) -> bool {
    feature.is_given(given)
        && match (feature, given) {
            (Feature::Park | Feature::EndWork, _) | (Feature::Slot(_), Given::Transferred) => true,
            (Feature::Slot(_) | Feature::PickUp(_), _) => joins_by(core, account, feature).is_some(),
        }
}

fn extension_of(directory: &Snapshot, device: &Device) -> Number {
    let extension = directory.extension_of_device(device.id);
    extension.map_or_else(|| Number::from(&*device.sip_user), |extension| extension.number.clone())
}

/// Asks a call to take in a party that is in a call of its own. Dropped, it is refused.
pub(crate) struct Visit {
    to: ToCall,
    account: AccountId,
    leg: LegId,
    /// Gone once taken.
    from: Option<Mailbox>,
}

impl Drop for Visit {
    fn drop(&mut self) {
        if let Some(from) = self.from.take() {
            from.post(Input::TurnedAway);
        }
    }
}

impl Session {
    /// Gives an answered party what a feature code asks for.
    pub(super) fn serve(&mut self, party: LegId, feature: Feature) {
        let account = self.setting.origination.account;
        if feature == Feature::Park {
            return match self.take_slot(party) {
                Ok(slot) => self.wait_in(party, slot),
                Err(failure) => self.give_up_caller(&failure),
            };
        }
        let Some((mailbox, to)) = joins_by(&self.core, account, &feature) else { return self.turn_away() };
        self.onward = Some(Onward::Ask(feature));
        let from = Some(self.mailbox.clone());
        mailbox.post(Input::Visit(Box::new(Visit { to, account, leg: party, from })));
    }

    /// There is nothing to take.
    pub(super) fn turn_away(&mut self) {
        self.onward = None;
        self.give_up_caller(&Failure::ours(StatusCode::NotFound, EndCause::NoRoute));
    }

    /// Where the number leads that the caller has dialed.
    pub(super) fn lead_of_caller(&self, directory: &Snapshot) -> Result<Lead, Unroutable> {
        let Setting { origination: owner, via, ref dialed, .. } = self.setting;
        let giver = Giver { owner, via, given: Given::Dialed, at: self.clock.started_at() };
        Lead::of(&self.core, directory, giver, dialed)
    }

    /// Lets the caller wait in a slot.
    pub(super) fn let_caller_wait(&mut self, offer: &Body) {
        let Some(caller) = self.caller_leg() else { return };
        let unfit = || Failure::ours(StatusCode::NotAcceptableHere, EndCause::Rejected);
        let answer = if self.can_answer(offer) { self.waiting_answer(caller, offer) } else { None };
        let answer = answer.ok_or_else(unfit);
        match answer.and_then(|answer| Ok((answer, self.take_slot(caller)?))) {
            Ok((answer, slot)) => {
                self.answer_invite(caller, answer, None);
                self.wait_in(caller, slot);
            }
            Err(failure) => self.give_up_caller(&failure),
        }
    }

    fn take_slot(&self, id: LegId) -> Result<Slot, Failure> {
        let place = Place { leg: id, mailbox: self.mailbox.clone() };
        let (codes, account) = (&self.core.config.features, self.setting.origination.account);
        let slot = self.core.slots.take(codes, account, None, place);
        slot.map_err(|_| Failure::ours(StatusCode::BusyHere, EndCause::Busy))
    }

    /// Another call's party wants to join this one.
    pub(super) fn on_visit(&mut self, mut visit: Visit) {
        let Some(host) = self.partner_for(visit.to, visit.account).filter(|_| self.asking.is_none()) else {
            return;
        };
        let Some(mailbox) = visit.from.take() else { return };
        let other = Other { leg: visit.leg, account: Some(visit.account), mailbox };
        self.ask_for(other, Sought::Visitor, host, Wish::Visit(visit.to, visit.account));
    }

    /// The party is there: its call is part of this one now, if there is still something for it.
    pub(super) fn welcome(&mut self, host: LegId, estate: Estate, (to, account): (ToCall, AccountId)) {
        if self.partner_for(to, account) != Some(host) {
            let mailbox = estate.session.mailbox.clone();
            estate.release();
            return mailbox.post(Input::TurnedAway);
        }
        let (absorbed, visitor): (CallId, LegId) = (estate.session.id, estate.leg);
        self.absorb(estate);
        self.tell(EventKind::CallMerged { absorbed });
        if to.picks_up() {
            self.pick_up(visitor);
        }
        match self.leg(host).is_some_and(Leg::is_pending) {
            true => self.answer_with(host, visitor),
            false => self.introduce(visitor, host),
        }
    }

    /// Answers a caller with what a party that is up answers to the caller's offer.
    fn answer_with(&mut self, caller: LegId, party: LegId) {
        match self.pass(caller, party, self.talking_description(caller)) {
            Ok(body) => self.propose(party, body, Aim::Join { with: caller }),
            Err(failure) => self.give_up_caller(&failure),
        }
    }
}
