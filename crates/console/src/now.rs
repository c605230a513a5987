//! The live calls that a viewer wants to see: filtered, grouped, sorted, a page of them.

use std::{
    borrow::Cow,
    cmp::{Ordering, Reverse},
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use call::{
    AccountId, Call, CallId, Leg, LegId, Number, Registry, Timestamp,
    party::Endpoint,
    state::{Foreign, LegState, Phase, Sides},
};

use crate::{errors::Failure, form::Fields, viewer::Viewer, words};

/// Calls on a page.
pub const PAGE: usize = 50;
/// Groups that are shown, those with most calls first.
const GROUPS: usize = 40;

/// What a viewer wants to see.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// Of this account alone.
    pub account: Option<AccountId>,
    /// That do this.
    pub phase: Option<Phase>,
    /// Sent, or only taken.
    pub is_outbound: Option<bool>,
    /// In which a number or a name has this text, in either case.
    pub text: Option<String>,
    /// By this trunk.
    pub trunk: Option<String>,
    /// In this order.
    pub order: Order,
    /// Counted by this.
    pub group: Option<Group>,
    /// From this page on, from 0.
    pub page: usize,
}

/// In what order calls are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The newest first.
    #[default]
    Newest,
    /// The oldest first.
    Oldest,
    /// By the caller's number.
    From,
    /// By the number that was dialed.
    To,
    /// By what they do.
    State,
    /// By the trunk.
    Trunk,
}

/// By what calls are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Their account.
    Account,
    /// What they do.
    State,
    /// The trunk that carries them.
    Trunk,
    /// Who sends them.
    Direction,
}

/// The states that can be asked for, by their names in a query.
pub const PHASES: [(&str, Phase); 5] = [
    ("dialing", Phase::Dialing),
    ("ringing", Phase::Ringing),
    ("talking", Phase::Talking),
    ("on-hold", Phase::OnHold),
    ("transferring", Phase::Transferring),
];
/// The directions.
pub const DIRECTIONS: [(&str, bool); 2] = [("outbound", true), ("inbound", false)];
/// The orders.
pub const ORDERS: [(&str, Order); 6] = [
    ("newest", Order::Newest),
    ("oldest", Order::Oldest),
    ("from", Order::From),
    ("to", Order::To),
    ("state", Order::State),
    ("trunk", Order::Trunk),
];
/// The groups.
pub const GROUPINGS: [(&str, Group); 4] = [
    ("account", Group::Account),
    ("state", Group::State),
    ("trunk", Group::Trunk),
    ("direction", Group::Direction),
];

/// A live call as a viewer sees it.
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

/// What is seen of the live calls.
pub struct Seen {
    /// The page.
    pub calls: Vec<LiveCall>,
    /// How many calls are wanted.
    pub matching: usize,
    /// How many calls there are.
    pub all: usize,
    /// How many of those that are wanted are of each group, most first.
    pub groups: Vec<(String, usize)>,
}

impl Wanted {
    /// Reads what a query asks for.
    pub fn read(fields: &Fields, viewer: &Viewer) -> Result<Self, Failure> {
        let account = fields.get("account").map(|text| account(text, viewer)).transpose()?;
        Ok(Self {
            account,
            phase: one_of(fields, "state", &PHASES)?,
            is_outbound: one_of(fields, "direction", &DIRECTIONS)?,
            text: fields.get("text").map(str::to_lowercase),
            trunk: fields.get("trunk").map(str::to_owned),
            order: one_of(fields, "order", &ORDERS)?.unwrap_or_default(),
            group: one_of(fields, "group", &GROUPINGS)?,
            page: number(fields, "page")?.unwrap_or_default(),
        })
    }

    /// What of the live calls is wanted.
    pub fn of(&self, calls: &Registry, viewer: &Viewer) -> Seen {
        let mut found = candidates(calls, viewer, self.account);
        let all = found.len();
        if self.is_plain() {
            // Nothing has to be known of the calls that are not on the page.
            found.sort_unstable_by_key(|(_, call)| Reverse((call.started_at(), call.id())));
            let page = found.into_iter().skip(self.skipped()).take(PAGE);
            let calls = page.map(|(account, call)| LiveCall::of(call, account, viewer)).collect();
            return Seen { calls, matching: all, all, groups: Vec::new() };
        }
        let seen = found.into_iter().map(|(account, call)| LiveCall::of(call, account, viewer));
        let mut found: Vec<_> = seen.filter(|call| self.wants(call)).collect();
        let groups = self.group.map(|group| counted(&found, group, viewer)).unwrap_or_default();
        found.sort_by(|a, b| self.order.compare(a, b));
        let matching = found.len();
        Seen { calls: found.into_iter().skip(self.skipped()).take(PAGE).collect(), matching, all, groups }
    }

    /// Whether all calls are wanted, the newest first, and not counted.
    fn is_plain(&self) -> bool {
        *self == Self { account: self.account, page: self.page, ..Self::default() }
    }

    fn skipped(&self) -> usize {
        self.page.saturating_mul(PAGE)
    }

    fn wants(&self, call: &LiveCall) -> bool {
        self.phase.is_none_or(|phase| phase == call.phase)
            && self.is_outbound.is_none_or(|is_outbound| is_outbound == call.is_outbound)
            && self.trunk.as_ref().is_none_or(|trunk| call.trunk.as_deref() == Some(trunk))
            && self.text.as_ref().is_none_or(|text| call.has(text))
    }
}

impl Order {
    fn compare(self, a: &LiveCall, b: &LiveCall) -> Ordering {
        let newest = (b.started_at, b.id).cmp(&(a.started_at, a.id));
        let own = match self {
            Self::Newest => newest,
            Self::Oldest => newest.reverse(),
            Self::From => a.from.number.cmp(&b.from.number),
            Self::To => a.to.number.cmp(&b.to.number),
            Self::State => (a.phase as usize).cmp(&(b.phase as usize)),
            Self::Trunk => a.trunk.cmp(&b.trunk),
        };
        own.then(newest)
    }
}

impl LiveCall {
    fn of(call: &Call, account: AccountId, viewer: &Viewer) -> Self {
        let seen = call.seen_by(account).unwrap_or(Cow::Borrowed(call));
        let call = &*seen;
        let foreign = Foreign::of_call(viewer.access.customer(), call);
        let is_open = |leg: &&Leg| !foreign.hides(leg.offer.owner, leg.offer.side);
        let name = |leg: Option<&Leg>| leg.filter(is_open).and_then(phone_name);
        let trunks = call.legs().iter().filter(|leg| leg.offer.owner.customer == viewer.access.customer());
        Self {
            id: call.id(),
            account,
            phase: call.phase(),
            is_outbound: call.sides_of(account).is_none_or(Sides::is_outbound),
            from: Party { number: call.caller().clone(), name: name(call.caller_leg()) },
            to: Party { number: call.started().dialed.clone(), name: name(call.called_leg()) },
            trunk: trunks.filter(|leg| !leg.is_ended()).find_map(trunk_name),
            started_at: call.started_at(),
            answered_at: call.answered_at(),
            own: call.legs().iter().find(|leg| is_own(leg, viewer)).map(OwnLeg::of),
        }
    }

    fn has(&self, text: &str) -> bool {
        let parties = [&self.from, &self.to];
        let numbers = parties.iter().map(|party| party.number.as_str());
        let names = parties.iter().filter_map(|party| party.name.as_deref()).chain(self.trunk.as_deref());
        numbers.chain(names).any(|known| known.to_lowercase().contains(text))
    }
}

impl OwnLeg {
    fn of(leg: &Leg) -> Self {
        Self { id: leg.id, is_held: leg.is_held() }
    }
}

/// A phone of one of the viewer's accounts that talks to somebody.
fn is_own(leg: &Leg, viewer: &Viewer) -> bool {
    let is_phone = leg.offer.endpoint.device().is_some() && viewer.access.allows(leg.offer.owner.account);
    is_phone && leg.state() == LegState::Answered && leg.peer.is_some()
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

/// The viewer's calls, or those of one account. A call that two of the accounts share is there once: as the first of
/// them sees it that sends it, or else takes it.
fn candidates<'a>(
    calls: &'a Registry,
    viewer: &Viewer,
    account: Option<AccountId>,
) -> Vec<(AccountId, &'a Call)> {
    let mut known = HashSet::new();
    let mut found = Vec::new();
    let is_wanted = |id: &&AccountId| account.is_none_or(|wanted| wanted == **id);
    for id in viewer.access.accounts().iter().filter(is_wanted) {
        for call in calls.calls_of(*id) {
            let sender = call.origination().account;
            let is_senders = account.is_none() && sender != *id && viewer.access.allows(sender);
            if !is_senders && known.insert(call.id()) {
                found.push((*id, &**call));
            }
        }
    }
    found
}

fn counted(calls: &[LiveCall], group: Group, viewer: &Viewer) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for call in calls {
        *counts.entry(group.of(call, viewer)).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| Reverse(*count));
    counts.truncate(GROUPS);
    counts
}

impl Group {
    fn of(self, call: &LiveCall, viewer: &Viewer) -> String {
        match self {
            Self::Account => viewer.account_name(call.account).unwrap_or_default().to_owned(),
            Self::State => words::phase(call.phase).to_owned(),
            Self::Trunk => call.trunk.as_deref().unwrap_or(words::NO_TRUNK).to_owned(),
            Self::Direction => words::direction(call.is_outbound).to_owned(),
        }
    }
}

/// The account that a field names, if it is the viewer's.
pub fn account(text: &str, viewer: &Viewer) -> Result<AccountId, Failure> {
    let known = text.parse().ok().map(AccountId).filter(|id| viewer.access.allows(*id));
    known.ok_or_else(|| refused("account", text, words::ACCEPTED_ACCOUNT))
}

/// What a field has chosen of these.
pub fn one_of<T: Copy>(fields: &Fields, name: &str, known: &[(&str, T)]) -> Result<Option<T>, Failure> {
    let Some(text) = fields.get(name) else { return Ok(None) };
    let found = known.iter().find(|(value, _)| *value == text).map(|(_, meaning)| *meaning);
    let names = || known.iter().map(|(value, _)| *value).collect::<Vec<_>>().join(", ");
    found.map(Some).ok_or_else(|| refused(name, text, &names()))
}

/// The whole number that a field has.
pub fn number<T: std::str::FromStr>(fields: &Fields, name: &str) -> Result<Option<T>, Failure> {
    let Some(text) = fields.get(name) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| refused(name, text, words::ACCEPTED_NUMBER))
}

/// A field that cannot be.
pub fn refused(name: &str, found: &str, accepted: &str) -> Failure {
    let found: String = found.chars().take(80).collect();
    Failure::invalid(format!("{name}: found “{found}”, accepted: {accepted}"))
}
