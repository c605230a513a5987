//! Event lines, turned into events.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use call::{
    CallEvent, CallId, EventKind, LegId, Number, Timestamp,
    event::{
        CallRouted, CallStarted, Digit, LegDirection, LegEnd, LegOffer, LegRoute, Origin, Releaser, Side,
        SipStatus, TransferTarget,
    },
    party::Owner,
    rating::Rate,
};
use rust_decimal::Decimal;

use super::{
    START,
    cast::{Party, parse_account, parse_party},
    live::LiveCheck,
    names::{call_id, check_name, leg_id},
    words::{CAUSES, RECORDING_KINDS, RELEASERS, TRANSFER_MODES, Words, pick, seconds},
};

/// What a line is: an event that happens, or a look at the registry.
#[derive(Debug)]
pub(super) enum Step {
    Event(Arc<CallEvent>),
    Live(CallId, LiveCheck),
}

impl Step {
    pub(super) fn event(&self) -> Option<&Arc<CallEvent>> {
        match self {
            Self::Event(event) => Some(event),
            Self::Live(..) => None,
        }
    }
}

/// What the lines so far have said.
#[derive(Default)]
pub(super) struct Script {
    now: Timestamp,
    calls: BTreeMap<CallId, Draft>,
    sides: BTreeMap<LegId, Side>,
}

/// A call as far as later lines need it.
struct Draft {
    caller: Number,
    dialed: Number,
    routed: Option<CallRouted>,
    is_answered: bool,
}

const EVENTS: [&str; 23] = [
    "originated",
    "routed",
    "offered",
    "ringing",
    "answered",
    "bridged",
    "held",
    "resumed",
    "transfers",
    "transferred",
    "transfer-failed",
    "parked",
    "retrieved",
    "pressed",
    "plays",
    "silent",
    "recorded",
    "recording-ended",
    "merged",
    "interrupted",
    "ended",
    "live",
    "gone",
];

impl Script {
    /// The steps of the line `time [call] legs event…`.
    pub(super) fn read(&mut self, line: &str, has_call_column: bool) -> Result<Vec<Step>, String> {
        let mut words = Words::of(line);
        let at = START + seconds(words.need("a time")?)?;
        if at < self.now {
            return Err("the line is earlier than the one before it".to_owned());
        }
        self.now = at;
        let call = if has_call_column { check_name(words.need("a call")?)? } else { "1" };
        let (call, legs) = (call_id(call), words.need("a leg or `-`")?);
        let steps = self.steps(call, legs, &mut words)?;
        words.end()?;
        Ok(steps)
    }

    fn steps(&mut self, call: CallId, legs: &str, words: &mut Words<'_>) -> Result<Vec<Step>, String> {
        let event = words.need("an event")?;
        if !EVENTS.contains(&event) {
            return Err(format!("`{event}` is not an event; accepted: {}", EVENTS.join(", ")));
        }
        let check = match event {
            "live" => LiveCheck::parse(words)?,
            "gone" => LiveCheck::Gone,
            _ => {
                let kinds = self.kinds(call, legs, event, words)?;
                let event = |kind| Step::Event(Arc::new(CallEvent { call_id: call, at: self.now, kind }));
                return Ok(kinds.into_iter().map(event).collect());
            }
        };
        Ok(vec![Step::Live(call, check)])
    }

    fn kinds(
        &mut self,
        call: CallId,
        legs: &str,
        event: &str,
        words: &mut Words<'_>,
    ) -> Result<Vec<EventKind>, String> {
        match event {
            "originated" => self.originated(call, words),
            "routed" => self.routed(call, words),
            "offered" => self.offered(call, check_name(legs)?, words),
            "bridged" | "transferred" => self.of_two_legs(legs, event),
            "merged" => {
                let absorbed = call_id(check_name(words.need("a call")?)?);
                Ok(vec![EventKind::CallMerged { absorbed }])
            }
            "interrupted" => Ok(vec![EventKind::CallInterrupted]),
            _ => {
                let leg = self.known_leg(legs)?;
                Ok(vec![self.of_one_leg(call, leg, event, words)?])
            }
        }
    }

    fn of_two_legs(&self, legs: &str, event: &str) -> Result<Vec<EventKind>, String> {
        let (a, b) = legs.split_once('+').ok_or_else(|| format!("`{event}` needs two legs such as A+B"))?;
        let (a, b) = (self.known_leg(a)?, self.known_leg(b)?);
        Ok(vec![match event {
            "bridged" => EventKind::LegsBridged { a, b },
            _ => EventKind::TransferCompleted { initiator: a, recipient: b },
        }])
    }

    fn of_one_leg(
        &mut self,
        call: CallId,
        leg: LegId,
        event: &str,
        words: &mut Words<'_>,
    ) -> Result<EventKind, String> {
        Ok(match event {
            "ringing" => EventKind::LegRinging { leg },
            "answered" => self.answered(call, leg)?,
            "held" => EventKind::LegHeld { leg },
            "resumed" => EventKind::LegResumed { leg },
            "transfers" => transfers(leg, words)?,
            "transfer-failed" => EventKind::TransferFailed { initiator: leg },
            "parked" => {
                words.expect("in")?;
                let slot = words.need("a slot")?.into();
                let by = if words.skip("by") { Some(self.known_leg(words.need("a leg")?)?) } else { None };
                EventKind::LegParked { leg, slot, by }
            }
            "retrieved" => {
                words.expect("by")?;
                EventKind::LegRetrieved { leg, by: self.known_leg(words.need("a leg")?)? }
            }
            "ended" => EventKind::LegEnded { leg, end: end(words)? },
            _ => of_media(leg, event, words)?,
        })
    }

    fn originated(&mut self, call: CallId, words: &mut Words<'_>) -> Result<Vec<EventKind>, String> {
        words.expect("from")?;
        let from = parse_party(words)?;
        words.expect("to")?;
        let dialed = Number::from(words.need("a number")?);
        let caller = from.number.ok_or("a trunk cannot be originated from")?;
        Ok(vec![self.start(call, Origin::Api, from.owner, (caller, None), dialed)?])
    }

    fn start(
        &mut self,
        call: CallId,
        origin: Origin,
        origination: Owner,
        (caller, caller_name): (Number, Option<Arc<str>>),
        dialed: Number,
    ) -> Result<EventKind, String> {
        if self.calls.contains_key(&call) {
            return Err("the call has begun already".to_owned());
        }
        let draft =
            Draft { caller: caller.clone(), dialed: dialed.clone(), routed: None, is_answered: false };
        self.calls.insert(call, draft);
        let started = CallStarted { origination, origin, caller, caller_name, dialed };
        Ok(EventKind::CallStarted(Arc::new(started)))
    }

    fn routed(&mut self, call: CallId, words: &mut Words<'_>) -> Result<Vec<EventKind>, String> {
        words.expect("nowhere")?;
        let draft = self.draft(call)?;
        let called = draft.dialed.clone();
        Ok(draft.route(None, called, false).into_iter().collect())
    }

    fn offered(&mut self, call: CallId, leg: &str, words: &mut Words<'_>) -> Result<Vec<EventKind>, String> {
        let id = leg_id(leg);
        if self.sides.contains_key(&id) {
            return Err(format!("leg `{leg}` has been offered already"));
        }
        let (before, offer) = match words.need("`from`, `to` or `back`")? {
            "from" => self.incoming(call, words)?,
            "to" => self.outgoing(call, words)?,
            "back" => self.back(call, words)?,
            other => return Err(format!("`{other}` stands where `from`, `to` or `back` is expected")),
        };
        self.sides.insert(id, offer.side);
        let offered = EventKind::LegOffered { leg: id, offer: Arc::new(offer) };
        Ok(before.into_iter().chain([offered]).collect())
    }

    /// An INVITE from a party: the call's first, or that of someone who joins it.
    fn incoming(
        &mut self,
        call: CallId,
        words: &mut Words<'_>,
    ) -> Result<(Option<EventKind>, LegOffer), String> {
        let party = parse_party(words)?;
        words.expect("dialed")?;
        let dialed = Number::from(words.need("a number")?);
        let shown = if words.skip("showing") { Some(words.need("a number")?.into()) } else { None };
        let name = if words.skip("named") { Some(words.need("a name")?.into()) } else { None };
        let from = shown.or(party.number.clone()).ok_or("a call from a trunk needs `showing NUMBER`")?;
        let joins = self.calls.contains_key(&call);
        let side = if joins { Side::Termination } else { Side::Origination };
        let offer = offer(side, LegDirection::Incoming, party, (from.clone(), dialed.clone()));
        if joins {
            return Ok((None, offer));
        }
        Ok((Some(self.start(call, Origin::Invite, offer.owner, (from, name), dialed)?), offer))
    }

    fn outgoing(
        &mut self,
        call: CallId,
        words: &mut Words<'_>,
    ) -> Result<(Option<EventKind>, LegOffer), String> {
        let party = parse_party(words)?;
        let written = if words.skip("as") { Some(words.need("a number")?.into()) } else { None };
        let sent = self.sent(words)?;
        let is_rated = words.skip("rated");
        let draft = self.draft(call)?;
        let called: Number = written.or(party.number.clone()).unwrap_or_else(|| draft.dialed.clone());
        let is_of_call = !draft.is_answered && sent.is_none();
        let routed = if is_of_call { draft.route(Some(party.owner), called.clone(), is_rated) } else { None };
        let numbers = (draft.caller.clone(), called);
        let offer = offer(Side::Termination, LegDirection::Outgoing, party, numbers);
        Ok((routed, sent_on(offer, sent, is_rated)))
    }

    /// The party on whose behalf a client of the API calls is rung first.
    fn back(&mut self, call: CallId, words: &mut Words<'_>) -> Result<(Option<EventKind>, LegOffer), String> {
        words.expect("to")?;
        let party = parse_party(words)?;
        let sent = self.sent(words)?;
        let is_rated = words.skip("rated");
        let draft = self.draft(call)?;
        let numbers = (draft.dialed.clone(), draft.caller.clone());
        let offer = offer(Side::Origination, LegDirection::Outgoing, party, numbers);
        Ok((None, sent_on(offer, sent, is_rated)))
    }

    /// `sent by ACCOUNT [through LEG] hunt N attempt N`, if it is there.
    fn sent(&self, words: &mut Words<'_>) -> Result<Option<Sent>, String> {
        if !words.skip("sent") {
            return Ok(None);
        }
        words.expect("by")?;
        let by = parse_account(words.need("an account")?)?;
        let through = if words.skip("through") { Some(self.known_leg(words.need("a leg")?)?) } else { None };
        words.expect("hunt")?;
        let hunt = number(words.need("a number")?)?;
        words.expect("attempt")?;
        Ok(Some(Sent { by, through, hunt, attempt: number(words.need("a number")?)? }))
    }

    fn answered(&mut self, call: CallId, leg: LegId) -> Result<EventKind, String> {
        let is_called = self.sides.get(&leg) == Some(&Side::Termination);
        self.draft(call)?.is_answered |= is_called;
        Ok(EventKind::LegAnswered { leg, user_agent: None })
    }

    fn draft(&mut self, call: CallId) -> Result<&mut Draft, String> {
        self.calls.get_mut(&call).ok_or_else(|| "the call has not begun".to_owned())
    }

    fn known_leg(&self, leg: &str) -> Result<LegId, String> {
        let id = leg_id(check_name(leg)?);
        if self.sides.contains_key(&id) { Ok(id) } else { Err(format!("leg `{leg}` has not been offered")) }
    }
}

impl Draft {
    /// The event that says so, unless it was said before.
    fn route(&mut self, termination: Option<Owner>, called: Number, is_rated: bool) -> Option<EventKind> {
        let routed = rated(CallRouted::new(termination, self.caller.clone(), called), is_rated);
        if self.routed.as_ref() == Some(&routed) {
            return None;
        }
        self.routed = Some(routed.clone());
        Some(EventKind::CallRouted(Arc::new(routed)))
    }
}

fn offer(side: Side, direction: LegDirection, party: Party, (from, to): (Number, Number)) -> LegOffer {
    LegOffer {
        side,
        direction,
        owner: party.owner,
        endpoint: party.endpoint,
        from,
        to,
        sip: None,
        route: None,
    }
}

/// Who has sent a call on.
struct Sent {
    by: Owner,
    through: Option<LegId>,
    hunt: u32,
    attempt: u32,
}

fn sent_on(offer: LegOffer, sent: Option<Sent>, is_rated: bool) -> LegOffer {
    let Some(Sent { by: sent_by, through: sender, hunt, attempt }) = sent else { return offer };
    let routed = CallRouted::new(Some(offer.owner), offer.from.clone(), offer.to.clone());
    let routed = Arc::new(rated(routed, is_rated));
    LegOffer { route: Some(Arc::new(LegRoute { sent_by, sender, hunt, attempt, routed })), ..offer }
}

fn rated(routed: CallRouted, is_rated: bool) -> CallRouted {
    let rate = |per_minute| is_rated.then(|| rate(per_minute));
    CallRouted { origination_rate: rate(60), termination_rate: rate(30), ..routed }
}

/// A price by the second, and a sixhundredth of it for what is not answered.
fn rate(per_minute: i64) -> Rate {
    Rate {
        prefix: String::new(),
        initial_interval: Duration::from_secs(1),
        initial_rate: per_minute.into(),
        next_interval: Duration::from_secs(1),
        next_rate: per_minute.into(),
        fee: Decimal::ZERO,
        attempt_fee: Decimal::new(per_minute, 0) / Decimal::from(600),
        vat: Decimal::ZERO,
    }
}

fn number(word: &str) -> Result<u32, String> {
    word.parse().map_err(|_| format!("`{word}` is not a number"))
}

fn of_media(leg: LegId, event: &str, words: &mut Words<'_>) -> Result<EventKind, String> {
    Ok(match event {
        "pressed" => {
            let key = words.need("a key")?;
            let digit = key.chars().next().filter(|_| key.len() == 1).ok_or("it is one key at a time")?;
            EventKind::DigitReceived { leg, digit: Digit(digit) }
        }
        "plays" => EventKind::PlaybackStarted { leg },
        "silent" => EventKind::PlaybackEnded { leg },
        "recorded" => {
            let kind = pick("kind of recording", words.need("`standing` or `on-demand`")?, &RECORDING_KINDS)?;
            words.expect("in")?;
            EventKind::RecordingStarted { leg, kind, file: words.need("a file")?.into() }
        }
        _ => EventKind::RecordingEnded { leg },
    })
}

fn transfers(initiator: LegId, words: &mut Words<'_>) -> Result<EventKind, String> {
    let mode = pick("way of transfer", words.need("`blind` or `attended`")?, &TRANSFER_MODES)?;
    words.expect("to")?;
    let number = words.need("a number")?.into();
    let name = if words.skip("named") { Some(words.need("a name")?.into()) } else { None };
    Ok(EventKind::TransferStarted { initiator, target: Arc::new(TransferTarget { number, name }), mode })
}

fn end(words: &mut Words<'_>) -> Result<LegEnd, String> {
    let cause = pick("cause", words.need("a cause")?, &CAUSES)?;
    let by = if words.skip("by") {
        pick("releaser", words.need("who ended it")?, &RELEASERS)?
    } else {
        Releaser::Party
    };
    let sip = if words.skip("sip") { Some(status(words)?) } else { None };
    Ok(LegEnd::new(by, cause, sip))
}

fn status(words: &mut Words<'_>) -> Result<SipStatus, String> {
    let word = words.need("a SIP status code")?;
    let code = word.parse().ok().filter(|code| (100..700).contains(code));
    let code = code.ok_or_else(|| format!("`{word}` is not a SIP status code from 100 to 699"))?;
    Ok(SipStatus { code, reason: words.take_rest().into() })
}
