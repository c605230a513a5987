//! What the switch itself lets a party hear: files, while they last, and music or ringing, while it waits.

use std::sync::Arc;

use call::{EventKind, LegId, command};
use switch::SwitchError;

use super::{Input, Session, leg::Leg, orders::Taken, path::MediaPath};
use crate::{
    media::{MediaLeg, Sound},
    sounds::{SoundError, Sounds},
};

/// A file that a party hears, or is about to.
pub(super) struct Playback {
    /// Which of the files that the leg was told to play.
    number: u64,
    stage: Stage,
}

/// How far a playback has come.
enum Stage {
    /// The file is being got; who hears whether it can be played.
    Fetching(Taken),
    /// The party hears it.
    Heard,
}

/// What a party hears while it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Music,
    Ringback,
    /// For a party that has called, or had it done, where nobody could be got.
    Busy,
    /// For a party that holds the other one and does not know, because a command did so: its phone must not
    /// take it for gone.
    Silence,
}

/// The verbs that need a leg's media, where that goes past the switch.
pub(super) const DIRECT: SwitchError = SwitchError::Conflict(
    "media goes from end to end here: only media = \"anchored\" lets the switch do that",
);
const STOPPED: SwitchError = SwitchError::Conflict("the sound was stopped before it began");
const NOT_ANSWERED: SwitchError = SwitchError::Conflict("the leg is not answered");

impl Session {
    /// Lets the party of leg `id` hear a file instead of what it hears. The file must be got first: only then
    /// does `taken` hear whether it can be played.
    pub(super) fn play(&mut self, id: LegId, sound: &command::Sound, taken: Taken) {
        match self.fetch(id, sound) {
            Ok(number) => {
                self.stop_playing(id);
                if let Some(leg) = self.leg_mut(id) {
                    leg.playback = Some(Playback { number, stage: Stage::Fetching(taken) });
                }
            }
            // Whoever has gone meanwhile does not need to hear it.
            Err(error) => drop(taken.send(Err(error))),
        }
    }

    /// Begins to get a file for a leg; gives its number.
    fn fetch(&self, id: LegId, sound: &command::Sound) -> Result<u64, SwitchError> {
        let sounds = self.speaking(id)?.1;
        let place = sounds.find(sound).map_err(|error| refused(&error))?;
        let number = rand::random();
        let mailbox = self.mailbox.clone();
        sounds.fetch(place, move |sound| {
            mailbox.post(Input::SoundFetched { leg: id, number, sound });
        });
        Ok(number)
    }

    /// Ends that.
    pub(super) fn stop_playing(&mut self, id: LegId) {
        let Some(playback) = self.leg_mut(id).and_then(|leg| leg.playback.take()) else { return };
        if let Some(media) = self.media.known(id) {
            media.stop_playing();
        }
        match playback.stage {
            Stage::Heard => self.tell(EventKind::PlaybackEnded { leg: id }),
            // Whoever has gone meanwhile does not need to hear it.
            Stage::Fetching(taken) => drop(taken.send(Err(STOPPED))),
        }
    }

    /// A file for a leg has been got, or could not be.
    pub(super) fn on_sound_fetched(&mut self, id: LegId, number: u64, sound: Result<Arc<Sound>, SoundError>) {
        let awaits = |playback: &mut Playback| {
            playback.number == number && matches!(playback.stage, Stage::Fetching(_))
        };
        let awaited = self.leg_mut(id).and_then(|leg| leg.playback.take_if(awaits));
        let Some(Playback { stage: Stage::Fetching(taken), .. }) = awaited else { return };
        // Whoever has gone meanwhile does not need to hear it.
        let _ = taken.send(self.begin_sound(id, number, sound));
    }

    fn begin_sound(
        &mut self,
        id: LegId,
        number: u64,
        sound: Result<Arc<Sound>, SoundError>,
    ) -> Result<(), SwitchError> {
        let sound = sound.map_err(|error| {
            let refusal = refused(&error);
            let error: &dyn std::error::Error = &error;
            tracing::warn!(call = %self.id, leg = %id, error, "a sound is not played");
            refusal
        })?;
        let mailbox = self.mailbox.clone();
        let ended = move || mailbox.post(Input::SoundEnded { leg: id, number });
        let media = self.media.known(id).ok_or(SwitchError::NotFound)?;
        media.play(sound, ended).map_err(|_| SwitchError::Conflict("the leg's media are gone"))?;
        if let Some(leg) = self.leg_mut(id) {
            leg.playback = Some(Playback { number, stage: Stage::Heard });
        }
        self.tell(EventKind::PlaybackStarted { leg: id });
        Ok(())
    }

    /// A file is over by itself.
    pub(super) fn on_sound_ended(&mut self, id: LegId, number: u64) {
        let plays = |leg: &&mut Leg| leg.playback.as_ref().is_some_and(|playback| playback.number == number);
        if let Some(leg) = self.leg_mut(id).filter(plays) {
            leg.playback = None;
            self.tell(EventKind::PlaybackEnded { leg: id });
        }
    }

    /// Lets the party of leg `id` hear this instead of its partner, until the two are connected
    /// again or it is silenced. Says whether it can: without a relay, or a codec of ours, it hears nothing.
    pub(super) fn entertain(&self, id: LegId, source: Source) -> bool {
        let (Some(media), Some(sounds)) = (self.media.known(id), &self.core.sounds) else { return false };
        let sound = match source {
            Source::Music => sounds.music(),
            Source::Ringback => sounds.ringback(),
            Source::Busy => sounds.busy(),
            Source::Silence => sounds.silence(),
        };
        media.silence();
        media.hear_sound(sound).is_ok()
    }

    /// The media of an answered leg that the switch can speak on.
    pub(super) fn speaking(&self, id: LegId) -> Result<(&MediaLeg, &Sounds), SwitchError> {
        self.leg(id).filter(|leg| leg.is_answered()).ok_or(NOT_ANSWERED)?;
        if matches!(self.media, MediaPath::Direct) {
            return Err(DIRECT);
        }
        let media = self.media.known(id).ok_or(SwitchError::Conflict("the leg has no media"))?;
        if !media.can_speak() {
            return Err(SwitchError::Conflict(
                "the leg has agreed on neither PCMU nor PCMA, or its media is encrypted",
            ));
        }
        let sounds = self.core.sounds.as_ref().ok_or(DIRECT)?;
        Ok((media, sounds))
    }
}

fn refused(error: &SoundError) -> SwitchError {
    match error {
        SoundError::Url(error) => SwitchError::Unreachable(match error {
            crate::sounds::UrlError::Malformed => "the URL is not an absolute http or https URL",
            crate::sounds::UrlError::Private => "the URL leads to an address that is not public",
        }),
        SoundError::Unknown => SwitchError::Unreachable("there is no such sound"),
        SoundError::Read(_) => SwitchError::Unreachable("the sound cannot be read"),
        SoundError::TooLarge => SwitchError::Unreachable("the sound is larger than is played"),
        SoundError::Wav(_) => {
            SwitchError::Unreachable("the sound is no WAV file of 8 or 16 kHz with PCM of 16 bits or G.711")
        }
        SoundError::Fetch(_) => SwitchError::Unreachable("the sound cannot be fetched from its URL"),
    }
}
