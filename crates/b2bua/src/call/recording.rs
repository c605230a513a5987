//! Recording legs.

use std::sync::Arc;

use call::{EventKind, LegId, command::RecordingKind};

use super::Call;
use crate::{
    Context, Outcome, Refusal,
    leg::{Leg, Recording},
    output::Media,
};

const STOPPED: Refusal = Refusal::Conflict("the recording was stopped before it began");

impl Call {
    /// Records leg `id` on command. Whether its file can be made is known later.
    pub(super) fn record(
        &mut self,
        id: LegId,
        kind: RecordingKind,
        ticket: u64,
        cx: &mut Context<'_>,
    ) -> Result<Outcome, Refusal> {
        if !self.is_recorded(id) {
            self.start_recording(id, kind, cx)?;
        }
        match self.leg_mut(id).and_then(Leg::up_mut).map(|up| &mut up.recording) {
            Some(Recording::Beginning { ticket: waiting @ None, .. }) => {
                *waiting = Some(ticket);
                Ok(Outcome::Waits)
            }
            _ => Ok(Outcome::Done),
        }
    }

    fn is_recorded(&self, id: LegId) -> bool {
        let up = self.leg(id).and_then(Leg::up);
        up.is_some_and(|up| !matches!(up.recording, Recording::No { .. }))
    }

    /// Records leg `id` in both directions, until it ends or is told to stop.
    fn start_recording(
        &mut self,
        id: LegId,
        kind: RecordingKind,
        cx: &mut Context<'_>,
    ) -> Result<(), Refusal> {
        self.speaking(id, cx)?;
        if !cx.settings.has_recorder {
            return Err(Refusal::Conflict("this switch has no folder for recordings"));
        }
        let call = self.id;
        let Some(up) = self.leg_mut(id).and_then(Leg::up_mut) else { return Ok(()) };
        let Recording::No { before } = up.recording else { return Ok(()) };
        let number = before + 1;
        let file: Arc<str> = format!("{call}-{id}-{number}.wav").into();
        up.recording = Recording::Beginning { number, kind, file: file.clone(), ticket: None };
        cx.media(Media::Record { leg: id, number, file });
        Ok(())
    }

    /// Ends that.
    pub(super) fn stop_recording(&mut self, id: LegId, cx: &mut Context<'_>) {
        let Some(up) = self.leg_mut(id).and_then(Leg::up_mut) else { return };
        let before = up.recording.number();
        match std::mem::replace(&mut up.recording, Recording::No { before }) {
            Recording::No { .. } => {}
            Recording::Beginning { ticket, .. } => {
                cx.media(Media::StopRecording(id));
                ticket.into_iter().for_each(|ticket| cx.taken(ticket, Err(STOPPED)));
            }
            Recording::Running { .. } => {
                cx.media(Media::StopRecording(id));
                self.tell(EventKind::RecordingEnded { leg: id }, cx);
            }
        }
    }

    /// A leg's file is there.
    pub(super) fn on_recording_begun(&mut self, id: LegId, begun: u32, cx: &mut Context<'_>) {
        let Some(up) = self.leg_mut(id).and_then(Leg::up_mut) else { return };
        let Recording::Beginning { number, kind, file, ticket } = &up.recording else { return };
        if *number != begun {
            return;
        }
        let (kind, file, ticket) = (*kind, file.clone(), *ticket);
        up.recording = Recording::Running { number: begun };
        self.tell(EventKind::RecordingStarted { leg: id, kind, file }, cx);
        ticket.into_iter().for_each(|ticket| cx.taken(ticket, Ok(())));
    }

    /// It could not be made.
    pub(super) fn on_recording_failed(&mut self, id: LegId, failed: u32, cx: &mut Context<'_>) {
        let Some(up) = self.leg_mut(id).and_then(Leg::up_mut) else { return };
        if let Recording::Beginning { number, ticket, .. } = up.recording
            && number == failed
        {
            up.recording = Recording::No { before: failed };
            ticket.into_iter().for_each(|ticket| cx.taken(ticket, Err(Refusal::Unavailable)));
        }
    }

    /// Two legs talk: the call is recorded from now on if that was wished for when it was placed. If it
    /// cannot be, it goes on all the same.
    pub(super) fn begin_armed_recording(&mut self, id: LegId, cx: &mut Context<'_>) {
        if let Some(kind) = self.recording.take() {
            let _: Result<(), Refusal> = self.start_recording(id, kind, cx);
        }
    }
}
