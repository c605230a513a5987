//! What can be done to a leg without touching who talks to whom.

use call::{
    EventKind, LegId,
    command::{Digits, RecordingKind},
    event::Digit,
};

use super::{Conversation, leg::SimulatedLeg};
use crate::{
    SwitchError,
    simulated::{Manner, Manners},
};

impl Conversation {
    /// The leg's party, or a command in its name, holds the other side, or no longer does.
    pub(in crate::simulated) fn hold(&mut self, leg: LegId, holds: bool) -> Result<(), SwitchError> {
        let known = self.leg_mut(leg)?.answered()?;
        if known.holds == holds {
            return Ok(());
        }
        self.free_peer(leg)?;
        self.leg_mut(leg)?.holds = holds;
        self.events.push(if holds { EventKind::LegHeld { leg } } else { EventKind::LegResumed { leg } });
        Ok(())
    }

    /// The leg's ringing phone answers by itself, unless it is one that only rings.
    pub(in crate::simulated) fn answer_by_itself(
        &mut self,
        leg: LegId,
        manners: &Manners,
    ) -> Result<(), SwitchError> {
        let known = self.leg_mut(leg)?;
        if known.is_tried() && manners(&known.offer.endpoint) == Manner::Rings {
            return Ok(());
        }
        if known.is_tried() {
            self.answer(Some(leg));
        } else if known.is_pending() {
            return Err(SwitchError::Conflict("the leg's party is calling, it cannot answer"));
        }
        Ok(())
    }

    /// The leg's party presses keys.
    pub(in crate::simulated) fn press(&mut self, leg: LegId, digits: &Digits) -> Result<(), SwitchError> {
        self.leg_mut(leg)?.answered()?;
        let received = |digit| EventKind::DigitReceived { leg, digit: Digit(digit) };
        self.events.extend(digits.as_str().chars().map(received));
        Ok(())
    }

    /// Digits are sent to the leg's party; nothing is told of that.
    pub(in crate::simulated) fn send_digits(
        &mut self,
        leg: LegId,
        digits: &Digits,
    ) -> Result<(), SwitchError> {
        self.leg_mut(leg)?.answered()?.digits.push_str(digits.as_str());
        Ok(())
    }

    /// The leg's party hears a sound; one that it hears already is cut off.
    pub(in crate::simulated) fn play(&mut self, leg: LegId) -> Result<(), SwitchError> {
        self.stop_playing(leg)?;
        self.leg_mut(leg)?.plays = true;
        self.events.push(EventKind::PlaybackStarted { leg });
        Ok(())
    }

    /// The sound is over, or a command stops it.
    pub(in crate::simulated) fn stop_playing(&mut self, leg: LegId) -> Result<(), SwitchError> {
        if std::mem::take(&mut self.leg_mut(leg)?.answered()?.plays) {
            self.events.push(EventKind::PlaybackEnded { leg });
        }
        Ok(())
    }

    pub(in crate::simulated) fn record(
        &mut self,
        leg: LegId,
        kind: RecordingKind,
    ) -> Result<(), SwitchError> {
        self.leg_mut(leg)?.answered()?;
        self.start_recording(leg, kind);
        Ok(())
    }

    pub(super) fn start_recording(&mut self, leg: LegId, kind: RecordingKind) {
        let idle = |known: &&mut SimulatedLeg| known.id == leg && !known.records;
        let Some(known) = self.legs.iter_mut().find(idle) else { return };
        known.records = true;
        known.recordings += 1;
        let file = format!("{leg}-{}.wav", known.recordings).into();
        self.events.push(EventKind::RecordingStarted { leg, kind, file });
    }

    pub(in crate::simulated) fn stop_recording(&mut self, leg: LegId) -> Result<(), SwitchError> {
        if std::mem::take(&mut self.leg_mut(leg)?.answered()?.records) {
            self.events.push(EventKind::RecordingEnded { leg });
        }
        Ok(())
    }
}
