//! One subscription (RFC 6665 section 4.2): when its subscriber is notified, and when it is over. It knows no clock,
//! socket or dialog, and not what the notifications say.

use std::time::Duration;

/// Changes are told at most once in this time (RFC 6665 section 4.2.1.1, RFC 4235 section 3.10).
pub(super) const THROTTLE: Duration = Duration::from_secs(1);

/// One subscription. Instants are of the monotonic clock.
#[derive(Debug)]
pub(super) struct Subscription {
    expires_at: Duration,
    news: News,
    phase: Phase,
    /// When changes may be told again.
    quiet_until: Duration,
}

/// What the subscriber has not been told, the more urgent the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum News {
    Nothing,
    /// Something has changed.
    Changes,
    /// It wants to be told all.
    All,
    /// That it is over.
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// No NOTIFY is under way.
    Idle,
    /// One is.
    Notifying,
    /// The last one is.
    Ending,
    Over,
}

/// A NOTIFY that is to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Notify {
    pub(super) extent: Extent,
    /// How long the subscription lasts yet; `None` if it ends with this (`terminated;reason=timeout`).
    pub(super) left: Option<Duration>,
}

/// How much a NOTIFY says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// All that is known.
    Full,
    /// What has changed since the last one.
    Partial,
}

/// What became of a NOTIFY.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    /// The subscriber has taken it.
    Taken,
    /// It has not, or was not there (RFC 6665 section 4.2.2): it wants no more.
    Failed,
}

impl Subscription {
    /// One that was just asked for. Of no length, it is told all once and is over.
    pub(super) fn begin(length: Duration, now: Duration) -> Self {
        let mut begun =
            Self { expires_at: now, news: News::Nothing, phase: Phase::Idle, quiet_until: Duration::ZERO };
        begun.refresh(length, now);
        begun
    }

    /// Its subscriber wants it for so long from now; no length ends it.
    pub(super) fn refresh(&mut self, length: Duration, now: Duration) {
        self.expires_at = now + length;
        self.hear(if length.is_zero() { News::End } else { News::All });
    }

    /// What it is about has changed.
    pub(super) fn change(&mut self) {
        self.hear(News::Changes);
    }

    /// What became of the NOTIFY that is under way.
    pub(super) fn delivered(&mut self, delivery: Delivery) {
        self.phase = match (self.phase, delivery) {
            (Phase::Notifying, Delivery::Taken) => Phase::Idle,
            (phase @ Phase::Idle, _) => phase,
            (Phase::Notifying, Delivery::Failed) | (Phase::Ending | Phase::Over, _) => Phase::Over,
        };
    }

    /// The NOTIFY that is due now, which is under way then.
    pub(super) fn poll(&mut self, now: Duration) -> Option<Notify> {
        if self.phase != Phase::Idle {
            return None;
        }
        if now >= self.expires_at {
            self.news = News::End;
        }
        let extent = match self.news {
            News::Nothing => return None,
            News::Changes if now < self.quiet_until => return None,
            News::Changes => Extent::Partial,
            News::All | News::End => Extent::Full,
        };
        let is_last = self.news == News::End;
        (self.news, self.quiet_until) = (News::Nothing, now + THROTTLE);
        self.phase = if is_last { Phase::Ending } else { Phase::Notifying };
        Some(Notify { extent, left: (!is_last).then(|| self.expires_at.saturating_sub(now)) })
    }

    /// When it must be polled at the latest; `None` while that brings nothing.
    pub(super) fn deadline(&self) -> Option<Duration> {
        match (self.phase, self.news) {
            (Phase::Notifying | Phase::Ending | Phase::Over, _) => None,
            (Phase::Idle, News::Nothing) => Some(self.expires_at),
            (Phase::Idle, News::Changes) => Some(self.quiet_until.min(self.expires_at)),
            (Phase::Idle, News::All | News::End) => Some(Duration::ZERO),
        }
    }

    /// Whether it can be forgotten.
    pub(super) fn is_over(&self) -> bool {
        self.phase == Phase::Over
    }

    /// Whether its last NOTIFY is under way, or was answered: it cannot be refreshed any more.
    pub(super) fn is_ending(&self) -> bool {
        matches!(self.phase, Phase::Ending | Phase::Over)
    }

    fn hear(&mut self, news: News) {
        // A refresh takes back an end that nobody was told of.
        let is_revived = self.news == News::End && news == News::All;
        self.news = if is_revived { news } else { self.news.max(news) };
    }
}

#[cfg(test)]
mod tests;
