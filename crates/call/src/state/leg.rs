//! One party's side of a call.

use std::sync::Arc;

use crate::{
    command::RecordingKind,
    encryption::MediaEncryption,
    event::{CallRouted, EndCause, LegEnd, LegOffer},
    id::{CallId, LegId},
    registry::Applied,
    time::Timestamp,
};

/// A leg, live or ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Leg {
    /// Its id.
    pub id: LegId,
    /// The call that it began in: another than its own if that was merged into it.
    pub call: CallId,
    /// How that call was routed when it was rung for it; `None` if it was rung for something else.
    pub(crate) routed: Option<Arc<CallRouted>>,
    /// What was known when it came into being.
    pub offer: Arc<LegOffer>,
    /// When that was.
    pub offered_at: Timestamp,
    /// When its endpoint first rang.
    pub ringing_at: Option<Timestamp>,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How it ended.
    pub end: Option<LegEnd>,
    /// The leg that it hears.
    pub peer: Option<LegId>,
    /// The parking slot that its party waits in.
    pub slot: Option<Arc<str>>,
    /// How its sound is encrypted, or was at its end; `None` if it is not.
    pub encryption: Option<MediaEncryption>,
    /// What its endpoint calls itself, once it said so.
    pub user_agent: Option<Arc<str>>,
    held: bool,
    playing: bool,
    recording: Option<RecordingKind>,
}

/// How far a leg has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LegState {
    /// An INVITE is on its way.
    Offered,
    /// The endpoint rings.
    Ringing,
    /// Answered.
    Answered,
    /// Over. Nothing wakes it.
    Ended,
}

impl Leg {
    pub(super) fn offered(id: LegId, call: CallId, offer: Arc<LegOffer>, at: Timestamp) -> Self {
        let user_agent = offer.sip.as_ref().and_then(|sip| sip.user_agent.clone());
        Self {
            id,
            call,
            routed: None,
            offer,
            offered_at: at,
            ringing_at: None,
            answered_at: None,
            ended_at: None,
            end: None,
            peer: None,
            slot: None,
            encryption: None,
            user_agent,
            held: false,
            playing: false,
            recording: None,
        }
    }

    /// How far it has come.
    pub fn state(&self) -> LegState {
        match self {
            leg if leg.ended_at.is_some() => LegState::Ended,
            leg if leg.answered_at.is_some() => LegState::Answered,
            leg if leg.ringing_at.is_some() => LegState::Ringing,
            _ => LegState::Offered,
        }
    }

    /// Whether it is over.
    pub fn is_ended(&self) -> bool {
        self.ended_at.is_some()
    }

    /// Whether it is neither answered nor over.
    pub fn is_pending(&self) -> bool {
        self.state() < LegState::Answered
    }

    /// Whether its party answered, and no other phone had done so before.
    pub fn has_answered(&self) -> bool {
        let is_late = self.end.as_ref().is_some_and(|end| end.cause == EndCause::AnsweredElsewhere);
        self.answered_at.is_some() && !is_late
    }

    /// Whether its party holds the other side.
    pub fn is_held(&self) -> bool {
        self.held
    }

    /// Whether its party hears a sound instead of the other side.
    pub fn is_playing(&self) -> bool {
        self.playing
    }

    /// Whether it is being recorded.
    pub fn is_recording(&self) -> bool {
        self.recording.is_some()
    }

    /// Why it is being recorded, if it is.
    pub fn recording(&self) -> Option<RecordingKind> {
        self.recording
    }

    /// Whether its party waits in a parking slot.
    pub fn is_parked(&self) -> bool {
        self.slot.is_some()
    }

    pub(super) fn ring(&mut self, at: Timestamp) -> Applied {
        if self.state() >= LegState::Ringing {
            return Applied::Stale;
        }
        self.ringing_at = Some(at);
        Applied::Changed
    }

    pub(super) fn answer(&mut self, at: Timestamp, user_agent: Option<&Arc<str>>) -> Applied {
        if self.state() >= LegState::Answered {
            return Applied::Stale;
        }
        self.answered_at = Some(at);
        if let Some(user_agent) = user_agent {
            self.user_agent = Some(user_agent.clone());
        }
        Applied::Changed
    }

    pub(super) fn secure(&mut self, encryption: Option<MediaEncryption>) -> Applied {
        if self.encryption == encryption {
            return Applied::Stale;
        }
        self.encryption = encryption;
        Applied::Changed
    }

    pub(super) fn hold(&mut self) -> Applied {
        self.set_held(true)
    }

    pub(super) fn resume(&mut self) -> Applied {
        self.set_held(false)
    }

    fn set_held(&mut self, held: bool) -> Applied {
        self.set(|leg| &mut leg.held, held)
    }

    pub(super) fn set_playing(&mut self, playing: bool) -> Applied {
        self.set(|leg| &mut leg.playing, playing)
    }

    pub(super) fn set_recording(&mut self, recording: Option<RecordingKind>) -> Applied {
        self.set(|leg| &mut leg.recording, recording)
    }

    /// Changes what only an answered leg can be.
    fn set<T: PartialEq>(&mut self, flag: impl FnOnce(&mut Self) -> &mut T, value: T) -> Applied {
        if self.state() != LegState::Answered {
            return Applied::Unexpected;
        }
        let flag = flag(self);
        if *flag == value {
            return Applied::Stale;
        }
        *flag = value;
        Applied::Changed
    }

    pub(super) fn park(&mut self, slot: &Arc<str>) -> Applied {
        match self.state() {
            LegState::Answered if self.slot.as_ref() == Some(slot) => Applied::Stale,
            LegState::Answered => {
                self.slot = Some(slot.clone());
                Applied::Changed
            }
            _ => Applied::Unexpected,
        }
    }

    pub(super) fn unpark(&mut self) -> Applied {
        match self.slot.take() {
            Some(_) => Applied::Changed,
            None => Applied::Stale,
        }
    }

    pub(super) fn join(&mut self, peer: LegId) -> Applied {
        self.peer = Some(peer);
        Applied::Changed
    }

    pub(super) fn end(&mut self, at: Timestamp, end: &LegEnd) -> Applied {
        self.ended_at = Some(at);
        self.end = Some(end.clone());
        self.peer = None;
        self.slot = None;
        (self.held, self.playing, self.recording) = (false, false, None);
        Applied::Changed
    }
}
