//! Which finished calls are wanted.

use std::time::Duration;

use call::Timestamp;
use questions::{
    FinishedCalls, Place,
    names::{ANSWERS, SIDES},
};

use crate::{
    errors::Failure,
    query::{bad, instant, one_of, parsed, up_to},
};

const PARAMETERS: &str = "from, until, caller, called, answered_by, notes, direction, outcome, code, least_seconds, sip_call_id, limit, \
     after and count";
/// Calls of a part, if nothing is said, and at most.
const USUAL: u32 = 100;
const MOST: usize = 1_000;
/// Without `from`, the calls of so long before `until`.
const STRETCH: Duration = Duration::from_secs(86_400);

/// A search.
pub struct Wanted {
    /// Which calls.
    pub calls: FinishedCalls,
    /// At most so many.
    pub limit: u32,
    /// From there on.
    pub after: Option<Place>,
    /// Whether it is to be said how many there are.
    pub is_counted: bool,
}

/// Reads it.
pub fn read(sent: &[(String, String)], now: Timestamp) -> Result<Wanted, Failure> {
    let mut wanted =
        Wanted { calls: FinishedCalls::within(now..now), limit: USUAL, after: None, is_counted: false };
    let (mut from, mut until) = (None, now);
    for (name, value) in sent {
        let calls = &mut wanted.calls;
        match name.as_str() {
            "from" => from = Some(instant(name, value)?),
            "until" => until = instant(name, value)?,
            "caller" => calls.caller = Some(value.clone()),
            "called" => calls.called = Some(value.clone()),
            "answered_by" => calls.answered_by = Some(value.clone()),
            "notes" => calls.notes = Some(value.clone()),
            "direction" => calls.side = one_of(name, value, &SIDES)?,
            "outcome" => calls.is_answered = Some(one_of(name, value, &ANSWERS)?),
            "code" => calls.code = Some(parsed(name, value, "a SIP status, such as 486")?),
            "least_seconds" => calls.least_seconds = Some(parsed(name, value, "a whole number")?),
            "sip_call_id" => calls.sip_call_id = Some(value.clone()),
            "limit" => wanted.limit = up_to(name, value, MOST)? as u32,
            "after" => wanted.after = Some(place(name, value)?),
            "count" => wanted.is_counted = parsed(name, value, "true or false")?,
            _ => return Err(Failure::bad_member(name, "not known", PARAMETERS)),
        }
    }
    wanted.calls.range = from.unwrap_or(until - STRETCH)..until;
    Ok(wanted)
}

fn place(name: &str, value: &str) -> Result<Place, Failure> {
    Place::parse(value).ok_or_else(|| bad(name, value, "what `next` of the part before says"))
}
