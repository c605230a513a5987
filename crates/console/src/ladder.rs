//! The ladder of a call: a column for each leg, a row for each thing that happened, by time.

use std::collections::HashMap;

use call::{
    Call, LegId, Number, Timestamp,
    encryption::MediaEncryption,
    event::{EndCause, EventKind, LegDirection, Side, SipStatus},
    party::Owner,
    quality::LegQuality,
    record::InteractionKind,
    state::Foreign,
};
use maud::{Markup, html};

use crate::{look, search::Row, viewer::Viewer, words};

/// A ladder.
pub struct Ladder {
    started_at: Timestamp,
    legs: Vec<Party>,
    rungs: Vec<Rung>,
}

/// Who is on a leg.
struct Party {
    name: String,
    number: String,
    side: Side,
    encryption: Option<MediaEncryption>,
    /// How well it is heard, if it is the viewer's.
    quality: Option<LegQuality>,
}

/// Something that happened.
struct Rung {
    at: Timestamp,
    /// To which leg; none if it is the call's.
    leg: Option<usize>,
    what: String,
}

/// What both a live leg and a recorded one tell.
struct LegTimes<'a> {
    offered_at: Timestamp,
    ringing_at: Option<Timestamp>,
    answered_at: Option<Timestamp>,
    ended: Option<(Timestamp, EndCause, Option<&'a SipStatus>)>,
    direction: LegDirection,
    encryption: Option<MediaEncryption>,
    quality: Option<&'a LegQuality>,
}

impl Ladder {
    /// Of a live call, whose legs that are up are heard so well.
    pub fn of_call(viewer: &Viewer, call: &Call, heard: &HashMap<LegId, LegQuality>) -> Self {
        let foreign = Foreign::of_call(viewer.access.customer(), call);
        let numbers = (call.caller(), &call.started().dialed);
        let mut ladder = Self::new(call.started_at());
        for leg in call.legs() {
            let number =
                if leg.offer.direction == LegDirection::Incoming { &leg.offer.from } else { &leg.offer.to };
            let party = (leg.offer.owner, leg.offer.side, leg.offer.endpoint.name(), number);
            let ended = leg.ended_at.zip(leg.end.as_ref()).map(|(at, end)| (at, end.cause, end.sip.as_ref()));
            let times = LegTimes {
                offered_at: leg.offered_at,
                ringing_at: leg.ringing_at,
                answered_at: leg.answered_at,
                ended,
                direction: leg.offer.direction,
                encryption: leg.encryption,
                quality: leg
                    .end
                    .as_ref()
                    .and_then(|end| end.quality.as_deref())
                    .or_else(|| heard.get(&leg.id)),
            };
            ladder.put(viewer, foreign, numbers, party, &times);
        }
        for event in call.events() {
            let leg = event.kind.leg().and_then(|id| call.legs().iter().position(|leg| leg.id == id));
            ladder.rungs.extend(told(&event.kind).map(|what| Rung {
                at: event.at,
                leg,
                what: what.to_owned(),
            }));
        }
        ladder.sorted()
    }

    /// Of a call that is over.
    pub fn of_record(viewer: &Viewer, Row { record, .. }: Row<'_>) -> Self {
        let foreign = Foreign::of_record(viewer.access.customer(), record);
        let numbers = (&record.caller_routed, &record.called_received);
        let mut ladder = Self::new(record.started_at);
        for leg in &record.legs {
            let number = if leg.direction == LegDirection::Incoming { &leg.from } else { &leg.to };
            let party = (leg.owner, leg.side, leg.endpoint.name(), number);
            let times = LegTimes {
                offered_at: leg.offered_at,
                ringing_at: leg.ringing_at,
                answered_at: leg.answered_at,
                ended: Some((leg.ended_at, leg.cause, leg.status.as_ref())),
                direction: leg.direction,
                encryption: leg.encryption,
                quality: leg.quality.as_deref(),
            };
            ladder.put(viewer, foreign, numbers, party, &times);
        }
        for interaction in &record.interactions {
            let by = interaction.by.as_deref();
            let leg = ladder.legs.iter().position(|party| Some(&*party.name) == by);
            let what = interacted(interaction.kind).map(str::to_owned);
            ladder.rungs.extend(what.map(|what| Rung { at: interaction.at, leg, what }));
        }
        ladder.sorted()
    }

    fn new(started_at: Timestamp) -> Self {
        Self { started_at, legs: Vec::new(), rungs: Vec::new() }
    }

    /// Things of one instant stay as they were told.
    fn sorted(mut self) -> Self {
        self.rungs.sort_by_key(|rung| rung.at);
        self
    }

    fn put(
        &mut self,
        viewer: &Viewer,
        foreign: Foreign,
        (caller, called): (&Number, &Number),
        (owner, side, name, number): (Owner, Side, &str, &Number),
        times: &LegTimes<'_>,
    ) {
        let of_call = if side == Side::Origination { caller } else { called };
        // What another customer's phones are called by stays there.
        let is_hidden = foreign.hides(owner, side);
        let is_named = owner.customer == viewer.access.customer();
        self.legs.push(Party {
            name: if is_named { name } else { words::ANOTHERS }.to_owned(),
            number: if is_hidden { of_call } else { number }.to_string(),
            side,
            encryption: times.encryption,
            quality: times.quality.filter(|_| is_named).copied(),
        });
        let leg = Some(self.legs.len() - 1);
        let mut rung =
            |at: Option<Timestamp>, what: String| self.rungs.extend(at.map(|at| Rung { at, leg, what }));
        let is_calling = times.direction == LegDirection::Incoming;
        rung(Some(times.offered_at), if is_calling { words::CALLS } else { words::IS_CALLED }.to_owned());
        rung(times.ringing_at.filter(|_| !is_calling), words::RINGS.to_owned());
        rung(times.answered_at, if is_calling { words::IS_ANSWERED } else { words::ANSWERS }.to_owned());
        let ended = times.ended.map(|(at, cause, status)| (at, ended(cause, status)));
        if let Some((at, what)) = ended {
            rung(Some(at), what);
        }
    }

    /// As a table.
    pub fn table(&self) -> Markup {
        html! {
            section {
                h2 { (words::LEGS) }
                div class="wide" tabindex="0" role="region" aria-label=(words::LEGS) {
                    table class="ladder" {
                        thead { tr {
                            th scope="col" class="number" { (words::AFTER) }
                            @for leg in &self.legs {
                                th scope="col" {
                                    (leg.name) small { (leg.number) " · " (words::side(leg.side)) }
                                    @if let Some(encryption) = leg.encryption { small { (words::encrypted(encryption)) } }
                                    @if let Some(quality) = &leg.quality { small { (words::heard(quality)) } }
                                }
                            }
                        } }
                        tbody { @for rung in &self.rungs {
                            tr {
                                th scope="row" class="number" { (look::exact(rung.at.since(self.started_at))) }
                                @for place in 0..self.legs.len() {
                                    td { @if rung.leg == Some(place) || (rung.leg.is_none() && place == 0) { span class="rung" { (rung.what) } } }
                                }
                            }
                        } }
                    }
                }
            }
        }
    }
}

fn ended(cause: EndCause, status: Option<&SipStatus>) -> String {
    let code = status
        .filter(|status| status.code >= 300)
        .map(|status| format!(" ({} {})", status.code, status.reason));
    format!("{}{}", words::cause(cause), code.unwrap_or_default())
}

/// What an event of a live call is told as, where its leg's own times do not tell it.
fn told(kind: &EventKind) -> Option<&'static str> {
    Some(match kind {
        EventKind::LegHeld { .. } => words::HOLDS,
        EventKind::LegResumed { .. } => words::RESUMES,
        EventKind::TransferStarted { .. } => words::TRANSFERS,
        EventKind::TransferCompleted { .. } => words::HAS_TRANSFERRED,
        EventKind::TransferFailed { .. } => words::TRANSFER_FAILED,
        EventKind::LegParked { .. } => words::IS_PARKED,
        EventKind::LegRetrieved { .. } => words::IS_RETRIEVED,
        EventKind::PlaybackStarted { .. } => words::HEARS_A_SOUND,
        EventKind::PlaybackEnded { .. } => words::SOUND_IS_OVER,
        EventKind::RecordingStarted { .. } => words::IS_RECORDED,
        EventKind::RecordingEnded { .. } => words::RECORDING_IS_OVER,
        EventKind::CallStarted(_)
        | EventKind::CallRouted(_)
        | EventKind::CallMerged { .. }
        | EventKind::CallInterrupted
        | EventKind::LegOffered { .. }
        | EventKind::LegRinging { .. }
        | EventKind::LegAnswered { .. }
        | EventKind::LegSecured { .. }
        | EventKind::LegsBridged { .. }
        | EventKind::LegEnded { .. }
        | EventKind::DigitReceived { .. }
        | EventKind::WorkEnded { .. } => return None,
    })
}

/// The same of a call that is over.
fn interacted(kind: InteractionKind) -> Option<&'static str> {
    Some(match kind {
        InteractionKind::Held => words::HOLDS,
        InteractionKind::Retrieved => words::RESUMES,
        InteractionKind::TransferAttempted => words::TRANSFERS,
        InteractionKind::TransferCompleted => words::HAS_TRANSFERRED,
        InteractionKind::TransferStopped => words::TRANSFER_FAILED,
        InteractionKind::Parked => words::IS_PARKED,
        InteractionKind::Answered | InteractionKind::HungUp => return None,
    })
}
