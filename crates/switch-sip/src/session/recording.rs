//! Recording legs.

use std::{io, sync::Arc};

use call::{EventKind, LegId, command::RecordingKind};
use switch::SwitchError;

use super::{Input, Session, leg::Leg, orders::Taken};

/// A recording that runs, or is about to.
pub(super) struct Recording {
    /// Which of the leg's recordings, from 1.
    number: u32,
    kind: RecordingKind,
    file: Arc<str>,
    stage: Stage,
}

/// How far a recording has come.
enum Stage {
    /// Its file is being made; who, if anybody, hears whether it can be.
    Opening(Option<Taken>),
    /// Its file is there.
    Running,
}

const STOPPED: SwitchError = SwitchError::Conflict("the recording was stopped before it began");

impl Session {
    /// Records leg `id`; `taken` hears whether that can be done once it is known.
    pub(super) fn record_by_order(&mut self, id: LegId, kind: RecordingKind, taken: Taken) {
        let outcome = match self.leg(id) {
            Some(leg) if leg.recording.is_some() => Ok(()),
            _ => self.start_recording(id, kind),
        };
        let recording = self.leg_mut(id).and_then(|leg| leg.recording.as_mut());
        match (&outcome, recording.map(|recording| &mut recording.stage)) {
            (Ok(()), Some(Stage::Opening(waiting @ None))) => *waiting = Some(taken),
            // Whoever has gone meanwhile does not need to hear it.
            _ => drop(taken.send(outcome)),
        }
    }

    /// Records leg `id`, which is not being recorded, in both directions, until it ends or is told to stop.
    fn start_recording(&mut self, id: LegId, kind: RecordingKind) -> Result<(), SwitchError> {
        let media = self.speaking(id)?.0.clone();
        let number = self.leg(id).map_or(1, |leg| leg.recordings + 1);
        let (file, mailbox): (Arc<str>, _) =
            (Arc::from(format!("{}-{id}-{number}.wav", self.id)), self.mailbox.clone());
        let recorder = self.core.recorder.as_ref();
        let recorder = recorder.ok_or(SwitchError::Conflict("this switch has no folder for recordings"))?;
        let tap = recorder.record(&file, move |begun| {
            mailbox.post(Input::RecordingBegun { leg: id, number, begun });
        });
        media.record(tap.ok_or(SwitchError::Unavailable)?);
        if let Some(leg) = self.leg_mut(id) {
            leg.recording = Some(Recording { number, kind, file, stage: Stage::Opening(None) });
            leg.recordings = number;
        }
        Ok(())
    }

    /// Ends that.
    pub(super) fn stop_recording(&mut self, id: LegId) {
        let Some(recording) = self.leg_mut(id).and_then(|leg| leg.recording.take()) else { return };
        if let Some(media) = self.media.known(id) {
            media.stop_recording();
        }
        match recording.stage {
            Stage::Running => self.tell(EventKind::RecordingEnded { leg: id }),
            Stage::Opening(taken) => tell_taken(taken, Err(STOPPED)),
        }
    }

    /// A leg's file is there, or could not be made.
    pub(super) fn on_recording_begun(&mut self, id: LegId, number: u32, begun: io::Result<()>) {
        let awaits =
            |leg: &&mut Leg| leg.recording.as_ref().is_some_and(|recording| recording.number == number);
        let Some(leg) = self.leg_mut(id).filter(awaits) else { return };
        let Some(recording) = &mut leg.recording else { return };
        let stage = std::mem::replace(&mut recording.stage, Stage::Running);
        let Stage::Opening(taken) = stage else { return };
        if let Err(error) = begun {
            leg.recording = None;
            tell_taken(taken, Err(SwitchError::Unavailable));
            return tracing::error!(leg = %id, %error, "a leg is not recorded");
        }
        let (kind, file) = (recording.kind, recording.file.clone());
        self.tell(EventKind::RecordingStarted { leg: id, kind, file });
        tell_taken(taken, Ok(()));
    }

    /// Two legs talk: the call is recorded from now on if that was wished for when it was placed.
    pub(super) fn begin_armed_recording(&mut self, id: LegId) {
        let Some(kind) = self.recording.take() else { return };
        if self.leg(id).is_none_or(|leg| leg.recording.is_some()) {
            return;
        }
        if let Err(error) = self.start_recording(id, kind) {
            tracing::warn!(leg = %id, %error, "a leg is not recorded");
        }
    }
}

fn tell_taken(taken: Option<Taken>, outcome: Result<(), SwitchError>) {
    if let Some(taken) = taken {
        // Whoever has gone meanwhile does not need to hear it.
        let _ = taken.send(outcome);
    }
}
