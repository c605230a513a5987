//! Recording legs.

use std::{io, sync::Arc};

use call::{EventKind, LegId, command::RecordingKind};
use switch::SwitchError;

use super::{Input, Session, leg::Leg};

/// A recording that runs, or is about to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Recording {
    /// Which of the leg's recordings, from 1.
    number: u32,
    kind: RecordingKind,
    file: Arc<str>,
    /// Its file is there.
    has_begun: bool,
}

impl Session {
    /// Records leg `id` in both directions, until it ends or is told to stop.
    pub(super) fn start_recording(&mut self, id: LegId, kind: RecordingKind) -> Result<(), SwitchError> {
        let media = self.speaking(id)?.0.clone();
        let Some(leg) = self.leg(id).filter(|leg| leg.recording.is_none()) else { return Ok(()) };
        let number = leg.recordings + 1;
        let (file, mailbox): (Arc<str>, _) =
            (Arc::from(format!("{}-{id}-{number}.wav", self.id)), self.mailbox.clone());
        let recorder = self.core.recorder.as_ref();
        let recorder = recorder.ok_or(SwitchError::Conflict("this switch has no folder for recordings"))?;
        let tap = recorder.record(&file, move |begun| {
            mailbox.post(Input::RecordingBegun { leg: id, number, begun });
        });
        media.record(tap.ok_or(SwitchError::Unavailable)?);
        if let Some(leg) = self.leg_mut(id) {
            leg.recording = Some(Recording { number, kind, file, has_begun: false });
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
        if recording.has_begun {
            self.tell(EventKind::RecordingEnded { leg: id });
        }
    }

    /// A leg's file is there, or could not be made.
    pub(super) fn on_recording_begun(&mut self, id: LegId, number: u32, begun: io::Result<()>) {
        let awaits =
            |leg: &&mut Leg| leg.recording.as_ref().is_some_and(|recording| recording.number == number);
        let Some(leg) = self.leg_mut(id).filter(awaits) else { return };
        let Some(recording) = &mut leg.recording else { return };
        if let Err(error) = begun {
            leg.recording = None;
            return tracing::error!(leg = %id, %error, "a leg is not recorded");
        }
        recording.has_begun = true;
        let (kind, file) = (recording.kind, recording.file.clone());
        self.tell(EventKind::RecordingStarted { leg: id, kind, file });
    }

    /// Two legs talk: the call is recorded from now on if that was wished for when it was placed.
    pub(super) fn begin_armed_recording(&mut self, id: LegId) {
        let Some(kind) = self.recording.take() else { return };
        if let Err(error) = self.start_recording(id, kind) {
            tracing::warn!(leg = %id, %error, "a leg is not recorded");
        }
    }
}
