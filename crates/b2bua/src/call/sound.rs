//! Files that a party hears, while they last.

use call::{EventKind, LegId, command::Sound};

use super::Call;
use crate::{
    Context, Outcome, Refusal,
    leg::{Leg, Playback, Stage},
    output::Media,
};

/// The verbs that need a leg's media, where that goes past the switch.
pub(super) const DIRECT: Refusal =
    Refusal::Conflict("media goes from end to end here: only media = \"anchored\" lets the switch do that");

pub(super) const STOPPED: Refusal = Refusal::Conflict("the sound was stopped before it began");

impl Call {
    /// Lets the party of leg `id` hear a file instead of what it hears. The file must be got first: only then
    /// it is known whether it can be played.
    pub(super) fn play(
        &mut self,
        id: LegId,
        sound: &Sound,
        ticket: u64,
        cx: &mut Context<'_>,
    ) -> Result<Outcome, Refusal> {
        self.speaking(id, cx)?;
        cx.world.find(sound).map_err(Refusal::Unreachable)?;
        self.stop_playing(id, cx);
        let number = cx.next_playback();
        cx.media(Media::Play { leg: id, number, sound: sound.clone() });
        if let Some(up) = self.leg_mut(id).and_then(Leg::up_mut) {
            up.playback = Some(Playback { number, stage: Stage::Fetching { ticket } });
        }
        Ok(Outcome::Waits)
    }

    /// Ends that.
    pub(super) fn stop_playing(&mut self, id: LegId, cx: &mut Context<'_>) {
        let playback = self.leg_mut(id).and_then(Leg::up_mut).and_then(|up| up.playback.take());
        if let Some(playback) = playback {
            cx.media(Media::StopPlaying(id));
            self.tell_playback_over(id, playback, STOPPED, cx);
        }
    }

    /// A file is there, and the party hears it.
    pub(super) fn on_playback_begun(&mut self, id: LegId, number: u64, cx: &mut Context<'_>) {
        let Some(up) = self.leg_mut(id).and_then(Leg::up_mut) else { return };
        let Some(playback) = up.playback.as_mut().filter(|playback| playback.number == number) else {
            return;
        };
        if let Stage::Fetching { ticket } = std::mem::replace(&mut playback.stage, Stage::Heard) {
            self.tell(EventKind::PlaybackStarted { leg: id }, cx);
            cx.taken(ticket, Ok(()));
        }
    }

    /// A file is over by itself, or cannot be played since `why`.
    pub(super) fn on_playback_over(&mut self, id: LegId, number: u64, why: Refusal, cx: &mut Context<'_>) {
        let up = self.leg_mut(id).and_then(Leg::up_mut);
        let is_meant = |playback: &mut Playback| playback.number == number;
        if let Some(playback) = up.and_then(|up| up.playback.take_if(is_meant)) {
            self.tell_playback_over(id, playback, why, cx);
        }
    }

    fn tell_playback_over(&mut self, id: LegId, playback: Playback, why: Refusal, cx: &mut Context<'_>) {
        match playback.stage {
            Stage::Heard => self.tell(EventKind::PlaybackEnded { leg: id }, cx),
            Stage::Fetching { ticket } => cx.taken(ticket, Err(why)),
        }
    }
}
