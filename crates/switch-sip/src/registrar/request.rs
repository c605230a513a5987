//! A REGISTER: who may, which contacts, for how long (RFC 3261 section 10.3).

use std::{sync::Arc, time::Duration};

use call::{Timestamp, notice::RegistrationChange};
use directory::model::Device;
use rsipstack::sip::{
    Header, Request, StatusCode, Uri,
    headers::{Contact, Expires, MinExpires},
};

use super::{Binding, bindings, bindings::Outbound, notices};
use crate::{
    config::RegistrationLimits,
    core::Core,
    digest::{Proof, Realm},
    message::{
        NameAddr, build,
        extension::{self, OUTBOUND},
        fields::{self, first},
        name_addr::split_list,
        uri,
    },
    stack::Incoming,
    transport::Flow,
};

/// Answers a REGISTER.
pub(crate) fn handle(core: &Core, incoming: Incoming, flow: Flow) {
    let reply = decide(core, &incoming.request, flow);
    let tag = crate::random::LocalTag::new().to_string();
    let mut response = build::response(&incoming.request, reply.status, &tag);
    response.headers.extend(reply.headers);
    core.stack.answer(&incoming, &response);
}

struct Reply {
    status: StatusCode,
    headers: Vec<Header>,
}

impl From<StatusCode> for Reply {
    fn from(status: StatusCode) -> Self {
        Self { status, headers: Vec::new() }
    }
}

fn decide(core: &Core, request: &Request, flow: Flow) -> Reply {
    let directory = core.directory.snapshot();
    let Some(to) = fields::to(request) else { return StatusCode::BadRequest.into() };
    // Of a scheme that no device has, it names nobody.
    let user = uri::parse(to.uri).map(|to| uri::user(&to)).unwrap_or_default();
    let (now, source) = (core.clock.monotonic(), flow.peer.ip());
    note_request(core, request, directory.device_by_sip_user(&user), &flow);
    match core.authenticator.check(request, Realm::Registrar, &directory, &flow, now) {
        Proof::Nothing { stale } => Reply {
            status: StatusCode::Unauthorized,
            headers: core.authenticator.challenges(Realm::Registrar, directory.realm(), source, now, stale),
        },
        Proof::Device(device) => {
            let reply = match Wish::read(request, &core.config.registration) {
                _ if *device.sip_user != *user => StatusCode::Forbidden.into(),
                Ok(wish) => register(core, device, request, wish, flow),
                Err(reply) => reply,
            };
            notices::tell_refused(core, device, &reply.status);
            reply
        }
    }
}

fn note_request(core: &Core, request: &Request, device: Option<&Device>, flow: &Flow) {
    if let (Some(device), Some(contact)) = (device, fields::contact(request)) {
        core.bindings.note_request(device.id, flow.peer.ip(), contact.uri, core.clock.now());
    }
}

/// What a REGISTER asks for.
enum Wish {
    /// To be told the contacts.
    Nothing,
    /// To drop all contacts.
    DropAll,
    /// These contacts.
    Contacts(Vec<Wanted>),
}

/// A contact that a REGISTER asks for.
struct Wanted {
    uri: Arc<str>,
    target: Uri,
    outbound: Option<Outbound>,
    /// How much it is liked, in thousandths.
    preference: u16,
    /// For how long; zero drops it.
    length: Duration,
}

impl Wish {
    fn read(request: &Request, limits: &RegistrationLimits) -> Result<Self, Reply> {
        let values: Vec<_> = request
            .headers
            .iter()
            .filter_map(|header| match header {
                Header::Contact(contact) => Some(contact.value()),
                _ => None,
            })
            .flat_map(split_list)
            .collect();
        let expires = first!(request, Expires);
        if values.contains(&"*") {
            let is_drop = values.len() == 1 && expires.is_some_and(|expires| expires.trim() == "0");
            return if is_drop { Ok(Self::DropAll) } else { Err(StatusCode::BadRequest.into()) };
        }
        let contacts: Result<Vec<_>, _> =
            values.into_iter().map(|value| Self::contact(value, expires, limits)).collect();
        contacts.map(|contacts| if contacts.is_empty() { Self::Nothing } else { Self::Contacts(contacts) })
    }

    fn contact(value: &str, expires: Option<&str>, limits: &RegistrationLimits) -> Result<Wanted, Reply> {
        let contact = NameAddr::parse(value).ok_or(StatusCode::BadRequest)?;
        let target = callable(contact.uri)?;
        let asked = contact.param("expires").or(expires).and_then(|seconds| seconds.trim().parse().ok());
        let asked = asked.map_or(limits.default, |seconds: u32| Duration::from_secs(seconds.into()));
        if !asked.is_zero() && asked < limits.shortest {
            let shortest = MinExpires::new(limits.shortest.as_secs().to_string());
            let headers = vec![Header::MinExpires(shortest)];
            return Err(Reply { status: StatusCode::IntervalTooBrief, headers });
        }
        let preference = contact.param("q").and_then(preference).unwrap_or(1_000);
        let outbound = outbound(&contact);
        let length = asked.min(limits.longest);
        Ok(Wanted { uri: contact.uri.into(), target, outbound, preference, length })
    }
}

/// What a contact stays the same by; an id of a flow counts from 1 on.
fn outbound(contact: &NameAddr<'_>) -> Option<Outbound> {
    let instance = contact.param("+sip.instance")?.trim_matches(['"', '<', '>']);
    let reg_id = contact.param("reg-id")?.trim().parse().ok().filter(|id| *id > 0)?;
    (!instance.is_empty()).then(|| Outbound { instance: instance.into(), reg_id })
}

/// A Contact's URI, if a call can be sent there as it is: a telephone number would have to be looked up first.
fn callable(text: &str) -> Result<Uri, Reply> {
    let is_sip = matches!(sip::Uri::parse(text.trim()), Some(sip::Uri::Sip(_)));
    uri::parse(text).filter(|_| is_sip).ok_or_else(|| Reply {
        status: StatusCode::BadRequest,
        headers: vec![build::warning("each Contact must be a sip: or sips: URI")],
    })
}

/// A `q` value in thousandths.
fn preference(q: &str) -> Option<u16> {
    let q: f32 = q.parse().ok().filter(|q| (0.0..=1.0).contains(q))?;
    // At most 1000.
    Some((q * 1_000.0).round() as u16)
}

fn register(core: &Core, device: &Device, request: &Request, wish: Wish, flow: Flow) -> Reply {
    let (at, now) = (core.clock.now(), core.clock.monotonic());
    let order =
        Order { call_id: fields::call_id(request), cseq: fields::cseq(request).map_or(0, |(n, _)| n) };
    let limit = core.config.registration.contacts;
    let path: Arc<[String]> = fields::path(request).into();
    let takes_outbound = extension::is_supported(request, OUTBOUND);
    let (mut before, mut lapsed) = (Vec::new(), 0);
    let changed = core.bindings.change(device.id, now, |bindings| {
        (before, lapsed) = (notices::places(bindings, now), bindings::lapse(bindings, now));
        match wish {
            Wish::Nothing => Ok(()),
            Wish::DropAll => order.drop_all(bindings, (at, now)),
            Wish::Contacts(contacts) => contacts.into_iter().try_for_each(|contact| {
                let new = Binding {
                    account: device.account,
                    flow: if path.is_empty() { way_to(&flow, &contact.target) } else { flow.clone() },
                    contact: contact.uri,
                    target: contact.target,
                    outbound: contact.outbound.filter(|_| takes_outbound),
                    path: path.clone(),
                    preference: contact.preference,
                    user_agent: fields::user_agent(request),
                    call_id: order.call_id.into(),
                    cseq: order.cseq,
                    requested_at: at,
                    registered_at: at,
                    expires_at: at + contact.length,
                    lapses: now + contact.length,
                    is_over: contact.length.is_zero(),
                };
                order.put(bindings, new, now, limit)
            }),
        }
    });
    match changed {
        Ok(bindings) => {
            let lapsed = std::iter::repeat_n(RegistrationChange::Lapsed, lapsed);
            let changes =
                lapsed.chain(notices::changes(&before, &bindings, (order.call_id, order.cseq), now));
            notices::tell(core, (device.id, device.account), changes, at);
            core.notifier.registered(&core.directory.snapshot(), device.id);
            told(&bindings, &path, at, now)
        }
        Err(status) => status.into(),
    }
}

/// The way to a contact: back where the REGISTER came from, through whatever NAT is there. A contact on the
/// very host that it came from has no NAT before it and means its own port.
fn way_to(flow: &Flow, contact: &Uri) -> Flow {
    match uri::address(contact) {
        Some(address) if address.ip() == flow.peer.ip() => flow.toward(address),
        _ => flow.clone(),
    }
}

/// The place of a REGISTER among those before it: with the same Call-ID, CSeq must grow (RFC 3261 section
/// 10.3 step 7).
struct Order<'a> {
    call_id: &'a str,
    cseq: u32,
}

impl Order<'_> {
    fn is_late(&self, binding: &Binding) -> bool {
        *binding.call_id == *self.call_id && self.cseq <= binding.cseq
    }

    fn drop_all(&self, bindings: &mut [Binding], (at, now): (Timestamp, Duration)) -> Result<(), StatusCode> {
        if bindings.iter().any(|binding| self.is_late(binding)) {
            return Err(StatusCode::ServerInternalError);
        }
        for binding in bindings.iter_mut().filter(|binding| binding.is_live(now)) {
            (binding.lapses, binding.expires_at, binding.is_over) = (now, at, true);
        }
        Ok(())
    }

    fn put(
        &self,
        bindings: &mut Vec<Binding>,
        new: Binding,
        now: Duration,
        limit: usize,
    ) -> Result<(), StatusCode> {
        let known = bindings.iter().position(|binding| binding.is_same(&new));
        if known.is_some_and(|at| self.is_late(&bindings[at])) {
            return Err(StatusCode::ServerInternalError);
        }
        match known {
            Some(at) => bindings[at] = new,
            None if new.lapses <= now => {}
            None if bindings.iter().filter(|binding| binding.is_live(now)).count() >= limit => {
                return Err(StatusCode::Forbidden);
            }
            None => bindings.push(new),
        }
        Ok(())
    }
}

/// The contacts that are left, with what is left of their time.
fn told(bindings: &[Binding], path: &[String], at: Timestamp, now: Duration) -> Reply {
    let live = bindings.iter().filter(|binding| binding.is_live(now));
    let mut headers: Vec<_> = live
        .map(|binding| {
            let left = binding.expires_at.since(at).as_secs_f64().round();
            let liked = match binding.preference {
                1_000 => String::new(),
                preference => format!(";q={}", f32::from(preference) / 1_000.0),
            };
            let same = binding.outbound.as_ref().map_or_else(String::new, |Outbound { instance, reg_id }| {
                format!(";+sip.instance=\"<{instance}>\";reg-id={reg_id}")
            });
            Header::Contact(Contact::new(format!("<{}>{liked}{same};expires={left}", binding.contact)))
        })
        .collect();
    if headers.is_empty() {
        headers.push(Header::Expires(Expires::new("0")));
    }
    headers.extend(path.iter().map(|hop| fields::path_header(hop)));
    if bindings.iter().any(|binding| binding.is_live(now) && binding.outbound.is_some()) {
        headers.push(extension::required(OUTBOUND));
    }
    Reply { status: StatusCode::OK, headers }
}
