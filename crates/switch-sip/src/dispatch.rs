//! Where each request goes.

use std::sync::Arc;

use rsipstack::{
    sip::{Header, Method, Request, Response, StatusCode, headers::Accept},
    transaction::transaction::Transaction,
};

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
    transport::Flow,
};

/// Takes a request that begins a transaction.
pub(crate) fn take(core: &Arc<Core>, mut transaction: Transaction) {
    let Some(flow) = flow_of(core, &transaction) else { return };
    transaction.destination = Some(flow.destination());
    let has_dialog = fields::to(&transaction.original).is_some_and(|to| to.param("tag").is_some());
    if let Err(refusal) = refusal::check(&transaction.original) {
        return refusal.send(core, transaction);
    }
    match transaction.original.method {
        // A To tag means nothing in a REGISTER.
        Method::Register => registrar::handle(core, transaction, flow),
        Method::Subscribe => notifier::handle(core, transaction, flow),
        _ if has_dialog => within_dialog(core, transaction, &flow),
        Method::Invite => inbound::handle(core, transaction, flow),
        Method::Options => {
            probed(core, &transaction.original, &flow);
            match core.room() {
                Ok(()) => answer(core, transaction, StatusCode::OK, describe),
                Err(_) => answer(core, transaction, StatusCode::ServiceUnavailable, |response| {
                    response.headers.push(build::retry_after(core.config.retry_after));
                }),
            }
        }
        Method::Message => page::handle(core, transaction, flow),
        Method::Bye | Method::Update | Method::Info | Method::PRack | Method::Notify => {
            answer(core, transaction, StatusCode::CallTransactionDoesNotExist, |_| {});
        }
        Method::Refer | Method::Publish | Method::Ack | Method::Cancel => {
            let allowed = build::allow_without(transaction.original.method);
            answer(core, transaction, StatusCode::MethodNotAllowed, |response| {
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

/// The way back to where a request came from.
pub(crate) fn flow_of(core: &Core, transaction: &Transaction) -> Option<Flow> {
    core.network.way_back(transaction.connection.as_ref()?, fields::source(&transaction.original)?)
}

fn within_dialog(core: &Core, transaction: Transaction, flow: &Flow) {
    match core.dialogs.of_request(&transaction.original) {
        Some(entry) => match entry.check_peer(core, &transaction.original, flow) {
            Ok(()) => core.driver.ask(entry.leg, transaction),
            Err(refusal) => refusal.send(core, transaction),
        },
        None => answer(core, transaction, StatusCode::CallTransactionDoesNotExist, |_| {}),
    }
}

/// What an OPTIONS is told (RFC 3261 section 11.2).
pub(crate) fn describe(response: &mut Response) {
    response.headers.push(build::allow());
    response.headers.push(notifier::allow_events());
    response.headers.push(Header::Accept(Accept::new(SDP)));
}

/// Answers for good.
pub(crate) fn answer(
    core: &Core,
    transaction: Transaction,
    status: StatusCode,
    fill: impl FnOnce(&mut Response),
) {
    let mut response = build::response(&transaction.original, status, &LocalTag::new().to_string());
    fill(&mut response);
    core.stack.answer(transaction, response);
}
