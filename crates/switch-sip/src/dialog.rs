//! One dialog: its identity, where its requests go, and its sequence numbers (RFC 3261 section 12).

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use call::{DeviceId, party::Transport};
use rsipstack::sip::{Header, Method, Request, Response, Uri, headers::Route};

use crate::{
    core::Core,
    message::{
        NameAddr,
        build::{Outline, request},
        extension,
        fields::{self, Body, MAX_FORWARDS},
        uri,
    },
    random::{LocalTag, branch},
    registrar::Binding,
    sdp,
    transport::Flow,
};

/// One dialog, early or confirmed.
#[derive(Clone)]
pub(crate) struct Dialog {
    pub(crate) call_id: Arc<str>,
    pub(crate) tag: LocalTag,
    /// Where its requests go.
    pub(crate) flow: Flow,
    /// Our side's From or To value, with tag.
    local: String,
    /// The peer's From or To value, with its tag once known.
    remote: String,
    remote_tag: Option<String>,
    target: Uri,
    routes: Vec<String>,
    next_hop: NextHop,
    /// Shared with the login of the flow, which repeats requests.
    local_cseq: Arc<AtomicU32>,
    /// Number and branch of our latest INVITE.
    invite: (u32, String),
    remote_cseq: Option<u32>,
    /// Whether the peer takes another identity of ours in the middle of a dialog (RFC 4916 section 4.4.1).
    takes_renaming: bool,
    /// The session description that the peer was sent last.
    description: Body,
    /// Where else the peer may be found, if it is a phone of ours.
    location: Option<Location>,
    /// Where its first INVITE came from or was sent to.
    pub(crate) begun_at: IpAddr,
}

/// Where a phone is reached when the connection that its dialog goes over is gone.
#[derive(Clone)]
pub(crate) struct Location {
    core: Arc<Core>,
    device: DeviceId,
    /// Whether the dialog goes where the phone has registered: if the phone then registers elsewhere, it has moved.
    is_registered: bool,
}

impl Location {
    /// That of a device whose dialog goes over `flow`.
    pub(crate) fn of(core: &Arc<Core>, device: DeviceId, flow: &Flow) -> Self {
        let is_registered = core.bindings.with_live(device, core.clock.monotonic(), |live| {
            live.iter().any(|binding| binding.flow.is_same(flow))
        });
        Self { core: core.clone(), device, is_registered }
    }

    /// The contact to turn to instead of `flow`, if the phone is no longer there: the latest that it registered.
    fn instead_of(&self, flow: &Flow) -> Option<Binding> {
        let may_have_moved = flow.transport != Transport::Udp && self.is_registered;
        if flow.is_open() && !may_have_moved {
            return None;
        }
        self.core.bindings.with_live(self.device, self.core.clock.monotonic(), |live| {
            let is_there = flow.is_open() && live.iter().any(|binding| binding.flow.is_same(flow));
            let latest = live.iter().filter(|_| !is_there).max_by_key(|binding| binding.registered_at);
            latest.copied().cloned()
        })
    }
}

/// Its option tag.
const FROM_CHANGE: &str = "from-change";

/// Where the requests inside a dialog go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NextHop {
    /// Where the peer's first message came from or was sent to: for phones, which sit behind NATs.
    SameFlow,
    /// To the first route, else to the Contact (RFC 3261 section 12.2.1.1).
    RouteSet,
}

/// What a dialog that we begin says.
pub(crate) struct Beginning {
    /// From value, without tag.
    pub(crate) from: String,
    /// To value.
    pub(crate) to: String,
    pub(crate) target: Uri,
    /// The way to the target (RFC 3327), until the peer says another.
    pub(crate) routes: Vec<String>,
    pub(crate) flow: Flow,
    pub(crate) next_hop: NextHop,
}

impl Dialog {
    /// The dialog that an INVITE from `flow` makes; `None` if it lacks what one needs.
    pub(crate) fn from_invite(invite: &Request, flow: Flow, next_hop: NextHop) -> Option<Self> {
        let (from, to) = (fields::first!(invite, From)?, fields::first!(invite, To)?);
        let (tag, local_cseq) = (LocalTag::new(), Arc::default());
        let login = flow.login();
        let flow = flow.with_access(login, &local_cseq);
        let mut dialog = Self {
            call_id: fields::call_id(invite).into(),
            tag,
            local: format!("{to};tag={tag}"),
            remote: from.to_owned(),
            remote_tag: fields::from(invite)?.param("tag").map(str::to_owned),
            target: uri::parse(fields::contact(invite)?.uri)?,
            routes: fields::record_route(invite),
            next_hop,
            local_cseq,
            invite: (0, String::new()),
            remote_cseq: fields::cseq(invite).map(|(number, _)| number),
            takes_renaming: extension::is_supported(invite, FROM_CHANGE),
            description: Body::default(),
            location: None,
            begun_at: flow.peer.ip(),
            flow,
        };
        dialog.turn_to_next_hop();
        Some(dialog)
    }

    /// A dialog that we begin.
    pub(crate) fn begin(beginning: Beginning) -> Self {
        let (tag, local_cseq) = (LocalTag::new(), Arc::default());
        let login = beginning.flow.login();
        Self {
            call_id: crate::random::call_id(),
            tag,
            local: format!("{};tag={tag}", beginning.from),
            remote: beginning.to,
            remote_tag: None,
            target: beginning.target,
            routes: beginning.routes,
            next_hop: beginning.next_hop,
            begun_at: beginning.flow.peer.ip(),
            flow: beginning.flow.with_access(login, &local_cseq),
            local_cseq,
            invite: (0, String::new()),
            remote_cseq: None,
            takes_renaming: false,
            description: Body::default(),
            location: None,
        }
    }

    /// Finds the peer again after it has connected anew.
    pub(crate) fn with_location(mut self, location: Option<Location>) -> Self {
        self.location = location;
        self
    }

    /// Turns to where the phone is now, if it is no longer where the dialog goes.
    fn catch_up(&mut self) {
        let moved = self.location.as_ref().and_then(|location| location.instead_of(&self.flow));
        if let Some(binding) = moved {
            (self.flow, self.target) = (binding.flow, binding.target);
        }
    }

    /// The next request of ours.
    pub(crate) fn request(&mut self, method: Method, max_forwards: u8, body: Body) -> Request {
        self.catch_up();
        let (cseq, branch) = (self.local_cseq.fetch_add(1, Ordering::Relaxed) + 1, branch());
        let body = self.describe(body);
        if method == Method::Invite {
            self.invite = (cseq, branch.clone());
        }
        self.numbered(method, cseq, &branch, max_forwards, body)
    }

    /// Our INVITE once more, with credentials, if the response to it asks for some that we have.
    pub(crate) fn invite_again(&mut self, invite: Request, response: &Response) -> Option<Request> {
        let branch = branch();
        let (cseq, again) = self.flow.access.as_ref()?.again(invite, response, &branch)?;
        self.invite = (cseq, branch);
        Some(again)
    }

    /// The next request of ours in the early dialog that a provisional response to our INVITE makes, and
    /// where it goes (RFC 3261 section 12.1.2).
    pub(crate) fn early_request(
        &mut self,
        response: &Response,
        method: Method,
        body: Body,
    ) -> (Flow, Request) {
        let mut early = self.clone();
        early.establish(response);
        let request = early.request(method, MAX_FORWARDS, body);
        self.description = early.description;
        (early.flow, request)
    }

    /// The ACK of the 2xx to our INVITE number `cseq` (RFC 3261 section 13.2.2.4).
    pub(crate) fn ack(&self, cseq: u32, body: Body) -> Request {
        self.numbered(Method::Ack, cseq, &branch(), MAX_FORWARDS, body)
    }

    fn numbered(&self, method: Method, cseq: u32, branch: &str, max_forwards: u8, body: Body) -> Request {
        let has_contact = matches!(method, Method::Invite | Method::Update | Method::Notify);
        let (target, routes) = self.way();
        let mut request = request(Outline {
            method,
            target,
            via: self.flow.via(),
            branch,
            from: self.local.clone(),
            to: self.remote.clone(),
            call_id: &self.call_id,
            cseq,
            max_forwards,
            contact: has_contact.then(|| self.flow.contact()),
        });
        for route in routes {
            request.headers.push(Header::Route(Route::new(route)));
        }
        crate::message::build::set_body(&mut request.headers, &mut request.body, body);
        if let Some(access) = &self.flow.access {
            access.authorize(&mut request);
        }
        request
    }

    /// Request-URI and Route of our requests. Where the first hop is a strict router, it is the Request-URI, and
    /// the peer the last route (RFC 3261 section 12.2.1.1).
    fn way(&self) -> (Uri, Vec<String>) {
        let strict = self.routes.first().and_then(|first| {
            let uri = NameAddr::parse(first)?.uri;
            (!is_loose(uri)).then(|| uri::parse(uri)).flatten()
        });
        match strict {
            None => (self.target.clone(), self.routes.clone()),
            Some(strict) => {
                let last = format!("<{}>", self.target);
                (strict, self.routes[1..].iter().cloned().chain([last]).collect())
            }
        }
    }

    /// Takes in a 2xx to our first INVITE: the peer's tag, target and route set.
    pub(crate) fn establish(&mut self, answer: &Response) {
        if let Some(to) = fields::first!(answer, To) {
            self.remote_tag = NameAddr::parse(to).and_then(|to| to.param("tag")).map(str::to_owned);
            to.clone_into(&mut self.remote);
        }
        self.routes = fields::record_route(answer);
        self.routes.reverse();
        self.retarget(fields::contact(answer));
        self.takes_renaming = extension::is_supported(answer, FROM_CHANGE);
    }

    /// Shows the peer another party on our side, `address` as a name-addr, if it takes that.
    pub(crate) fn rename(&mut self, address: &str) {
        if self.takes_renaming {
            self.local = format!("{address};tag={}", self.tag);
        }
    }

    /// The phone that it is with, if it is one.
    pub(crate) fn device(&self) -> Option<DeviceId> {
        self.location.as_ref().map(|location| location.device)
    }

    /// The body as the peer is sent it: each session description is a version of the one before, whoever's
    /// it is (RFC 3264 section 8).
    pub(crate) fn describe(&mut self, mut body: Body) -> Body {
        if body.is_sdp() {
            body.bytes = sdp::next_version(&self.description.bytes, body.bytes);
            self.description = body.clone();
        }
        body
    }

    /// Takes in the Contact of a target refresh (RFC 3261 section 12.2.1.2).
    pub(crate) fn retarget(&mut self, contact: Option<NameAddr<'_>>) {
        if let Some(target) = contact.and_then(|contact| uri::parse(contact.uri)) {
            self.target = target;
            self.turn_to_next_hop();
        }
    }

    /// Goes on where the peer's latest request came from: the NAT before a phone may have changed its mind, and
    /// a phone may have connected anew.
    pub(crate) fn follow(&mut self, flow: Flow) {
        if self.next_hop == NextHop::SameFlow && flow.peer != self.flow.peer {
            self.flow = match uri::address(&self.target) {
                // No NAT is in between: the phone means its own port.
                Some(address) if address.ip() == flow.peer.ip() => flow.toward(address),
                _ => flow,
            };
        }
    }

    /// Turns to the first route or the target, if that names a reachable address in digits.
    fn turn_to_next_hop(&mut self) {
        if self.next_hop == NextHop::SameFlow {
            return;
        }
        let route = self.routes.first().and_then(|route| uri::parse(NameAddr::parse(route)?.uri));
        let Some(address) = uri::address(route.as_ref().unwrap_or(&self.target)) else { return };
        if !is_hidden(address.ip()) || is_hidden(self.flow.peer.ip()) {
            self.flow = self.flow.toward(address);
        }
    }

    /// Whether a request of the peer is next in its order; notes its number (RFC 3261 section 12.2.2).
    pub(crate) fn accept(&mut self, cseq: u32) -> bool {
        let is_next = self.remote_cseq.is_none_or(|last| cseq > last);
        if is_next {
            self.remote_cseq = Some(cseq);
        }
        is_next
    }

    /// Whether a response comes from the dialog's peer, not from somebody else whom our INVITE has reached.
    pub(crate) fn is_answered_by(&self, response: &Response) -> bool {
        let tag = fields::to(response).and_then(|to| to.param("tag"));
        self.remote_tag.is_none() || self.remote_tag.as_deref() == tag
    }

    /// Whether a request comes from the dialog's peer.
    pub(crate) fn is_with(&self, request: &Request) -> bool {
        let tag = fields::from(request).and_then(|from| from.param("tag"));
        self.remote_tag.is_none() || self.remote_tag.as_deref() == tag
    }

    /// The CANCEL of our first INVITE, while that is unanswered (RFC 3261 section 9.1).
    pub(crate) fn cancel(&self) -> Request {
        let (cseq, branch) = &self.invite;
        self.numbered(Method::Cancel, *cseq, branch, MAX_FORWARDS, Body::default())
    }

    /// The tag of the peer, once it is known.
    pub(crate) fn remote_tag(&self) -> Option<&str> {
        self.remote_tag.as_deref()
    }

    /// Where its requests go, as the peer says it.
    pub(crate) fn target(&self) -> &Uri {
        &self.target
    }

    /// The number of our latest INVITE.
    pub(crate) fn invite_cseq(&self) -> u32 {
        self.invite.0
    }
}

/// Whether a route's URI says that the router passes requests on by their Route.
fn is_loose(uri: &str) -> bool {
    sip::Uri::parse(uri).is_some_and(|uri| uri.param("lr").is_some())
}

/// Whether an address means nothing outside its own network.
fn is_hidden(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_unspecified(),
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_loopback() || ip.is_unspecified(),
    }
}
