//! A live call as somebody sees it who may see some accounts.

use std::{borrow::Cow, ops::Deref, sync::Arc};

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

/// A call as `account` sees it, for somebody who may see what `access` says. What is to be known of it is found out when
/// it is asked for.
pub(crate) struct Seen<'a> {
    call: Held<'a>,
    account: AccountId,
    access: &'a Access,
    directory: &'a Snapshot,
}

/// What an account sees of a call: all of it, mostly. The other is a large thing to carry about.
enum Held<'a> {
    Whole(&'a Call),
    Own(Box<Call>),
}

impl Deref for Held<'_> {
    type Target = Call;

    fn deref(&self) -> &Call {
        match self {
            Self::Whole(call) => call,
            Self::Own(call) => call,
        }
    }
}

impl<'a> Seen<'a> {
    pub(crate) fn new(
        (account, call): (AccountId, &'a Call),
        access: &'a Access,
        directory: &'a Snapshot,
    ) -> Self {
        let call = match call.seen_by(account) {
            Some(Cow::Owned(seen)) => Held::Own(Box::new(seen)),
            Some(Cow::Borrowed(_)) | None => Held::Whole(call),
        };
        Self { call, account, access, directory }
    }

    pub(crate) fn id(&self) -> CallId {
        self.call.id()
    }

    pub(crate) fn account(&self) -> AccountId {
        self.account
    }

    pub(crate) fn phase(&self) -> Phase {
        self.call.phase()
    }

    pub(crate) fn is_outbound(&self) -> bool {
        self.call.sides_of(self.account).is_none_or(Sides::is_outbound)
    }

    pub(crate) fn started_at(&self) -> Timestamp {
        self.call.started_at()
    }

    pub(crate) fn from(&self) -> &Number {
        self.call.caller()
    }

    pub(crate) fn to(&self) -> &Number {
        &self.call.started().dialed
    }

    pub(crate) fn country(&self) -> Option<u16> {
        self.call.routed().and_then(|routed| routed.called_country)
    }

    pub(crate) fn trunk(&self) -> Option<&Arc<str>> {
        let own = self.call.legs().iter().filter(|leg| leg.offer.owner.customer == self.access.customer());
        own.filter(|leg| !leg.is_ended()).find_map(trunk_name)
    }

    pub(crate) fn extension(&self) -> Option<&Number> {
        let legs = self.call.legs().iter();
        let own = legs.filter(|leg| leg.offer.owner.account == self.account && !leg.is_ended());
        let mut devices = own.filter_map(|leg| leg.offer.endpoint.device());
        let found = devices.find_map(|device| self.directory.extension_of_device(device));
        found.map(|extension| &extension.number)
    }

    /// The names of who calls and of who is called, as far as the viewer may know.
    fn names(&self) -> [Option<&Arc<str>>; 2] {
        let foreign = Foreign::of_call(self.access.customer(), &self.call);
        let is_open = |leg: &&Leg| !foreign.hides(leg.offer.owner, leg.offer.side);
        [self.call.caller_leg(), self.call.called_leg()].map(|leg| leg.filter(is_open).and_then(phone_name))
    }

    /// Whether a number, a name or the trunk has this text.
    pub(crate) fn has(&self, text: &SearchText) -> bool {
        let is_in = |name: &Arc<str>| text.is_in_name(name);
        [self.from(), self.to()].into_iter().any(|number| text.is_in_number(number.as_str()))
            || self.names().into_iter().flatten().any(is_in)
            || self.trunk().is_some_and(is_in)
    }

    /// All of it.
    pub(crate) fn whole(&self) -> LiveCall {
        let [caller, called] = self.names().map(Option::<&Arc<str>>::cloned);
        LiveCall {
            id: self.id(),
            account: self.account,
            phase: self.phase(),
            is_outbound: self.is_outbound(),
            from: Party { number: self.from().clone(), name: caller },
            to: Party { number: self.to().clone(), name: called },
            extension: self.extension().cloned(),
            country: self.country(),
            trunk: self.trunk().cloned(),
            started_at: self.started_at(),
            answered_at: self.call.answered_at(),
            own: self.call.legs().iter().find(|leg| is_own(leg, self.access)).map(OwnLeg::of),
        }
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

fn phone_name(leg: &Leg) -> Option<&Arc<str>> {
    match &leg.offer.endpoint {
        Endpoint::Device { name, .. } => Some(name),
        Endpoint::Trunk { .. } => None,
    }
}

fn trunk_name(leg: &Leg) -> Option<&Arc<str>> {
    match &leg.offer.endpoint {
        Endpoint::Trunk { name, .. } => Some(name),
        Endpoint::Device { .. } => None,
    }
}
