//! A SUBSCRIBE: who may watch what, for how long (RFC 6665 section 4.2.1).

use std::{sync::Arc, time::Duration};

use b2bua::features::{Feature, Place};
use directory::{Snapshot, model::Device};
use rsipstack::sip::{
    Header, Request, StatusCode,
    headers::{Expires, MinExpires},
};

use super::{
    allow_events,
    package::{Event, Package},
    subscription::Subscription,
    watch::{Subject, Watch},
};
use crate::{
    config::SubscriptionLimits,
    core::Core,
    dialog::{Dialog, Location, NextHop},
    inbound,
    message::{
        build,
        fields::{self, first},
        uri,
    },
    random::LocalTag,
    refusal::Refusal,
    stack::Incoming,
    transport::Flow,
};

/// A subscription that was taken.
struct Taken {
    tag: LocalTag,
    length: Duration,
}

/// Takes a SUBSCRIBE. The first NOTIFY follows its answer.
pub(crate) fn handle(core: &Arc<Core>, incoming: Incoming, flow: Flow) {
    let contact = flow.contact().to_owned();
    match subscribe(core, &incoming.request, flow) {
        Ok(taken) => {
            let request = &incoming.request;
            let mut response = build::response(request, StatusCode::OK, &taken.tag.to_string());
            build::make_dialog(&mut response, request, &contact);
            response.headers.push(Header::Expires(Expires::new(taken.length.as_secs().to_string())));
            core.stack.answer(&incoming, &response);
            super::settle(core, taken.tag, core.clock.monotonic());
            core.notifier.wake.notify_one();
        }
        Err(refusal) => refusal.send(core, incoming),
    }
}

fn subscribe(core: &Arc<Core>, request: &Request, flow: Flow) -> Result<Taken, Refusal> {
    let directory = core.directory.snapshot();
    let device = inbound::device_of(core, request, &flow, &directory)?;
    let event = Event::of(request).ok_or_else(|| Refusal::with(StatusCode::BadEvent, allow_events()))?;
    let length = length(request, &core.config.subscriptions)?;
    match fields::to(request).and_then(|to| to.param("tag")) {
        Some(tag) => refresh(core, request, tag, (device, &event), length, flow),
        None => begin(core, &directory, request, (device, event), length, flow),
    }
}

fn length(request: &Request, limits: &SubscriptionLimits) -> Result<Duration, Refusal> {
    let Some(asked) = first!(request, Expires) else { return Ok(limits.longest) };
    let asked = asked.trim().parse::<u32>().map_err(|_| StatusCode::BadRequest)?;
    let asked = Duration::from_secs(asked.into());
    if !asked.is_zero() && asked < limits.shortest {
        let shortest = MinExpires::new(limits.shortest.as_secs().to_string());
        return Err(Refusal::with(StatusCode::IntervalTooBrief, Header::MinExpires(shortest)));
    }
    Ok(asked.min(limits.longest))
}

fn refresh(
    core: &Core,
    request: &Request,
    tag: &str,
    (device, event): (&Device, &Event),
    length: Duration,
    flow: Flow,
) -> Result<Taken, Refusal> {
    let unknown = || Refusal::from(StatusCode::CallTransactionDoesNotExist);
    let tag = LocalTag::parse(tag).ok_or_else(unknown)?;
    let mut state = core.notifier.state.lock();
    let watch = state.watches.get_mut(&tag).filter(|watch| {
        *watch.dialog.call_id == *fields::call_id(request)
            && watch.device == device.id
            && watch.event == *event
            && watch.dialog.is_with(request)
            && !watch.subscription.is_ending()
    });
    let watch = watch.ok_or_else(unknown)?;
    if !fields::cseq(request).is_some_and(|(cseq, _)| watch.dialog.accept(cseq)) {
        return Err(StatusCode::ServerInternalError.into());
    }
    watch.dialog.follow(flow);
    watch.dialog.retarget(fields::contact(request));
    watch.subscription.refresh(length, core.clock.monotonic());
    Ok(Taken { tag, length })
}

fn begin(
    core: &Arc<Core>,
    directory: &Snapshot,
    request: &Request,
    (device, event): (&Device, Event),
    length: Duration,
    flow: Flow,
) -> Result<Taken, Refusal> {
    if !event.package.is_accepted(request) {
        return Err(StatusCode::NotAcceptable.into());
    }
    let subject = subject(core, directory, device, request, event.package)?;
    let contact = fields::contact(request).ok_or(StatusCode::BadRequest)?.uri.to_owned();
    let location = Location::of(core, device.id, &flow);
    let dialog = Dialog::from_invite(request, flow, NextHop::SameFlow).ok_or(StatusCode::BadRequest)?;
    let tag = dialog.tag;
    let subscription = Subscription::begin(length, core.clock.monotonic());
    let dialog = dialog.with_location(Some(location));
    let watch = Watch::new(subscription, dialog, (device.id, contact), (subject, event));
    admit(core, tag, watch)?;
    Ok(Taken { tag, length })
}

/// What a phone may watch: its account's extensions and slots, and nothing of others.
fn subject(
    core: &Core,
    directory: &Snapshot,
    device: &Device,
    request: &Request,
    package: Package,
) -> Result<Subject, Refusal> {
    let user = uri::requested_user(&request.uri);
    if let Some(Feature::Slot(slot)) = core.config.features.read(&user, Place::Call) {
        let is_lit = package == Package::Dialog;
        return is_lit.then_some(Subject::Slot(device.account, slot)).ok_or(StatusCode::NotFound.into());
    }
    let named = directory.extension(device.account, &user.as_str().into());
    // A phone asks for its own mailbox by its own name.
    let own = || directory.extension_of_device(device.id).filter(|_| *device.sip_user == *user);
    let extension = named.or_else(own).ok_or(StatusCode::NotFound)?;
    Ok(Subject::Extension(extension.account, extension.number.clone()))
}

/// Adds a subscription, unless there are too many. It takes the place of the one that the same phone had to the same.
fn admit(core: &Core, tag: LocalTag, watch: Watch) -> Result<(), Refusal> {
    let limits = &core.config.subscriptions;
    let mut state = core.notifier.state.lock();
    let known = state.of_subject.get(&watch.subject).into_iter().flatten().copied();
    let is_same = |tag: &LocalTag| {
        state.watches.get(tag).is_some_and(|old| {
            (old.device, old.package(), &old.contact) == (watch.device, watch.package(), &watch.contact)
        })
    };
    let replaced: Vec<_> = known.filter(is_same).collect();
    replaced.into_iter().for_each(|old| state.remove(old));
    if state.of_device.get(&watch.device).is_some_and(|count| *count >= limits.of_device) {
        let warning = build::warning("the phone has as many subscriptions as it may have");
        return Err(Refusal::with(StatusCode::Forbidden, warning));
    }
    if state.watches.len() >= limits.total {
        return Err(inbound::unavailable(core));
    }
    state.add(tag, watch);
    Ok(())
}
