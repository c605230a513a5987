//! What the machine wants done to media.

use std::sync::Arc;

use b2bua::{Input, LegInput, Media, Refusal, Source};
use call::{LegId, command};

use super::{
    Engine, Event,
    world::{SipWorld, unplayable},
};
use crate::{media::Sound, sounds::SoundError};

impl SipWorld {
    pub(super) fn perform(&mut self, media: Media) {
        match media {
            Media::Connect(one, other) => {
                if let (Some(one), Some(other)) = (self.media.get(&one), self.media.get(&other)) {
                    one.connect(other);
                }
            }
            Media::Hear(leg, source) => self.entertain(leg, source),
            Media::Release(leg) => {
                self.media.remove(&leg);
            }
            Media::Play { leg, number, sound } => self.fetch(leg, number, &sound),
            Media::StopPlaying(leg) => {
                if let Some(media) = self.media.get(&leg) {
                    media.stop_playing();
                }
            }
            Media::Record { leg, number, file } => self.record(leg, number, &file),
            Media::StopRecording(leg) => {
                if let Some(media) = self.media.get(&leg) {
                    media.stop_recording();
                }
            }
            Media::Press(leg, digits) => {
                if let Some(Err(error)) = self.media.get(&leg).map(|media| media.press(digits.as_str())) {
                    tracing::warn!(%leg, error = &error as &dyn std::error::Error, "keys are not sent");
                }
            }
        }
    }

    fn entertain(&self, leg: LegId, source: Source) {
        let (Some(media), Some(sounds)) = (self.media.get(&leg), &self.core.sounds) else { return };
        media.silence();
        let sound = match source {
            Source::Music => sounds.music(),
            Source::Ringback => sounds.ringback(),
            Source::Busy => sounds.busy(),
            Source::Silence => sounds.silence(),
            Source::Nothing => return,
        };
        // A party that has agreed on no codec of ours hears nothing.
        let _ = media.hear_sound(sound);
    }

    fn fetch(&self, leg: LegId, number: u64, sound: &command::Sound) {
        let Some(sounds) = &self.core.sounds else { return };
        let events = self.events.clone();
        let fetched = move |sound| {
            // The driver ends with the switch only.
            let _ = events.send(Event::SoundFetched { leg, number, sound });
        };
        match sounds.find(sound) {
            Ok(place) => sounds.fetch(place, fetched),
            Err(error) => fetched(Err(error)),
        }
    }

    fn record(&self, leg: LegId, number: u32, file: &str) {
        let events = self.events.clone();
        let begun = move |begun: std::io::Result<()>| {
            let event = match begun {
                Ok(()) => LegInput::RecordingBegun(number),
                Err(error) => {
                    tracing::error!(%leg, %error, "a leg is not recorded");
                    LegInput::RecordingFailed(number)
                }
            };
            // The driver ends with the switch only.
            let _ = events.send(Event::Media { leg, event });
        };
        let (Some(media), Some(recorder)) = (self.media.get(&leg), &self.core.recorder) else { return };
        match recorder.record(file, begun) {
            Some(tap) => media.record(tap),
            None => {
                // The driver ends with the switch only.
                let _ = self.events.send(Event::Media { leg, event: LegInput::RecordingFailed(number) });
            }
        }
    }
}

impl Engine {
    /// A file for a leg has been got, or could not be.
    pub(super) fn on_sound_fetched(
        &mut self,
        leg: LegId,
        number: u64,
        sound: Result<Arc<Sound>, SoundError>,
    ) {
        let events = self.world.events.clone();
        let ended = move || {
            // The driver ends with the switch only.
            let _ = events.send(Event::Media { leg, event: LegInput::PlaybackOver(number) });
        };
        let event = match sound.map(|sound| self.world.media.get(&leg).map(|media| media.play(sound, ended)))
        {
            Ok(Some(Ok(()))) => LegInput::PlaybackBegun(number),
            Ok(Some(Err(_)) | None) => {
                LegInput::PlaybackFailed(number, Refusal::Conflict("the leg's media are gone"))
            }
            Err(error) => {
                let why = Refusal::Unreachable(unplayable(&error));
                let error: &dyn std::error::Error = &error;
                tracing::warn!(%leg, error, "a sound is not played");
                LegInput::PlaybackFailed(number, why)
            }
        };
        self.handle(Input::Leg { leg, event });
    }
}
