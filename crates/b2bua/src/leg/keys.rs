//! Keys that a party is sent by INFO, one after the other.

use std::{collections::VecDeque, time::Duration};

use crate::message::{Body, ClientTx, Content};

/// The body of an INFO with one key, as it became customary.
const RELAY: &str = "application/dtmf-relay";
/// The same with nothing but the key.
const PLAIN: &str = "application/dtmf";
/// From the answer to one INFO to the next.
pub(crate) const PAUSE: Duration = Duration::from_millis(50);

/// Keys that wait to be sent.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    waiting: VecDeque<char>,
    state: State,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Idle,
    /// This INFO waits for its answer.
    Sent(ClientTx),
    /// The next key waits until then.
    Resting(Duration),
}

impl Keys {
    pub(crate) fn extend(&mut self, keys: &str) {
        self.waiting.extend(keys.chars());
    }

    /// The next key, if it may be sent now.
    pub(crate) fn next(&mut self, now: Duration) -> Option<Body> {
        let may_be_sent = match self.state {
            State::Idle => true,
            State::Sent(_) => false,
            State::Resting(until) => now >= until,
        };
        let key = if may_be_sent { self.waiting.pop_front()? } else { return None };
        let bytes = format!("Signal={key}\r\nDuration=100\r\n").into_bytes().into();
        Some(Body::Other(Content { kind: RELAY.into(), bytes }))
    }

    pub(crate) fn sent(&mut self, info: ClientTx) {
        self.state = State::Sent(info);
    }

    /// An INFO is answered; says whether it was one of these. A party that refuses one key is not spared the
    /// others: the next may be one that it takes.
    pub(crate) fn answered(&mut self, info: ClientTx, now: Duration) -> bool {
        let is_ours = matches!(self.state, State::Sent(sent) if sent == info);
        if is_ours {
            self.state = if self.waiting.is_empty() { State::Idle } else { State::Resting(now + PAUSE) };
        }
        is_ours
    }

    pub(crate) fn deadline(&self) -> Option<Duration> {
        match self.state {
            State::Resting(until) => Some(until),
            State::Idle | State::Sent(_) => None,
        }
    }
}

/// The key that the body of an INFO tells of.
pub(crate) fn key_of(body: &Body) -> Option<char> {
    let Body::Other(Content { kind, bytes }) = body else { return None };
    let kind = kind.split(';').next()?.trim().to_ascii_lowercase();
    let text = std::str::from_utf8(bytes).ok()?;
    let key = match kind.as_str() {
        PLAIN => text.trim(),
        RELAY => {
            let fields = text.lines().filter_map(|line| line.split_once('='));
            let mut signals = fields.filter(|(name, _)| name.trim().eq_ignore_ascii_case("signal"));
            signals.next()?.1.trim()
        }
        _ => return None,
    };
    let key = match key {
        // Some write the number of the event.
        "10" => '*',
        "11" => '#',
        _ => key.parse::<char>().ok()?.to_ascii_uppercase(),
    };
    matches!(key, '0'..='9' | '*' | '#' | 'A'..='D').then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_phones_write_them() {
        let cases = [
            (PLAIN, "5", Some('5')),
            ("Application/DTMF-Relay; x=y", "Signal= 11\r\nDuration=160", Some('#')),
            (RELAY, "signal=b\n", Some('B')),
            (RELAY, "Duration=160", None),
            (PLAIN, "12", None),
            ("text/plain", "5", None),
        ];
        for (kind, text, expected) in cases {
            let content = Content { kind: kind.into(), bytes: text.as_bytes().into() };
            assert_eq!(key_of(&Body::Other(content)), expected, "{kind} {text}");
        }
    }
}
