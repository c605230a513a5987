//! Lets a party hear a sound, and ends that.

use call::{
    EventKind,
    command::{LegCommand, Sound},
};

use super::{
    LegAddress, Outcome,
    outcome::{Before, Progress},
};
use crate::{CommandError, Live};

impl Live {
    /// Lets the leg's party hear a sound instead of the other side; one that it hears already makes room. One
    /// that cannot be had is refused; one that takes long to come is [`Outcome::UnderWay`].
    ///
    /// A leg that is not answered is a conflict.
    pub async fn play(&self, at: LegAddress<'_>, sound: Sound) -> Result<Outcome, CommandError> {
        let before = Before::of(&self.answered_leg(at)?.0);
        let begins =
            |kind: &EventKind| matches!(kind, EventKind::PlaybackStarted { leg } if *leg == at.leg_id);
        let progress = |call: &call::Call| Progress::done_if(before.has(call, begins));
        self.carry_out_on(at, LegCommand::Play(sound), |call, _| progress(call)).await
    }

    /// Ends the sound that the leg's party hears, also one that is still being fetched. If it hears none,
    /// nothing changes.
    ///
    /// A leg that is not answered is a conflict.
    pub async fn stop_playing(&self, at: LegAddress<'_>) -> Result<Outcome, CommandError> {
        self.answered_leg(at)?;
        let is_quiet = |leg: &call::Leg| Progress::done_if(!leg.is_playing());
        self.carry_out_on(at, LegCommand::StopPlaying, |_, leg| is_quiet(leg)).await
    }
}
