//! The world of the machine: the directory, the registrations, the limits, and the relay.

mod told;

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use b2bua::{
    Sdp, World,
    world::{
        Bound, Contact, Destination, Limited, Limits, Phone, Ring, Routed, RungFor, Unpassable, Unroutable,
        Via,
    },
};
use call::{
    AccountId, CallId, DeviceId, LegId, Number, Payer, Timestamp, TrunkId,
    command::{Sound, Target},
    event::CallRouted,
    party::Owner,
    quality::LegQuality,
};
use directory::{
    LimitNotices, Snapshot,
    model::RingingCall,
    notices::{LimitNotice, Outcome},
    routing,
};
use tokio::sync::mpsc;

use super::{Engine, Event};
use crate::{
    core::{Core, device_endpoint},
    identity::Identity,
    keying::Unmet,
    media::{MediaError, MediaLeg, MediaRelay, Security, Share},
    names::Place,
    random::leg_id,
    registrar::Binding,
    task::launch,
    transport::Flow,
};
use told::{back, destination, extension_of, number, told, unpassable, unroutable};
pub(super) use told::{unplayable, via};

/// The world of the machine.
pub(super) struct SipWorld {
    pub(super) core: Arc<Core>,
    pub(super) events: mpsc::UnboundedSender<Event>,
    /// Where the SIP of each leg comes from: what its descriptions are compared with.
    pub(super) hosts: HashMap<LegId, IpAddr>,
    /// The account of each leg's party.
    pub(super) accounts: HashMap<LegId, AccountId>,
    pub(super) media: HashMap<LegId, MediaLeg>,
    /// What the streams of legs are protected by, where any is.
    pub(super) security: HashMap<LegId, Vec<Option<Security>>>,
    /// The way to the trunk that was reached just now.
    pub(super) reached: Option<Flow>,
}

impl SipWorld {
    pub(super) fn new(core: Arc<Core>, events: mpsc::UnboundedSender<Event>) -> Self {
        Self {
            core,
            events,
            hosts: HashMap::new(),
            accounts: HashMap::new(),
            media: HashMap::new(),
            security: HashMap::new(),
            reached: None,
        }
    }

    fn snapshot(&self) -> Arc<Snapshot> {
        self.core.directory.snapshot()
    }

    /// The contact of a phone that the machine means, if it is still there.
    pub(super) fn binding(&self, device: DeviceId, meant: b2bua::world::Binding) -> Option<Binding> {
        let live = self.core.bindings.live(device, self.core.clock.monotonic());
        live.into_iter().find(|binding| number(binding) == meant)
    }

    /// The media of a leg, whose ports are taken now if they were not before, of the share of an account; `None` without
    /// a relay.
    fn leg(&mut self, id: LegId, account: Option<AccountId>) -> Option<Result<MediaLeg, MediaError>> {
        let relay = self.core.relay.as_ref()?;
        if let Some(leg) = self.media.get(&id) {
            return Some(Ok(leg.clone()));
        }
        let opened = match account {
            Some(account) => relay.open_for(self.share(relay, account)),
            None => relay.open(),
        };
        if let Ok(leg) = &opened {
            let events = self.events.clone();
            leg.on_key(move |key| {
                // The driver ends with the switch only.
                let _ = events.send(Event::Media { leg: id, event: b2bua::LegInput::Key(key) });
            });
            let events = self.events.clone();
            leg.on_secured(move |suite| {
                // The driver ends with the switch only.
                let _ = events.send(Event::Secured { leg: id, suite });
            });
            if let Some(security) = self.security.get(&id) {
                leg.protect(security.clone());
            }
            self.media.insert(id, leg.clone());
        }
        Some(opened)
    }

    /// Whose share of the ports a leg's media take, and those of whoever is sent its description: that of the account
    /// that the call comes from.
    fn payer(&self, leg: LegId) -> Option<AccountId> {
        let paid = self.media.get(&leg).and_then(MediaLeg::account);
        paid.or_else(|| self.accounts.get(&leg).copied())
    }

    /// How many of the relay's ports calls of an account may have: three quarters, unless the operator says so.
    fn share(&self, relay: &MediaRelay, account: AccountId) -> Share {
        let most = match self.core.config.ports_of_account {
            // A pair of them at a time.
            Some(ports) => usize::from(ports / 2),
            None => (relay.legs() * 3).div_ceil(4).next_multiple_of(2),
        };
        Share { account, most }
    }

    /// Protects the media of a leg as its party and the switch have agreed.
    pub(super) fn protect(&mut self, id: LegId, security: Vec<Option<Security>>) {
        let is_plain = security.iter().all(Option::is_none);
        if is_plain && !self.security.contains_key(&id) {
            return;
        }
        if let Some(media) = self.media.get(&id) {
            media.protect(security.clone());
        }
        self.security.insert(id, security);
    }

    /// Whether streams are made such of another codec at all: where media go past the switch, and where it is told not to,
    /// descriptions are as their parties have written them.
    pub(super) fn transcodes(&self) -> bool {
        self.core.relay.as_ref().is_some_and(|relay| relay.transcodes())
    }

    /// Whether a stream may be made one of another codec now.
    pub(super) fn can_transcode(&self) -> bool {
        self.core.relay.as_ref().is_some_and(|relay| relay.can_transcode())
    }

    /// The same where it must be.
    pub(super) fn have_room_to_transcode(&self) -> Result<(), Unmet> {
        match &self.core.relay {
            Some(relay) if !relay.can_transcode() => {
                relay.refuse_transcoding();
                Err(Unmet::NoTranscoder)
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Notes what a leg's party is told that it may send, where that is not what the other one has said.
    pub(super) fn retell(&self, leg: LegId, sdp: &str) {
        if let Some(Err(error)) = self.media.get(&leg).map(|media| media.retell(sdp.as_bytes())) {
            tracing::warn!(%leg, error = &error as &dyn std::error::Error, "a description of ours is not read");
        }
    }

    /// Says that a limit has bitten: whatever brings a call to be routed, it comes by here.
    fn tell_refused(&self, notices: &LimitNotices, (from, via): (Owner, Via), why: routing::Refused) {
        let device = match via {
            Via::Device(device) => device,
            Via::Trunk(_) => None,
        };
        let device_id = device.map(|device| device.0);
        tracing::info!(
            account = from.account.0,
            device = device_id,
            limit = why.name(),
            "a call is not let through"
        );
        self.core.refused.not_let_through(why.name());
        let payer = device.map_or(Payer::Account(from.account), Payer::Device);
        notices.tell(LimitNotice { account: from.account, payer, outcome: Outcome::Refused(why) });
    }

    /// Says that there was no room for a call.
    pub(super) fn tell_full(&self, of: Limited, bound: Bound) {
        let (directory, limit) = (self.snapshot(), bound.name());
        let found = match of {
            Limited::Account(id) => Some((id, Payer::Account(id), None)),
            Limited::Device(id) => directory.device(id).map(|of| (of.account, Payer::Device(id), None)),
            Limited::Trunk(id) => {
                directory.trunk(id).map(|of| (of.account, Payer::Account(of.account), Some(id)))
            }
        };
        let Some((account, payer, trunk)) = found else { return };
        tracing::info!(account = account.0, held = ?of, limit, "there is no room for a call");
        self.core.refused.not_let_through(limit);
        directory.notices().tell(LimitNotice { account, payer, outcome: Outcome::Full { limit, trunk } });
    }

    fn host(&self, leg: LegId) -> IpAddr {
        self.hosts.get(&leg).copied().unwrap_or(IpAddr::from([0, 0, 0, 0]))
    }

    /// Resolves a trunk's name, unless an address is given, and connects: apart from the driver, unless that is
    /// done before.
    pub(super) fn reach(&self, call: CallId, id: TrunkId, address: Option<SocketAddr>) {
        let directory = self.snapshot();
        let events = self.events.clone();
        let reached = move |flow, others| {
            // The driver ends with the switch only.
            let _ = events.send(Event::Reached { call, flow, others });
        };
        let Some(trunk) = directory.trunk(id) else { return reached(None, Vec::new()) };
        let (host, place, transport) = (trunk.host.clone(), Place::of(trunk), trunk.transport);
        let known = match address {
            Some(address) => Some(vec![address]),
            None => self.core.names.known(&place).map(|known| known.to_vec()),
        };
        if let Some([first, others @ ..]) = known.as_deref()
            && let Some(flow) = self.core.network.flow_to(transport, *first, &host)
        {
            return reached(Some(flow), others.to_vec());
        }
        let core = self.core.clone();
        launch(&self.core.stack.tasks.clone(), async move {
            let found = match known {
                Some(known) => Some(known),
                None => core.names.find(&place).await.map(|found| found.to_vec()),
            };
            let addresses = found.unwrap_or_default();
            let flow = match addresses.first() {
                Some(at) => core.network.reach(transport, *at, &host).await.ok(),
                None => None,
            };
            reached(flow, addresses.into_iter().skip(1).collect());
        });
    }
}

impl Engine {
    pub(super) fn on_reached(&mut self, call: CallId, flow: Option<Flow>, others: Vec<SocketAddr>) {
        let addresses = flow.iter().map(|flow| flow.peer).chain(others).collect();
        let addresses = if flow.is_some() { addresses } else { Vec::new() };
        self.world.reached = flow;
        self.handle(b2bua::Input::Reached { call, addresses });
        self.world.reached = None;
    }
}

impl World for SipWorld {
    fn route(
        &self,
        from: Owner,
        via: Via,
        dialed: &Number,
        at: Timestamp,
    ) -> Result<Destination, Unroutable> {
        let directory = self.snapshot();
        let found = directory.route(from, back(via), dialed, at);
        if let Err(routing::Unroutable::Refused(why)) = found {
            self.tell_refused(directory.notices(), (from, via), why);
        }
        found.map(destination).map_err(unroutable)
    }

    fn destination(&self, owner: Owner, target: &Target, at: Timestamp) -> Result<Destination, Unroutable> {
        let directory = self.snapshot();
        let phones = |extension, devices| Destination::Phones { owner, extension, devices, screen_pop: None };
        match target {
            Target::Device(id) => {
                let device = directory.device(*id).filter(|device| device.account == owner.account);
                let device = device.ok_or(Unroutable::Unknown)?;
                Ok(phones(extension_of(&directory, device), vec![*id]))
            }
            Target::Extension(number) => {
                let extension = directory.extension(owner.account, number).ok_or(Unroutable::Unknown)?;
                Ok(phones(number.clone(), extension.devices.clone()))
            }
            Target::Number(number) | Target::FeatureCode(number) => {
                self.route(owner, Via::Device(None), number, at)
            }
        }
    }

    fn routed(&self, parties: Routed<'_>) -> CallRouted {
        let owners = (parties.origination, parties.termination);
        self.snapshot().routed(
            owners,
            parties.at,
            parties.caller,
            parties.called,
            parties.screen_pop.cloned(),
        )
    }

    fn account(&self, id: AccountId) -> Option<Owner> {
        self.snapshot().account(id).map(|account| account.owner())
    }

    fn phone(&self, id: DeviceId) -> Option<Phone> {
        let directory = self.snapshot();
        let device = directory.device(id)?;
        let identity = Identity::of_device(&directory, device);
        let number = identity.inside.unwrap_or_else(|| Number::from(&*device.sip_user));
        Some(Phone {
            endpoint: device_endpoint(&directory, device),
            owner: directory.account(device.account)?.owner(),
            caller_id: identity.outside.unwrap_or_else(|| number.clone()),
            number,
            name: identity.name,
        })
    }

    fn contacts(&self, device: DeviceId) -> Vec<Contact> {
        let live = self.core.bindings.live(device, self.core.clock.monotonic());
        live.iter()
            .map(|binding| Contact { binding: number(binding), preference: binding.preference })
            .collect()
    }

    fn ring(&self, device: DeviceId, call: RungFor<'_>) -> Option<Ring> {
        let RungFor { origin, caller, dialed, extension } = call;
        let call = RingingCall { from: told::source(origin), caller, dialed, extension };
        let directory = self.snapshot();
        let rule = directory.ring(device, &call)?;
        Some(Ring { alert_info: rule.alert_info.clone(), call_info: rule.call_info.clone() })
    }

    fn extension_name(&self, account: AccountId, extension: &Number) -> Option<Arc<str>> {
        self.snapshot().extension(account, extension)?.name.clone()
    }

    fn limits(&self, of: Limited) -> Limits {
        let directory = self.snapshot();
        let limits = match of {
            Limited::Account(id) => directory.account(id).map(|account| account.limits),
            Limited::Device(id) => directory.device(id).map(|device| device.limits),
            Limited::Trunk(id) => directory.trunk(id).map(|trunk| trunk.limits),
        };
        limits.map_or_else(Limits::default, told)
    }

    fn is_fit(&self, trunk: TrunkId) -> bool {
        self.core.trunks.is_fit(trunk, self.core.clock.monotonic())
    }

    fn leg_id(&mut self, at: Timestamp) -> LegId {
        leg_id(at)
    }

    fn chance(&mut self, bound: u32) -> u32 {
        rand::random_range(0..bound.max(1))
    }

    fn describe(&mut self, leg: LegId, sdp: &Sdp) -> Result<(), Unpassable> {
        let (host, payer) = (self.host(leg), self.payer(leg));
        match self.leg(leg, payer) {
            Some(media) => {
                media.and_then(|media| media.describe(sdp.as_str().as_bytes(), host)).map_err(unpassable)
            }
            None => Ok(()),
        }
    }

    fn pass(&mut self, from: LegId, to: LegId, sdp: &Sdp) -> Result<Sdp, Unpassable> {
        let (host, payer) = (self.host(from), self.payer(from));
        let legs = (self.leg(from, payer), self.leg(to, payer));
        let (Some(from), Some(to)) = legs else { return Ok(sdp.clone()) };
        let passed =
            from.and_then(|from| from.pass(&to?, sdp.as_str().as_bytes(), host)).map_err(unpassable)?;
        std::str::from_utf8(&passed).map(Sdp::new).map_err(|_| Unpassable::Description)
    }

    fn silent_for(&self, leg: LegId) -> Option<Duration> {
        self.media.get(&leg)?.silent_for()
    }

    fn quality(&self, leg: LegId) -> Option<LegQuality> {
        self.media.get(&leg)?.quality()
    }

    fn find(&self, sound: &Sound) -> Result<(), &'static str> {
        let sounds = self.core.sounds.as_ref().ok_or("there is no such sound")?;
        sounds.find(sound).map(drop).map_err(|error| unplayable(&error))
    }
}
