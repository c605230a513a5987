//! A call that a program places: the first party is rung, then the second, then they are joined
//! (RFC 3725 section 4.4, with the first party's offer shown to the second).

use std::sync::Arc;

use call::{
    AccountId, EventKind, LegId, Number,
    command::{Originate, Target},
    event::{CallStarted, Origin, Side},
    party::{Endpoint, Owner},
};

use super::{
    Call, Phase, Setting,
    hunt::SentOn,
    join::{Join, Step, Who},
    routing::destination,
};
use crate::{
    Context, Refusal,
    failure::Failure,
    features::{Feature, Place},
    input::Caller,
    leg::Leg,
    limits::{self, Holder},
    message::{Alerting, Body, MAX_FORWARDS},
    output::Diversion,
    sdp::Sdp,
    world::{Destination, Unroutable, Via},
};
use call::event::EndCause;

/// Where a call that a program places goes once its first party has answered.
#[derive(Clone, Debug)]
pub(crate) enum Onward {
    /// There.
    Dial(Destination),
    /// To what a feature code asks for.
    Ask(Feature),
}

/// Begins the call that a command places.
pub(crate) fn begin(originate: Originate, cx: &mut Context<'_>) -> Result<(), Refusal> {
    if !cx.takes_calls() || cx.state.calls.contains(originate.call_id) {
        return Err(Refusal::Unavailable);
    }
    let owner =
        cx.world.account(originate.account).ok_or(Refusal::Unreachable("the account is not known"))?;
    let unknown = Refusal::Unreachable("`from` is not known");
    let from = match &originate.from {
        Target::FeatureCode(_) => return Err(unknown),
        from => destination(owner, from, cx.now.wall, cx).map_err(|_| unknown)?,
    };
    if !has_party(&from, cx) {
        return Err(Refusal::Unreachable("`from` has no phone"));
    }
    let (dialed, onward) = onward(owner, &originate.to, cx).map_err(|why| match why {
        Unroutable::Unknown => Refusal::Unreachable("`to` is not known"),
        Unroutable::Refused => Refusal::Unreachable("the account's rates refuse calls to `to`"),
    })?;
    let caller = caller(owner, &from, dialed, cx);
    let (diversion, alerting) = (Diversion::default(), Alerting::default());
    let setting = Setting { caller, hops: MAX_FORWARDS, diversion, alerting, history: None };
    let mut call = Box::new(Call::new(originate.call_id, setting, cx.now));
    call.recording = originate.recording;
    let claims = limits::calling(cx.world, owner.account, Via::Device(None));
    call.take_room(Holder::Call, &claims, cx).map_err(|_| Refusal::Limit)?;
    cx.keep(call, |call, cx| call.place(from, onward, cx));
    Ok(())
}

/// Where the call goes, and the number that is dialed for it.
fn onward(owner: Owner, target: &Target, cx: &Context<'_>) -> Result<(Number, Onward), Unroutable> {
    if let Target::FeatureCode(code) | Target::Extension(code) | Target::Number(code) = target
        && let Some(feature) = feature(owner, target, code, cx)
    {
        return Ok((code.clone(), Onward::Ask(feature)));
    }
    let to = destination(owner, target, cx.now.wall, cx)?;
    Ok((number_of(target, &to), Onward::Dial(to)))
}

/// What a feature code asks for. A number asks for it only if it is to be had.
fn feature(owner: Owner, target: &Target, code: &Number, cx: &Context<'_>) -> Option<Feature> {
    let feature = cx.settings.features.read(code.as_str(), Place::Command);
    match target {
        // What it asks for may come while the first party rings.
        Target::FeatureCode(_) => feature,
        Target::Device(_) | Target::Extension(_) | Target::Number(_) => {
            feature.filter(|feature| is_there(owner.account, feature, cx))
        }
    }
}

/// Whether a feature is to be had: some want a call that is up.
fn is_there(account: AccountId, feature: &Feature, cx: &Context<'_>) -> bool {
    !feature.joins() || super::arrival::joined_by(account, feature, cx).is_some()
}

/// Whether there is somebody to ring, be it in vain.
fn has_party(destination: &Destination, cx: &Context<'_>) -> bool {
    match destination {
        Destination::Phones { devices, .. } => devices.iter().any(|id| cx.world.phone(*id).is_some()),
        Destination::Trunks(hops) => !hops.is_empty(),
    }
}

/// The number that a target stands for.
pub(super) fn number_of(target: &Target, destination: &Destination) -> Number {
    match (target, destination) {
        (Target::Extension(number) | Target::Number(number) | Target::FeatureCode(number), _) => {
            number.clone()
        }
        (Target::Device(_), Destination::Phones { extension, .. }) => extension.clone(),
        (Target::Device(_), Destination::Trunks(_)) => Number::from(""),
    }
}

/// Who calls: the first party.
fn caller(owner: Owner, from: &Destination, dialed: Number, cx: &Context<'_>) -> Caller {
    let (number, phone) = match from {
        Destination::Phones { extension, devices, .. } => {
            (extension.clone(), devices.first().and_then(|id| cx.world.phone(*id)))
        }
        Destination::Trunks(hops) => (hops.first().map_or_else(|| "".into(), |hop| hop.called.clone()), None),
    };
    let endpoint = match (from, &phone) {
        (_, Some(phone)) => phone.endpoint.clone(),
        (Destination::Trunks(hops), None) if !hops.is_empty() => {
            Endpoint::Trunk { id: hops[0].trunk, name: hops[0].name.clone() }
        }
        (_, None) => Endpoint::Device { id: call::DeviceId(0), name: number.as_str().into() },
    };
    let inside = phone.as_ref().map_or_else(|| number.clone(), |phone| phone.number.clone());
    let outside = phone.as_ref().map_or_else(|| number.clone(), |phone| phone.caller_id.clone());
    let name = phone.and_then(|phone| phone.name);
    let (via, requested) = (Via::Device(endpoint.device()), dialed.clone());
    let calling = number.clone();
    Caller { owner, endpoint, via, number, calling, inside, outside, name, hidden: None, dialed, requested }
}

impl Call {
    fn place(&mut self, from: Destination, onward: Onward, cx: &mut Context<'_>) {
        let caller = &self.setting.caller;
        let started = CallStarted {
            origination: caller.owner,
            origin: Origin::Api,
            caller: caller.number.clone(),
            caller_name: caller.name.clone(),
            dialed: caller.dialed.clone(),
        };
        self.tell(EventKind::CallStarted(Arc::new(started)), cx);
        let joins = matches!(&onward, Onward::Ask(feature) if feature.joins());
        let side = if joins { Side::Termination } else { Side::Origination };
        let mut hunt = Box::new(Self::new_hunt(side, None, None, cx));
        // The room of who places a call is taken already.
        let (by, to) = (self.setting.caller.owner, self.setting.caller.number.clone());
        hunt.sent = Some(SentOn { by, sender: None, to });
        self.phase = Phase::Placing { hunt, onward };
        self.hunt_for(from, cx);
    }

    /// The first party has answered with its offer: it waits, and the second is dialed with that offer.
    pub(super) fn dial_onward(
        &mut self,
        caller: LegId,
        offer: Option<Sdp>,
        onward: Onward,
        cx: &mut Context<'_>,
    ) {
        self.caller = Some(caller);
        let answer = self.waiting_answer(caller, offer.as_ref(), cx);
        let Ok(answer) = answer else {
            self.acknowledge(caller, Body::Empty, cx);
            return self.on_breakdown(caller, cx);
        };
        self.acknowledge(caller, answer.into(), cx);
        match onward {
            Onward::Dial(to) => self.dial(offer, to, cx),
            Onward::Ask(feature) => self.serve(caller, &feature, cx),
        }
    }

    /// Gives an answered party what a feature code asks for.
    fn serve(&mut self, party: LegId, feature: &Feature, cx: &mut Context<'_>) {
        let account = self.setting.caller.owner.account;
        if *feature == Feature::Park {
            return match super::parking::free_slot(account, None, cx) {
                Ok(slot) => self.wait_in(party, slot, account, None, cx),
                Err(_) => self.give_up_caller(&Failure::ours(486, EndCause::Busy), cx),
            };
        }
        let found = super::arrival::joined_by(account, feature, cx);
        let joined = found.and_then(|(id, what)| {
            let host = cx.state.calls.get(id)?;
            host.partner_for(what, account).map(|partner| (id, what, partner))
        });
        let Some((id, what, partner)) = joined else {
            return self.give_up_caller(&Failure::ours(404, EndCause::NoRoute), cx);
        };
        let Some(host) = cx.state.calls.take(id) else { return };
        // The host takes this call's place: the map gets it, under its own id.
        let visitor = std::mem::replace(self, *host);
        self.welcome(visitor, party, (what, partner), cx);
    }

    /// The party of a call that a program has placed comes here, for what it has dialed.
    fn welcome(
        &mut self,
        visitor: Self,
        party: LegId,
        (what, partner): (super::arrival::Joining, LegId),
        cx: &mut Context<'_>,
    ) {
        let absorbed = visitor.id;
        self.absorb(visitor, cx);
        self.tell(EventKind::CallMerged { absorbed }, cx);
        // A caller is answered with what the party answers to its offer; one who waits takes the party's
        // description first.
        let is_calling = self.leg(partner).is_some_and(Leg::is_calling);
        let who = if is_calling { Who::Comes } else { Who::Stays };
        self.begin_joining(what, Join { stays: partner, comes: party, step: Step::Asking(who) }, cx);
        self.ask_first(who, cx);
    }
}
