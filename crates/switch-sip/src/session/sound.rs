//! What the switch itself lets a party hear: files, while they last, and music or ringing, while it waits.

use std::sync::Arc;

use call::{EventKind, LegId, command};
use switch::SwitchError;

use super::{Input, Session, leg::Leg, path::MediaPath};
use crate::{
    media::{MediaLeg, Sound},
    sounds::{SoundError, Sounds},
};

/// A file that a party hears, or is about to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Playback {
    /// Which of the files that the leg was told to play.
    number: u64,
    /// The party hears it: the file is there.
    has_begun: bool,
}

/// What a party hears while it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Music,
    Ringback,
    /// For a party that holds the other one and does not know, because a command did so: its phone must not
    /// take it for gone.
    Silence,
}

/// The verbs that need a leg's media, where that goes past the switch.
pub(super) const DIRECT: SwitchError = SwitchError::Conflict(
    "media goes from end to end here: only media = \"anchored\" lets the switch do that",
);
const NOT_ANSWERED: SwitchError = SwitchError::Conflict("the leg is not answered");

impl Session {
    /// Lets the party of leg `id` hear a file instead of what it hears. The file must be got first: what is
    /// wrong with it then is logged.
    pub(super) fn play(&mut self, id: LegId, sound: &command::Sound) -> Result<(), SwitchError> {
        let sounds = self.speaking(id)?.1;
        let place = sounds.find(sound).map_err(|error| refused(&error))?;
        let number = rand::random();
        let mailbox = self.mailbox.clone();
        sounds.fetch(place, move |sound| {
            mailbox.post(Input::SoundFetched { leg: id, number, sound });
        });
        self.stop_playing(id);
        if let Some(leg) = self.leg_mut(id) {
            leg.playback = Some(Playback { number, has_begun: false });
        }
        Ok(())
    }

    /// Ends that.
    pub(super) fn stop_playing(&mut self, id: LegId) {
        let Some(playback) = self.leg_mut(id).and_then(|leg| leg.playback.take()) else { return };
        if let Some(media) = self.media.known(id) {
            media.stop_playing();
        }
        if playback.has_begun {
            self.tell(EventKind::PlaybackEnded { leg: id });
        }
    }

    /// A file for a leg has been got, or could not be.
    pub(super) fn on_sound_fetched(&mut self, id: LegId, number: u64, sound: Result<Arc<Sound>, SoundError>) {
        let awaits = |leg: &&mut Leg| leg.playback == Some(Playback { number, has_begun: false });
        let Some(leg) = self.leg_mut(id).filter(awaits) else { return };
        leg.playback = None;
        let sound = match sound {
            Ok(sound) => sound,
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                return tracing::warn!(call = %self.id, leg = %id, error, "a sound is not played");
            }
        };
        let mailbox = self.mailbox.clone();
        let ended = move || mailbox.post(Input::SoundEnded { leg: id, number });
        let begun = self.media.known(id).map(|media| media.play(sound, ended));
        if let (Some(Ok(())), Some(leg)) = (begun, self.leg_mut(id)) {
            leg.playback = Some(Playback { number, has_begun: true });
            self.tell(EventKind::PlaybackStarted { leg: id });
        }
    }

    /// A file is over by itself.
    pub(super) fn on_sound_ended(&mut self, id: LegId, number: u64) {
        let plays = |leg: &&mut Leg| leg.playback.is_some_and(|playback| playback.number == number);
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
        _ => SwitchError::Unreachable("there is no such sound"),
    }
}
