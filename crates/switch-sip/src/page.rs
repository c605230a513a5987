//! Texts from phone to phone of an account (MESSAGE, RFC 3428). None is kept: whoever cannot be reached now does
//! not get it.

use std::sync::Arc;

use directory::{Snapshot, model::Device};
use rsipstack::sip::{Method, Request, Response, StatusCode, StatusCodeKind};
use sip::param::quote;
use tokio::{sync::Semaphore, task::JoinSet};

use crate::{
    core::Core,
    dispatch::answer,
    identity::Identity,
    inbound,
    message::{
        build::{self, Outline, request},
        fields::{self, Body, first},
        uri,
    },
    random::{LocalTag, branch, call_id},
    refusal::Refusal,
    registrar::Binding,
    stack::Incoming,
    transport::Flow,
};

/// How many texts may be on their way at once.
const MOST: usize = 1_000;

/// The texts that are on their way.
pub(crate) struct Pages {
    room: Arc<Semaphore>,
}

impl Default for Pages {
    fn default() -> Self {
        Self { room: Arc::new(Semaphore::new(MOST)) }
    }
}

impl Pages {
    /// How many texts are on their way.
    pub(crate) fn count(&self) -> usize {
        MOST - self.room.available_permits()
    }
}

/// A text, and the contacts that it is for.
struct Page {
    from: String,
    number: String,
    contacts: Vec<Binding>,
    hops: u8,
    kind: Option<String>,
    text: Vec<u8>,
}

/// Takes a MESSAGE from outside any dialog.
pub(crate) fn handle(core: &Arc<Core>, incoming: Incoming, flow: Flow) {
    let page = match read(core, &incoming.request, &flow) {
        Ok(page) => page,
        Err(refusal) => return refusal.send(core, incoming),
    };
    let Ok(room) = core.pages.room.clone().try_acquire_owned() else {
        return inbound::unavailable(core).send(core, incoming);
    };
    let core = core.clone();
    core.stack.tasks.clone().spawn(async move {
        let status = deliver(&core, page).await;
        answer(&core, incoming, status, |_| {});
        drop(room);
    });
}

/// Who sends the text, and to whom.
fn read(core: &Core, request: &Request, flow: &Flow) -> Result<Page, Refusal> {
    if fields::max_forwards(request) == 0 {
        return Err(StatusCode::TooManyHops.into());
    }
    let directory = core.directory.snapshot();
    let device = inbound::device_of(core, request, flow, &directory)?;
    let number = uri::requested_user(&request.uri);
    let extension = directory.extension(device.account, &number.as_str().into());
    let devices = &extension.ok_or(StatusCode::NotFound)?.devices;
    let now = core.clock.monotonic();
    let contacts: Vec<_> = devices.iter().flat_map(|device| core.bindings.live(*device, now)).collect();
    if contacts.is_empty() {
        return Err(StatusCode::TemporarilyUnavailable.into());
    }
    Ok(Page {
        from: sender(&directory, device, flow),
        number,
        contacts,
        hops: fields::max_forwards(request) - 1,
        kind: first!(request, ContentType).map(str::to_owned),
        text: request.body.clone(),
    })
}

/// From, whatever the phone says that it is.
fn sender(directory: &Snapshot, device: &Device, flow: &Flow) -> String {
    let identity = Identity::of_device(directory, device);
    let number = identity.inside.as_ref().map(|number| number.as_str()).unwrap_or_default();
    let address = uri::sip(number, flow.host());
    match &identity.name {
        Some(name) => format!("{} <{address}>", quote(name)),
        None => format!("<{address}>"),
    }
}

/// Sends a text to every contact; what the first one says that takes it, else what the last one says.
async fn deliver(core: &Arc<Core>, page: Page) -> StatusCode {
    let mut exchanges = JoinSet::new();
    for contact in &page.contacts {
        exchanges.spawn(core.stack.clone().exchange(contact.flow.clone(), page.to(contact)));
    }
    let mut status = StatusCode::TemporarilyUnavailable;
    while let Some(answered) = exchanges.join_next().await {
        let Some(response) = answered.ok().flatten() else { continue };
        status = passed_on(&response);
        if status.kind() == StatusCodeKind::Successful {
            break;
        }
    }
    // Contacts that have not answered yet get the text all the same.
    exchanges.detach_all();
    status
}

/// What the sender is told of what a contact says.
fn passed_on(response: &Response) -> StatusCode {
    match response.status_code.code() {
        // It asks us, not the sender.
        401 | 407 => StatusCode::Forbidden,
        408 => StatusCode::TemporarilyUnavailable,
        _ => response.status_code.clone(),
    }
}

impl Page {
    fn to(&self, contact: &Binding) -> Request {
        let flow = &contact.flow;
        let mut request = request(Outline {
            method: Method::Message,
            target: contact.target.clone(),
            via: flow.via(),
            branch: &branch(),
            from: format!("{};tag={}", self.from, LocalTag::new()),
            to: format!("<{}>", uri::sip(&self.number, flow.host())),
            call_id: &call_id(),
            cseq: 1,
            max_forwards: self.hops,
            contact: None,
        });
        let body = Body { kind: self.kind.as_deref().map(Arc::from), bytes: self.text.clone() };
        build::set_body(&mut request.headers, &mut request.body, body);
        request
    }
}
