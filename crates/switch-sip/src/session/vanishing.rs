//! Parties that have vanished: whoever should be heard and sends neither RTP nor RTCP for too long.

use std::time::Duration;

use call::LegId;
use tokio::time::Instant;

use super::{Session, leg::Leg};

/// When media was last seen to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watch {
    /// Since then the parties that talk now may be expected to be heard.
    flowing_since: Instant,
    /// Nobody can have been silent for too long before.
    next: Instant,
}

impl Watch {
    pub(super) fn new() -> Self {
        Self { flowing_since: Instant::now(), next: Instant::now() }
    }

    /// Who hears whom has changed.
    pub(super) fn restart(&mut self) {
        self.flowing_since = Instant::now();
    }
}

impl Session {
    /// When parties are next to be looked at.
    pub(super) fn watch_ends(&self) -> Option<Instant> {
        self.core.config.silence_timeout.filter(|_| self.core.relay.is_some()).map(|_| self.watch.next)
    }

    /// Ends the call of a party that has been silent for too long.
    pub(super) fn watch_media(&mut self, now: Instant) {
        let limit =
            self.core.config.silence_timeout.filter(|_| self.watch_ends().is_some_and(|ends| now >= ends));
        let Some(limit) = limit else { return };
        let talking: Vec<_> =
            self.legs.iter().filter(|leg| self.should_be_heard(leg)).map(|leg| leg.id).collect();
        let silences = talking.into_iter().map(|leg| (self.silence_of(leg, now), leg));
        let (silence, leg) = silences.max_by_key(|(silence, _)| *silence).unzip();
        self.watch.next =
            now + limit.saturating_sub(silence.unwrap_or_default()).max(Duration::from_millis(1));
        if silence >= Some(limit)
            && let Some(leg) = leg
        {
            tracing::info!(%leg, "a party has sent no media for too long");
            self.on_breakdown(leg);
        }
    }

    /// Whether a leg talks with another and neither holds the other.
    fn should_be_heard(&self, leg: &Leg) -> bool {
        let talks = |leg: &Leg| leg.is_answered() && !leg.is_holding;
        talks(leg) && leg.peer.and_then(|peer| self.leg(peer)).is_some_and(talks)
    }

    fn silence_of(&self, leg: LegId, now: Instant) -> Duration {
        let expected = now.saturating_duration_since(self.watch.flowing_since);
        let heard = self.media.known(leg).and_then(|media| media.silent_for());
        heard.map_or(expected, |silence| silence.min(expected))
    }
}
