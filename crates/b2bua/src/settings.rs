//! What the machine is told at its start.

use std::time::Duration;

use crate::features::FeatureCodes;

/// What the machine is told at its start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which way media goes.
    pub media: MediaMode,
    /// How long a party that should be heard may send nothing before its call ends; `None` for ever. One that
    /// need not be heard, for its media goes past the switch or it is on hold or parked, is asked whether it is
    /// there when it has sent no SIP for as long.
    pub silence_timeout: Option<Duration>,
    /// Calls at one time; further ones get 503.
    pub max_calls: usize,
    /// How long the called party may ring.
    pub no_answer: Duration,
    /// T1 of RFC 3261 section 17.1.1.1: what is to be acknowledged is sent again after it, and given up after
    /// 64 of it.
    pub t1: Duration,
    /// How long a trunk may say nothing at all to an INVITE before the next one is tried.
    pub trunk_silence: Duration,
    /// Whether a trunk may send the party that it talks to elsewhere by REFER.
    pub refer_from_trunks: bool,
    /// Numbers that ask the switch for something.
    pub features: FeatureCodes,
    /// How long a party waits in a parking slot before who parked it is rung.
    pub park_time: Duration,
    /// How long after a call its phone may say that its after-call work is over.
    pub end_work_within: Duration,
    /// What is told a caller that gets 503 since there is no room at all.
    pub retry_after: Duration,
    /// Whose redirections (3xx) are followed.
    pub redirects: Redirects,
    /// Bounds of sessions that nobody refreshes.
    pub sessions: SessionLimits,
    /// Whether phones are told if a call comes from their own account or from outside, to ring accordingly
    /// (RFC 7462).
    pub rings_by_origin: bool,
    /// Whether there is a folder for recordings.
    pub has_recorder: bool,
}

/// Which way media goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaMode {
    /// Through the switch, which relays it and can speak.
    Anchored,
    /// From end to end: session descriptions pass untouched.
    Direct,
}

/// Whose redirections (3xx) are followed. A call that is redirected and not followed fails there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Redirects {
    /// Those of phones, to where the phone itself could call: call forwarding.
    #[default]
    Phones,
    /// Those of trunks too, to where the caller could call.
    Follow,
    /// Nobody's.
    Refuse,
}

/// How long a session may live without a refresh (RFC 4028).
#[derive(Clone, Copy, Debug)]
pub struct SessionLimits {
    /// What is asked for, and the most that is agreed to; zero to leave sessions without a limit.
    pub longest: Duration,
    /// Less is refused with 422.
    pub shortest: Duration,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self { longest: Duration::from_secs(1800), shortest: Duration::from_secs(90) }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            media: MediaMode::Direct,
            silence_timeout: None,
            max_calls: 10_000,
            no_answer: Duration::from_secs(60),
            t1: Duration::from_millis(500),
            trunk_silence: Duration::from_secs(4),
            refer_from_trunks: false,
            features: FeatureCodes::default(),
            park_time: Duration::from_secs(120),
            end_work_within: Duration::from_secs(3_600),
            retry_after: Duration::from_secs(10),
            redirects: Redirects::default(),
            sessions: SessionLimits::default(),
            rings_by_origin: false,
            has_recorder: false,
        }
    }
}
