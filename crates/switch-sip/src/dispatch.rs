//! Where each request goes.

use std::sync::Arc;

use rsipstack::sip::{Header, Method, Request, Response, StatusCode, headers::Accept};

use crate::{
    core::Core,
    inbound,
    message::{
        build,
        fields::{self, SDP},
        uri,
    },
    notifier, page,
    random::LocalTag,
    refusal, registrar,
    stack::Incoming,
    transport::Flow,
};

/// Takes a request that begins a transaction.
pub(crate) fn take(core: &Arc<Core>, incoming: Incoming) {
    let flow = incoming.flow.clone();
    let has_dialog = fields::to(&*incoming.request).is_some_and(|to| to.param("tag").is_some());
    if let Err(refusal) = refusal::check(&incoming.request) {
        return refusal.send(core, incoming);
    }
    match incoming.request.method {
        // A To tag means nothing in a REGISTER.
        Method::Register => registrar::handle(core, incoming, flow),
        Method::Subscribe => notifier::handle(core, incoming, flow),
        _ if has_dialog => within_dialog(core, incoming, &flow),
        Method::Invite => inbound::handle(core, incoming, flow),
        Method::Options => {
            probed(core, &incoming.request, &flow);
            match core.room() {
                Ok(()) => answer(core, incoming, StatusCode::OK, describe),
                Err(_) => answer(core, incoming, StatusCode::ServiceUnavailable, |response| {
                    response.headers.push(build::retry_after(core.config.retry_after));
                }),
            }
        }
        Method::Message => page::handle(core, incoming, flow),
        Method::Bye | Method::Update | Method::Info | Method::PRack | Method::Notify => {
            answer(core, incoming, StatusCode::CallTransactionDoesNotExist, |_| {});
        }
        Method::Refer | Method::Publish | Method::Ack | Method::Cancel => {
            let allowed = build::allow_without(incoming.request.method);
            answer(core, incoming, StatusCode::MethodNotAllowed, |response| {
                response.headers.push(allowed);
            });
        }
    }
}

/// Somebody asks what we are: trunks, phones and monitors do so all the time. A stranger who asks for one user or
/// another looks for some.
fn probed(core: &Core, request: &Request, flow: &Flow) {
    if uri::requested_user(&request.uri).is_empty() {
        return;
    }
    let directory = core.directory.snapshot();
    if inbound::trunk_of(core, &directory, request, flow).is_none() {
        core.authenticator.asked(request, &directory, flow.peer.ip(), core.clock.monotonic());
    }
}

fn within_dialog(core: &Core, incoming: Incoming, flow: &Flow) {
    match core.dialogs.of_request(&incoming.request) {
        Some(entry) => match entry.check_peer(core, &incoming.request, flow) {
            Ok(()) => core.driver.ask(entry.leg, incoming),
            Err(refusal) => refusal.send(core, incoming),
        },
        None => answer(core, incoming, StatusCode::CallTransactionDoesNotExist, |_| {}),
    }
}

/// What an OPTIONS is told (RFC 3261 section 11.2).
pub(crate) fn describe(response: &mut Response) {
    response.headers.push(build::allow());
    response.headers.push(notifier::allow_events());
    response.headers.push(Header::Accept(Accept::new(SDP)));
}

/// Answers for good.
pub(crate) fn answer(core: &Core, incoming: Incoming, status: StatusCode, fill: impl FnOnce(&mut Response)) {
    let mut response = build::response(&incoming.request, status, &LocalTag::new().to_string());
    fill(&mut response);
    core.stack.answer(&incoming, &response);
}
