//! What the switch itself says to a party, by the codec that this one takes.

use std::{borrow::Cow, sync::Arc};

use codec::{Codec, Law, Recoder};

use super::{
    sound::Sound,
    transcoders::{Permit, Transcoders},
};

/// Says sounds by one codec.
pub(super) enum Speaker {
    /// Sounds are there in it.
    Law(Law),
    /// Sounds are made it.
    Made { codec: Codec, recoder: Box<Recoder>, _permit: Permit },
}

impl Speaker {
    /// One for a codec; `None` if there is no room for it.
    pub(super) fn new(codec: Codec, transcoders: &Arc<Transcoders>) -> Option<Self> {
        match codec.law() {
            Some(law) => Some(Self::Law(law)),
            None => {
                let permit = transcoders.take(Codec::Pcmu, codec)?;
                let recoder = Box::new(Recoder::new(Codec::Pcmu, codec));
                Some(Self::Made { codec, recoder, _permit: permit })
            }
        }
    }

    /// Whether it speaks a codec.
    pub(super) fn speaks(&self, wanted: Codec) -> bool {
        match self {
            Self::Law(law) => wanted.law() == Some(*law),
            Self::Made { codec, .. } => *codec == wanted,
        }
    }

    /// A packet's payload; `None` past the sound's end.
    pub(super) fn say<'a>(&mut self, sound: &'a Sound, frame: usize) -> Option<Cow<'a, [u8]>> {
        match self {
            Self::Law(law) => sound.frame(*law, frame).map(Cow::Borrowed),
            Self::Made { recoder, .. } => {
                let mut payload = Vec::new();
                recoder.recode(sound.frame(Law::Mu, frame)?, &mut payload);
                Some(Cow::Owned(payload))
            }
        }
    }
}
