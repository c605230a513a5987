//! Our registration at a trunk (RFC 3261 section 10.2).

use std::time::Duration;

use rsipstack::sip::{
    Header, Method, Request, Response, StatusCodeKind,
    headers::{Contact, Expires},
};
use tokio_util::sync::CancellationToken;

use super::{
    keeper::{Granted, Kept},
    request::{Series, target},
};
use crate::{
    core::Core,
    message::{NameAddr, fields::first, name_addr::split_list, uri},
    transport::Flow,
};

/// A registrar that grants less is not asked any faster.
const SHORTEST: Duration = Duration::from_secs(1);
/// The longest rest after failures.
const LONGEST_REST: Duration = Duration::from_secs(300);

/// Keeps us registered until `stop`, and then takes the registration back.
pub(super) async fn keep(core: &Core, trunk: &Kept, stop: &CancellationToken) {
    let Some(mut length) = trunk.entry.registration else { return };
    let (series, mut failures) = (Series::new(), 0);
    while !stop.is_cancelled() {
        let outcome = stop.run_until_cancelled(register(core, trunk, &series, length)).await;
        let rest = match outcome {
            Some(Outcome::Granted(granted)) => {
                failures = 0;
                granted.max(SHORTEST).mul_f64(rand::random_range(0.5..0.9))
            }
            Some(Outcome::TooBrief(shortest)) if shortest > length => {
                length = shortest;
                continue;
            }
            Some(Outcome::TooBrief(_) | Outcome::Refused) => {
                failures += 1;
                rest_until((core, trunk), stop, rest(core.config.trunk_retry, failures), false).await;
                continue;
            }
            Some(Outcome::Silence) => {
                failures += 1;
                rest_until((core, trunk), stop, rest(core.config.trunk_retry, failures), true).await;
                continue;
            }
            None => break,
        };
        stop.run_until_cancelled(core.pause(rest)).await;
    }
    if trunk.is_registered(core.clock.monotonic()) {
        register(core, trunk, &series, Duration::ZERO).await;
    }
    trunk.set_registration(core, None);
}

/// Rests after a failure, at most so long. What was registered before may lapse meanwhile.
async fn rest_until(
    (core, trunk): (&Core, &Kept),
    stop: &CancellationToken,
    longest: Duration,
    was_silent: bool,
) {
    let rest = async {
        tokio::select! {
            () = core.pause(longest) => {}
            () = trunk.worth_a_try(was_silent) => {}
            never = trunk.lapse(core) => match never {},
        }
    };
    let _ = stop.run_until_cancelled(rest).await;
}

/// How long to rest after so many failures in a row: twice as long each time, half of it by chance (RFC
/// 5626 section 4.5).
fn rest(base: Duration, failures: u32) -> Duration {
    let longest = base.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(LONGEST_REST);
    longest.mul_f64(rand::random_range(0.5..1.0))
}

/// What comes of a REGISTER.
enum Outcome {
    /// We are registered for so long.
    Granted(Duration),
    /// It must be for at least so long.
    TooBrief(Duration),
    /// The registrar does not want us, or grants no time at all.
    Refused,
    /// Nobody answers.
    Silence,
}

async fn register(core: &Core, trunk: &Kept, series: &Series, length: Duration) -> Outcome {
    let answer = series.ask(core, &trunk.entry, |flow| write(trunk, series, flow, length)).await;
    let Some((at, response)) = answer else { return failed(trunk, None) };
    match response.status_code.code() {
        _ if response.status_code.kind() == StatusCodeKind::Successful => {
            let granted = granted(&response, &trunk.line).unwrap_or(length).min(length);
            let is_granted = !granted.is_zero();
            let until = core.clock.monotonic() + granted;
            let noted = is_granted.then_some(Granted { at, until });
            trunk.set_registration(core, noted);
            if is_granted { Outcome::Granted(granted) } else { Outcome::Refused }
        }
        423 => match first!(&response, MinExpires).and_then(|text| text.trim().parse().ok()) {
            Some(seconds) => Outcome::TooBrief(Duration::from_secs(seconds)),
            None => failed(trunk, Some(423)),
        },
        code => failed(trunk, Some(code)),
    }
}

fn failed(trunk: &Kept, status: Option<u16>) -> Outcome {
    tracing::debug!(trunk = %trunk.entry.id, status, "a trunk does not register us");
    if status.is_some() { Outcome::Refused } else { Outcome::Silence }
}

fn write(trunk: &Kept, series: &Series, flow: &Flow, length: Duration) -> Option<Request> {
    let entry = &trunk.entry;
    let user = &entry.auth.as_ref()?.user;
    let own = uri::sip(user, &uri::host(&target(entry)?));
    let mut request = series.next(flow, Method::Register, target(entry)?, (&own, &own));
    let here = flow.contact().trim_start_matches("<sip:").trim_end_matches('>');
    let contact = format!("<{};line={}>", uri::sip(user, here), trunk.line);
    request.headers.push(Header::Contact(Contact::new(contact)));
    request.headers.push(Header::Expires(Expires::new(length.as_secs().to_string())));
    Some(request)
}

/// How long the registrar has granted our Contact, if it says.
fn granted(response: &Response, line: &str) -> Option<Duration> {
    let contacts = response.headers.iter().filter_map(|header| match header {
        Header::Contact(contact) => Some(contact.value()),
        _ => None,
    });
    let own = contacts.flat_map(split_list).filter_map(NameAddr::parse).find(|own| own.uri.contains(line));
    let expires = own.and_then(|own| own.param("expires")).or_else(|| first!(response, Expires));
    expires?.trim().parse().ok().map(Duration::from_secs)
}
