//! Session timers (RFC 4028): how long an answered leg lives without a refresh, and who refreshes it.

use std::time::Duration;

use crate::{
    message::{Expires, Refresher, SessionTimer},
    settings::SessionLimits,
};

/// The shortest session that may be asked for (section 4).
pub(crate) const SHORTEST: Duration = Duration::from_secs(90);

/// How long before its end a session that was not refreshed is given up at the most (section 10).
const MARGIN: Duration = Duration::from_secs(32);

/// How long a leg lives without a refresh.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lifetime {
    pub(crate) interval: Duration,
    shortest: Duration,
    is_ours: bool,
    /// When we refresh it.
    refresh_at: Option<Duration>,
    ends_at: Duration,
}

/// What is due of a lifetime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    Refresh,
    End,
}

impl Lifetime {
    /// What a party has agreed to where we asked (section 7.2). One that does not know the extension leaves
    /// the refreshes to us.
    pub(crate) fn agreed_by_peer(
        answer: &SessionTimer,
        wanted: Duration,
        (limits, now): (&SessionLimits, Duration),
    ) -> Self {
        let (interval, is_ours) = match answer.expires {
            Some(Expires { interval, refresher: Some(Refresher::Server) }) => (interval, false),
            Some(Expires { interval, .. }) => (interval, true),
            None => (wanted, true),
        };
        Self::new(interval, is_ours, (limits, now))
    }

    /// What we agree to where a party asks (section 9), and what the answer says of it.
    pub(crate) fn agreed_by_us(
        request: &SessionTimer,
        (limits, now): (&SessionLimits, Duration),
    ) -> (Self, SessionTimer) {
        let (wish, refresher) =
            request.expires.map_or((limits.longest, None), |asked| (asked.interval, asked.refresher));
        let interval = wish.min(limits.longest.max(request.shortest.unwrap_or(SHORTEST)));
        let refresher = match refresher {
            _ if !request.is_known => Refresher::Server,
            Some(refresher) => refresher,
            None => Refresher::Client,
        };
        let told = Some(Expires { interval, refresher: Some(refresher) });
        // Who does not know the extension is not told of it, and what we do is the same.
        let answer = match request.is_known || refresher == Refresher::Client {
            true => SessionTimer { is_known: true, expires: told, shortest: None },
            false => SessionTimer::default(),
        };
        (Self::new(interval, refresher == Refresher::Server, (limits, now)), answer)
    }

    fn new(interval: Duration, is_ours: bool, (limits, now): (&SessionLimits, Duration)) -> Self {
        let refresh_at = is_ours.then(|| now + interval / 2);
        let ends_at = now + interval - MARGIN.min(interval / 3);
        Self { interval, shortest: limits.shortest, is_ours, refresh_at, ends_at }
    }

    /// What a request of ours says of it.
    pub(crate) fn asked(&self) -> SessionTimer {
        let refresher = if self.is_ours { Refresher::Client } else { Refresher::Server };
        SessionTimer {
            is_known: true,
            expires: Some(Expires { interval: self.interval, refresher: Some(refresher) }),
            shortest: Some(self.shortest),
        }
    }

    pub(crate) fn deadline(&self) -> Duration {
        self.refresh_at.map_or(self.ends_at, |at| at.min(self.ends_at))
    }

    /// What is due by now. A refresh is due once.
    pub(crate) fn on_time(&mut self, now: Duration) -> Option<Due> {
        if now >= self.ends_at {
            return Some(Due::End);
        }
        self.refresh_at.take_if(|at| now >= *at).map(|_| Due::Refresh)
    }

    /// Lets it be refreshed later.
    pub(crate) fn rest_until(&mut self, at: Duration) {
        self.refresh_at = Some(at);
    }
}

/// Whether a request asks for a session that is too short for us (section 9). Who does not know the
/// extension could not do anything about a refusal.
pub(crate) fn is_too_short(request: &SessionTimer, limits: &SessionLimits) -> bool {
    request.is_known && request.expires.is_some_and(|asked| asked.interval < limits.shortest)
}

/// What an INVITE says that begins a leg.
pub(crate) fn wish(limits: &SessionLimits, least: Duration) -> SessionTimer {
    if limits.longest.is_zero() {
        return SessionTimer { is_known: true, ..SessionTimer::default() };
    }
    let interval = limits.longest.max(least);
    let expires = Some(Expires { interval, refresher: None });
    SessionTimer { is_known: true, expires, shortest: Some(limits.shortest.max(least)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: SessionLimits =
        SessionLimits { longest: Duration::from_secs(1800), shortest: Duration::from_secs(90) };

    fn asked(is_known: bool, interval: u64, refresher: Option<Refresher>, shortest: u64) -> SessionTimer {
        let seconds = |seconds| (seconds > 0).then(|| Duration::from_secs(seconds));
        let expires = seconds(interval).map(|interval| Expires { interval, refresher });
        SessionTimer { is_known, expires, shortest: seconds(shortest) }
    }

    #[test]
    fn terms_follow_the_table_of_section_9() {
        use Refresher::{Client, Server};
        let cases = [
            (asked(false, 0, None, 0), 1800, None),
            (asked(true, 0, None, 0), 1800, Some(Client)),
            (asked(true, 600, None, 0), 600, Some(Client)),
            (asked(true, 600, Some(Server), 0), 600, Some(Server)),
            (asked(true, 7200, None, 3600), 3600, Some(Client)),
            (asked(true, 7200, Some(Client), 0), 1800, Some(Client)),
            (asked(false, 600, None, 0), 600, None),
        ];
        for (request, seconds, refresher) in cases {
            let (lifetime, answer) = Lifetime::agreed_by_us(&request, (&LIMITS, Duration::ZERO));
            assert_eq!(lifetime.interval, Duration::from_secs(seconds), "{request:?}");
            assert_eq!(answer.expires.map(|expires| expires.refresher), refresher.map(Some), "{request:?}");
        }
    }

    #[test]
    fn a_session_is_too_short_only_for_who_could_make_it_longer() {
        for (is_known, interval, expected) in
            [(true, 60, true), (true, 90, false), (false, 60, false), (true, 0, false)]
        {
            assert_eq!(is_too_short(&asked(is_known, interval, None, 0), &LIMITS), expected);
        }
    }

    #[test]
    fn who_refreshes_does_so_at_half_time_and_the_other_waits_for_the_end() {
        let (mut ours, _) = Lifetime::agreed_by_us(&asked(false, 0, None, 0), (&LIMITS, Duration::ZERO));
        assert_eq!(ours.deadline(), Duration::from_secs(900));
        assert_eq!(ours.on_time(Duration::from_secs(900)), Some(Due::Refresh));
        assert_eq!(ours.on_time(Duration::from_secs(900)), None);
        assert_eq!(
            (ours.deadline(), ours.on_time(ours.deadline())),
            (Duration::from_secs(1768), Some(Due::End))
        );
        let (theirs, _) = Lifetime::agreed_by_us(&asked(true, 90, None, 0), (&LIMITS, Duration::ZERO));
        assert_eq!(theirs.deadline(), Duration::from_secs(60));
    }
}
