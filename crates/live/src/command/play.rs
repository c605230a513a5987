//! Lets a party hear a sound, and ends that.

use call::command::{LegCommand, Sound};

use super::LegAddress;
use crate::{CommandError, Live};

impl Live {
    /// Lets the leg's party hear a sound instead of the other side; one that it hears already makes room.
    ///
    /// A leg that is not answered is a conflict.
    pub async fn play(&self, at: LegAddress<'_>, sound: Sound) -> Result<(), CommandError> {
        self.answered_leg(at)?;
        self.order(at, LegCommand::Play(sound)).await?;
        self.settle_leg(at, |_, leg| leg.is_playing()).await;
        Ok(())
    }

    /// Ends the sound that the leg's party hears, also one that is still being fetched. If it hears none,
    /// nothing changes.
    ///
    /// A leg that is not answered is a conflict.
    pub async fn stop_playing(&self, at: LegAddress<'_>) -> Result<(), CommandError> {
        self.answered_leg(at)?;
        self.order(at, LegCommand::StopPlaying).await?;
        self.settle_leg(at, |_, leg| !leg.is_playing()).await;
        Ok(())
    }
}
