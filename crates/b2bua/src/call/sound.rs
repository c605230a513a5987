//! Files that a party hears, while they last.

use call::{EventKind, LegId, command::Sound};

use super::Call;
use crate::{
    Context, Refusal,
    leg::{Leg, Playback},
    output::Media,
};

/// The verbs that need a leg's media, where that goes past the switch.
pub(super) const DIRECT: Refusal =
    Refusal::Conflict("media goes from end to end here: only media = \"anchored\" lets the switch do that");

impl Call {
    /// Lets the party of leg `id` hear a file instead of what it hears, once that is got.
    pub(super) fn play(&mut self, id: LegId, sound: &Sound, cx: &mut Context<'_>) -> Result<(), Refusal> {
        self.speaking(id, cx)?;
        cx.world.find(sound).map_err(Refusal::Unreachable)?;
        self.stop_playing(id, cx);
        let number = cx.next_playback();
        cx.media(Media::Play { leg: id, number, sound: sound.clone() });
        if let Some(up) = self.leg_mut(id).and_then(Leg::up_mut) {
            up.playback = Some(Playback { number, has_begun: false });
        }
        Ok(())
    }

    /// Ends that.
    pub(super) fn stop_playing(&mut self, id: LegId, cx: &mut Context<'_>) {
        let playback = self.leg_mut(id).and_then(Leg::up_mut).and_then(|up| up.playback.take());
        if let Some(playback) = playback {
            cx.media(Media::StopPlaying(id));
            self.tell_playback_over(id, playback, cx);
        }
    }

    /// A file is there, and the party hears it.
    pub(super) fn on_playback_begun(&mut self, id: LegId, number: u64, cx: &mut Context<'_>) {
        let Some(up) = self.leg_mut(id).and_then(Leg::up_mut) else { return };
        let awaited = Some(Playback { number, has_begun: false });
        if up.playback == awaited {
            up.playback = Some(Playback { number, has_begun: true });
            self.tell(EventKind::PlaybackStarted { leg: id }, cx);
        }
    }

    /// A file is over by itself, or could not be got.
    pub(super) fn on_playback_over(&mut self, id: LegId, number: u64, cx: &mut Context<'_>) {
        let up = self.leg_mut(id).and_then(Leg::up_mut);
        let is_meant = |playback: &mut Playback| playback.number == number;
        if let Some(playback) = up.and_then(|up| up.playback.take_if(is_meant)) {
            self.tell_playback_over(id, playback, cx);
        }
    }

    fn tell_playback_over(&mut self, id: LegId, playback: Playback, cx: &mut Context<'_>) {
        if playback.has_begun {
            self.tell(EventKind::PlaybackEnded { leg: id }, cx);
        }
    }
}
