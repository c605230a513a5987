//! Whether a party is still there that need not be heard: it is asked by an OPTIONS in its dialog (RFC 3261
//! section 11) whenever it has sent nothing for so long.

use std::time::Duration;

use crate::message::{ClientTx, Response};

/// So many questions in a row that do not even reach the party: its connection is lost for good.
const MOST_MISSED: u8 = 3;

/// How far that has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum KeepAlive {
    /// The party is never asked.
    #[default]
    Off,
    /// It was heard of; it is asked then.
    Rests { until: Duration, missed: u8 },
    /// It is asked.
    Asked { options: ClientTx, missed: u8 },
}

impl KeepAlive {
    /// The party was heard of at `now`.
    pub(crate) const fn rest(interval: Option<Duration>, now: Duration) -> Self {
        match interval {
            Some(interval) => Self::Rests { until: now.saturating_add(interval), missed: 0 },
            None => Self::Off,
        }
    }

    pub(crate) const fn deadline(&self) -> Option<Duration> {
        match self {
            Self::Rests { until, .. } => Some(*until),
            Self::Off | Self::Asked { .. } => None,
        }
    }

    /// Whether the party is to be asked by now.
    pub(crate) fn is_due(&self, now: Duration) -> bool {
        self.deadline().is_some_and(|at| now >= at)
    }

    /// It is asked now.
    pub(crate) fn ask(&mut self, options: ClientTx) {
        if let Self::Rests { missed, .. } = *self {
            *self = Self::Asked { options, missed };
        }
    }

    /// Whether this is what it was asked.
    pub(crate) fn is_asked(&self, tx: ClientTx) -> bool {
        matches!(self, Self::Asked { options, .. } if *options == tx)
    }

    /// Takes in the answer; says whether the party is gone. Whoever refuses is there, but for 408 and 481
    /// (RFC 3261 section 12.2.1.2).
    pub(crate) fn hear(&mut self, response: &Response, interval: Option<Duration>, now: Duration) -> bool {
        let Self::Asked { missed, .. } = *self else { return false };
        *self = Self::rest(interval, now);
        match (response.status.code, self) {
            (408 | 481, _) => true,
            (503, Self::Rests { missed: misses, .. }) => {
                *misses = missed + 1;
                *misses >= MOST_MISSED
            }
            (_, _) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_answers_anything_is_there_and_who_cannot_be_reached_for_long_is_not() {
        let cases: [(&[u16], bool); 6] = [
            (&[200, 200], false),
            (&[405, 501], false),
            (&[408], true),
            (&[481], true),
            (&[503, 503, 200, 503, 503], false),
            (&[503, 503, 503], true),
        ];
        let interval = Some(Duration::from_secs(60));
        for (codes, expected) in cases {
            let mut alive = KeepAlive::rest(interval, Duration::ZERO);
            let is_gone = codes.iter().zip(1..).any(|(code, at)| {
                let now = Duration::from_secs(60 * at);
                assert!(alive.is_due(now), "{codes:?}");
                alive.ask(ClientTx(at));
                assert!(alive.is_asked(ClientTx(at)) && alive.deadline().is_none());
                alive.hear(&Response::of(*code), interval, now)
            });
            assert_eq!(is_gone, expected, "{codes:?}");
        }
    }
}
