//! A live call as somebody sees it who may see some accounts.

use std::{borrow::Cow, sync::Arc};

use call::{
    AccountId, Call, CallId, Leg, LegId, Number, Timestamp,
    party::Endpoint,
    state::{Foreign, LegState, Phase, Sides},
};
use directory::{Access, Snapshot};

use crate::SearchText;

/// A live call, seen from one account.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveCall {
    /// Which.
    pub id: CallId,
    /// The account that it is seen from.
    pub account: AccountId,
    /// What it does.
    pub phase: Phase,
    /// Whether the account sends it.
    pub is_outbound: bool,
    /// Who calls.
    pub from: Party,
    /// Who is called.
    pub to: Party,
    /// The account's own extension in it, the caller's before that of who is called.
    pub extension: Option<Number>,
    /// The country of the number that is called (ISO 3166-1 numeric), once that is known.
    pub country: Option<u16>,
    /// The trunk that carries it, if the viewer may know.
    pub trunk: Option<Arc<str>>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// The leg that commands are given for: a phone of the viewer's that talks.
    pub own: Option<OwnLeg>,
}

/// A party of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Party {
    /// Its number.
    pub number: Number,
    /// Its name, if the viewer may know.
    pub name: Option<Arc<str>>,
}

/// A leg that a viewer commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnLeg {
    /// Which.
    pub id: LegId,
    /// Whether it holds.
    pub is_held: bool,
}

impl LiveCall {
    /// A call as `account` sees it, for somebody who may see what `access` says.
    pub fn of(call: &Call, account: AccountId, access: &Access, directory: &Snapshot) -> Self {
        let seen = call.seen_by(account).unwrap_or(Cow::Borrowed(call));
        let call = &*seen;
        let foreign = Foreign::of_call(access.customer(), call);
        let is_open = |leg: &&Leg| !foreign.hides(leg.offer.owner, leg.offer.side);
        let name = |leg: Option<&Leg>| leg.filter(is_open).and_then(phone_name);
        let trunks = call.legs().iter().filter(|leg| leg.offer.owner.customer == access.customer());
        Self {
            id: call.id(),
            account,
            phase: call.phase(),
            is_outbound: call.sides_of(account).is_none_or(Sides::is_outbound),
            from: Party { number: call.caller().clone(), name: name(call.caller_leg()) },
            to: Party { number: call.started().dialed.clone(), name: name(call.called_leg()) },
            extension: extension(call, account, directory),
            country: call.routed().and_then(|routed| routed.called_country),
            trunk: trunks.filter(|leg| !leg.is_ended()).find_map(trunk_name),
            started_at: call.started_at(),
            answered_at: call.answered_at(),
            own: call.legs().iter().find(|leg| is_own(leg, access)).map(OwnLeg::of),
        }
    }

    /// Whether a number, a name or the trunk has this text.
    pub fn has(&self, text: &SearchText) -> bool {
        let parties = [&self.from, &self.to];
        let mut names = parties.iter().filter_map(|party| party.name.as_deref()).chain(self.trunk.as_deref());
        parties.iter().any(|party| text.is_in_number(party.number.as_str()))
            || names.any(|name| text.is_in_name(name))
    }
}

impl OwnLeg {
    fn of(leg: &Leg) -> Self {
        Self { id: leg.id, is_held: leg.is_held() }
    }
}

/// A phone of one of the viewer's accounts that talks to somebody.
fn is_own(leg: &Leg, access: &Access) -> bool {
    let is_phone = leg.offer.endpoint.device().is_some() && access.allows(leg.offer.owner.account);
    is_phone && leg.state() == LegState::Answered && leg.peer.is_some()
}

fn extension(call: &Call, account: AccountId, directory: &Snapshot) -> Option<Number> {
    let own = call.legs().iter().filter(|leg| leg.offer.owner.account == account && !leg.is_ended());
    let mut devices = own.filter_map(|leg| leg.offer.endpoint.device());
    let found = devices.find_map(|device| directory.extension_of_device(device));
    found.map(|extension| extension.number.clone())
}

fn phone_name(leg: &Leg) -> Option<Arc<str>> {
    match &leg.offer.endpoint {
        Endpoint::Device { name, .. } => Some(name.clone()),
        Endpoint::Trunk { .. } => None,
    }
}

fn trunk_name(leg: &Leg) -> Option<Arc<str>> {
    match &leg.offer.endpoint {
        Endpoint::Trunk { name, .. } => Some(name.clone()),
        Endpoint::Device { .. } => None,
    }
}
