//! Parties that have vanished: whoever should be heard and sends neither RTP nor RTCP for too long.

use std::time::Duration;

use call::LegId;

use super::{Call, Phase};
use crate::{Context, leg::Leg};

/// When media was last seen to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watch {
    /// Since then the parties that talk now may be expected to be heard.
    flowing_since: Duration,
    /// Nobody can have been silent for too long before; `None` while nobody is to be heard.
    next: Option<Duration>,
}

impl Watch {
    pub(super) const fn start(now: Duration) -> Self {
        Self { flowing_since: now, next: None }
    }

    /// Who hears whom has changed.
    pub(super) fn restart(&mut self, now: Duration) {
        *self = Self { flowing_since: now, next: Some(now) };
    }
}

impl Call {
    /// When parties are next to be looked at.
    pub(super) fn watch_ends(&self) -> Option<Duration> {
        self.watch.next.filter(|_| !matches!(self.phase, Phase::Ending))
    }

    /// Ends the call of a party that has been silent for too long.
    pub(super) fn watch_media(&mut self, cx: &mut Context<'_>) {
        let now = cx.now.monotonic;
        if self.watch_ends().is_none_or(|ends| now < ends) {
            return;
        }
        self.watch.next = None;
        let Some(limit) = cx.settings.silence_timeout.filter(|_| !cx.is_direct()) else { return };
        let talking = self.legs.iter().filter(|leg| self.should_be_heard(leg)).map(|leg| leg.id);
        let longest = talking.map(|leg| (self.silence_of(leg, cx), leg)).max();
        let Some((silence, leg)) = longest else { return };
        if silence >= limit {
            return self.on_breakdown(leg, cx);
        }
        self.watch.next = Some(now + (limit - silence).max(Duration::from_millis(1)));
    }

    /// Whether a leg talks with another and neither holds the other.
    fn should_be_heard(&self, leg: &Leg) -> bool {
        let talks = |leg: &Leg| leg.is_up() && !leg.holds();
        talks(leg) && self.peer_of(leg.id).and_then(|peer| self.leg(peer)).is_some_and(talks)
    }

    fn silence_of(&self, leg: LegId, cx: &Context<'_>) -> Duration {
        let expected = cx.now.monotonic.saturating_sub(self.watch.flowing_since);
        cx.world.silent_for(leg).map_or(expected, |silence| silence.min(expected))
    }
}
