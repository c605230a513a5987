//! A leg of a simulated call.

use std::sync::Arc;

use call::{
    EventKind, LegId, Number,
    event::{EndCause, LegDirection, LegEnd, LegOffer, Releaser, SipStatus},
};

use crate::{SwitchError, simulated::slots::Slot};

/// What the switch knows of a leg.
pub(super) struct SimulatedLeg {
    pub(super) id: LegId,
    pub(super) offer: Arc<LegOffer>,
    /// The number of its party.
    pub(super) number: Number,
    pub(super) phase: Phase,
    pub(super) peer: Option<LegId>,
    pub(super) slot: Option<Slot>,
    pub(super) holds: bool,
    pub(super) plays: bool,
    pub(super) records: bool,
    /// How many recordings of it have begun.
    pub(super) recordings: u32,
    /// The digits that were sent to its party.
    pub(super) digits: String,
}

/// How far a leg has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Offered,
    Ringing,
    Answered,
    Ended,
}

/// How legs are ended. Without a cause it is a plain hang-up: normal after an answer, else cancelled.
#[derive(Clone, Copy)]
pub(in crate::simulated) struct Ending {
    pub(in crate::simulated) by: Releaser,
    pub(in crate::simulated) cause: Option<EndCause>,
}

impl Ending {
    /// Of a party that handed its call over.
    pub(super) const HANDED_OVER: Self = Self { by: Releaser::Switch, cause: Some(EndCause::Transferred) };

    pub(in crate::simulated) fn by(by: Releaser) -> Self {
        Self { by, cause: None }
    }
}

impl SimulatedLeg {
    pub(super) fn new(id: LegId, offer: Arc<LegOffer>, number: Number) -> Self {
        Self {
            id,
            offer,
            number,
            phase: Phase::Offered,
            peer: None,
            slot: None,
            holds: false,
            plays: false,
            records: false,
            recordings: 0,
            digits: String::new(),
        }
    }

    pub(super) fn is_live(&self) -> bool {
        self.phase < Phase::Ended
    }

    pub(super) fn is_pending(&self) -> bool {
        self.phase < Phase::Answered
    }

    /// Whether its endpoint is being called.
    pub(super) fn is_tried(&self) -> bool {
        self.is_pending() && self.offer.direction == LegDirection::Outgoing
    }

    /// What a verb for talking parties needs.
    pub(super) fn answered(&mut self) -> Result<&mut Self, SwitchError> {
        match self.phase {
            Phase::Answered => Ok(self),
            Phase::Ended => Err(SwitchError::NotFound),
            Phase::Offered | Phase::Ringing => Err(SwitchError::Conflict("the leg is not answered")),
        }
    }

    /// Ends it; gives the events of that, the end last.
    pub(super) fn end(&mut self, ending: Ending) -> impl Iterator<Item = EventKind> + use<> {
        let leg = self.id;
        let plain = if self.is_pending() { EndCause::Cancelled } else { EndCause::Normal };
        let cause = ending.cause.unwrap_or(plain);
        let end = LegEnd::new(ending.by, cause, Some(self.status(cause)));
        let playback = std::mem::take(&mut self.plays).then_some(EventKind::PlaybackEnded { leg });
        let recording = std::mem::take(&mut self.records).then_some(EventKind::RecordingEnded { leg });
        self.phase = Phase::Ended;
        self.peer = None;
        self.slot = None;
        playback.into_iter().chain(recording).chain([EventKind::LegEnded { leg, end }])
    }

    /// The final status on the leg: of the BYE after an answer, of the INVITE before it.
    fn status(&self, cause: EndCause) -> SipStatus {
        let (code, reason) = match cause {
            _ if self.phase == Phase::Answered => (200, "OK"),
            EndCause::NoAnswer if self.offer.direction == LegDirection::Incoming => {
                (480, "Temporarily Unavailable")
            }
            EndCause::Busy => (486, "Busy Here"),
            EndCause::NoRoute => (404, "Not Found"),
            EndCause::Rejected => (603, "Decline"),
            EndCause::Unavailable => (480, "Temporarily Unavailable"),
            EndCause::Failed | EndCause::Limit | EndCause::Interrupted => (503, "Service Unavailable"),
            EndCause::Normal
            | EndCause::NoAnswer
            | EndCause::Cancelled
            | EndCause::AnsweredElsewhere
            | EndCause::Transferred => (487, "Request Terminated"),
        };
        SipStatus { code, reason: reason.into() }
    }
}
