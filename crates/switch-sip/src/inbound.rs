//! A new INVITE: whether it is sound, who sends it, and whether there is room for it.

use std::sync::Arc;

use call::{
    Number,
    party::{Endpoint, Owner},
};
use directory::{
    Snapshot,
    model::{Device, Trunk},
    routing::Via,
};
use rsipstack::sip::{Header, Request, StatusCode, headers::Accept};
use sip::identity::Side;

use crate::{
    core::{Core, device_endpoint, trunk_endpoint},
    dialog::NextHop,
    digest::{Login, Proof, Realm},
    driver,
    identity::Identity,
    message::{
        build,
        fields::{self, SDP},
        session_timer, uri,
    },
    refusal::Refusal,
    stack::Incoming,
    transport::Flow,
};

/// Who a new call comes from.
pub(crate) struct Caller {
    pub(crate) owner: Owner,
    pub(crate) endpoint: Endpoint,
    pub(crate) via: Via,
    pub(crate) next_hop: NextHop,
    pub(crate) identity: Identity,
    /// How the call has come here, as a trunk says (RFC 7044).
    pub(crate) history: Option<Arc<str>>,
    /// What it has dialed.
    pub(crate) dialed: Number,
    /// What it is shown when it asks who we are.
    pub(crate) login: Option<Arc<Login>>,
}

/// Takes a new INVITE.
pub(crate) fn handle(core: &Arc<Core>, incoming: Incoming, flow: Flow) {
    match admit(core, &incoming.request, &flow) {
        Ok(caller) => {
            let flow = flow.with_access(caller.login.clone(), &Arc::default());
            core.driver.post(driver::Event::Invite(Box::new((incoming, caller, flow))));
        }
        Err(refusal) => refusal.send(core, incoming),
    }
}

fn admit(core: &Core, invite: &Request, flow: &Flow) -> Result<Caller, Refusal> {
    check(core, invite)?;
    let directory = core.directory.snapshot();
    match trunk_of(core, &directory, invite, flow) {
        Some(trunk) => of_trunk(core, &directory, trunk, invite).ok_or(StatusCode::Forbidden.into()),
        None => authenticated(core, invite, flow, &directory),
    }
}

/// The trunk that a request comes from: it is known by its address, or because we are registered there.
pub(crate) fn trunk_of<'d>(
    core: &Core,
    directory: &'d Snapshot,
    request: &Request,
    flow: &Flow,
) -> Option<&'d Trunk> {
    let trunk = directory.trunk_by_source(flow.peer.ip(), flow.peer.port(), flow.transport);
    let registered = || {
        let now = core.clock.monotonic();
        let trunk = directory.trunk(core.trunks.of_registration(request, flow.peer, now)?)?;
        trunk.accepts(flow.transport).then_some(trunk)
    };
    trunk.or_else(registered)
}

/// What a peer is told while there is no room.
pub(crate) fn unavailable(core: &Core) -> Refusal {
    Refusal::with(StatusCode::ServiceUnavailable, build::retry_after(core.config.retry_after))
}

/// Whether the request can begin a dialog, and may pass (RFC 3261 sections 8.2 and 16.3).
fn check(core: &Core, invite: &Request) -> Result<(), Refusal> {
    if fields::contact(invite).is_none() {
        return Err(StatusCode::BadRequest.into());
    }
    if !fields::has_known_body(invite) {
        return Err(Refusal::with(StatusCode::UnsupportedMediaType, Header::Accept(Accept::new(SDP))));
    }
    if session_timer::is_too_short(invite, &core.config.sessions) {
        let shortest = session_timer::shortest_header(core.config.sessions.shortest);
        return Err(Refusal::with(StatusCode::SessionIntervalTooSmall, shortest));
    }
    if fields::max_forwards(invite) == 0 {
        return Err(StatusCode::TooManyHops.into());
    }
    if core.dialogs.is_our_own(invite) {
        return Err(StatusCode::LoopDetected.into());
    }
    Ok(())
}

fn of_trunk(core: &Core, directory: &Snapshot, trunk: &Trunk, invite: &Request) -> Option<Caller> {
    Some(Caller {
        owner: directory.account(trunk.account)?.owner(),
        endpoint: trunk_endpoint(trunk),
        via: Via::Trunk(trunk.id),
        next_hop: NextHop::RouteSet,
        identity: Identity::of_trunk(trunk, invite, Side::Calling).hidden_by(invite),
        history: fields::history(invite),
        dialed: dialed_by(trunk, invite),
        login: core.trunks.login(trunk),
    })
}

fn authenticated(
    core: &Core,
    invite: &Request,
    flow: &Flow,
    directory: &Snapshot,
) -> Result<Caller, Refusal> {
    let device = device_of(core, invite, flow, directory)?;
    of_device(directory, device, invite).ok_or(StatusCode::Forbidden.into())
}

/// The device that a request other than REGISTER proves that it comes from; else a challenge.
pub(crate) fn device_of<'d>(
    core: &Core,
    request: &Request,
    flow: &Flow,
    directory: &'d Snapshot,
) -> Result<&'d Device, Refusal> {
    let (now, source) = (core.clock.monotonic(), flow.peer.ip());
    match core.authenticator.check(request, Realm::Proxy, directory, flow, now) {
        Proof::Nothing { stale } => Err(Refusal {
            status: StatusCode::ProxyAuthenticationRequired,
            headers: core.authenticator.challenges(Realm::Proxy, directory.realm(), source, now, stale),
        }),
        Proof::Device(device) => Ok(device),
    }
}

/// A trunk that we are registered at sends calls to our user there, and says in To whom they are for.
fn dialed_by(trunk: &Trunk, invite: &Request) -> Number {
    let target = uri::requested_user(&invite.uri);
    let to = || fields::to(invite).and_then(|to| uri::parse(to.uri)).map(|to| uri::user(&to));
    match &trunk.auth {
        Some(auth) if *auth.user == *target => to().unwrap_or(target).into(),
        _ => target.into(),
    }
}

fn of_device(directory: &Snapshot, device: &Device, invite: &Request) -> Option<Caller> {
    Some(Caller {
        owner: directory.account(device.account)?.owner(),
        endpoint: device_endpoint(directory, device),
        via: Via::Device(Some(device.id)),
        next_hop: NextHop::SameFlow,
        identity: Identity::of_device(directory, device).hidden_by(invite),
        history: None,
        dialed: uri::requested_user(&invite.uri).into(),
        login: None,
    })
}
