//! The words of a line, one after the other, and what they mean.

use std::time::Duration;

use call::{
    command::RecordingKind,
    event::{EndCause, Releaser, TransferMode},
    record::{Disposition, InteractionKind, ReleasedBy},
    state::Phase,
};

/// What is left of a line.
pub(super) struct Words<'a> {
    rest: &'a str,
}

impl<'a> Words<'a> {
    pub(super) fn of(line: &'a str) -> Self {
        Self { rest: line.trim() }
    }

    pub(super) fn next(&mut self) -> Option<&'a str> {
        let (word, rest) = self.rest.split_once(char::is_whitespace).unwrap_or((self.rest, ""));
        self.rest = rest.trim_start();
        (!word.is_empty()).then_some(word)
    }

    /// The next word, which is `what`.
    pub(super) fn need(&mut self, what: &str) -> Result<&'a str, String> {
        self.next().ok_or_else(|| format!("the line ends where {what} is expected"))
    }

    /// Passes over `word`.
    pub(super) fn expect(&mut self, word: &str) -> Result<(), String> {
        match self.need(&format!("`{word}`"))? {
            found if found == word => Ok(()),
            found => Err(format!("`{found}` stands where `{word}` is expected")),
        }
    }

    /// Passes over `word` if it comes next.
    pub(super) fn skip(&mut self, word: &str) -> bool {
        let mut after = Self { rest: self.rest };
        let comes_next = after.next() == Some(word);
        if comes_next {
            self.rest = after.rest;
        }
        comes_next
    }

    /// All that is left, as it is written.
    pub(super) fn take_rest(&mut self) -> &'a str {
        std::mem::take(&mut self.rest)
    }

    pub(super) fn end(&self) -> Result<(), String> {
        if self.rest.is_empty() { Ok(()) } else { Err(format!("`{}` is too much", self.rest)) }
    }
}

/// What `word` stands for.
pub(super) fn pick<T: Clone>(what: &str, word: &str, known: &[(&str, T)]) -> Result<T, String> {
    let found = known.iter().find(|(name, _)| *name == word).map(|(_, value)| value.clone());
    found.ok_or_else(|| {
        let names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
        format!("`{word}` is not a known {what}; accepted: {}", names.join(", "))
    })
}

/// The word for `value`.
pub(super) fn name<T: PartialEq>(value: &T, known: &[(&'static str, T)]) -> &'static str {
    known.iter().find(|(_, candidate)| candidate == value).map_or("?", |(name, _)| name)
}

/// Seconds with up to six decimal places.
pub(super) fn seconds(word: &str) -> Result<Duration, String> {
    let wrong = || format!("`{word}` is not a time in seconds such as 6.020");
    let (whole, fraction) = word.split_once('.').unwrap_or((word, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) || fraction.len() > 6 {
        return Err(wrong());
    }
    let micros: u64 = format!("{fraction:0<6}").parse().map_err(|_| wrong())?;
    let seconds: u64 = whole.parse().map_err(|_| wrong())?;
    Ok(Duration::from_secs(seconds) + Duration::from_micros(micros))
}

/// Seconds as tables show them: to the millisecond, finer only where needed.
pub(super) fn show_seconds(length: Duration) -> String {
    let micros = length.subsec_micros();
    match micros % 1_000 {
        0 => format!("{}.{:03}", length.as_secs(), micros / 1_000),
        _ => format!("{}.{micros:06}", length.as_secs()),
    }
}

pub(super) const CAUSES: [(&str, EndCause); 12] = [
    ("normal", EndCause::Normal),
    ("busy", EndCause::Busy),
    ("no-answer", EndCause::NoAnswer),
    ("cancelled", EndCause::Cancelled),
    ("rejected", EndCause::Rejected),
    ("no-route", EndCause::NoRoute),
    ("unavailable", EndCause::Unavailable),
    ("answered-elsewhere", EndCause::AnsweredElsewhere),
    ("transferred", EndCause::Transferred),
    ("limit", EndCause::Limit),
    ("failed", EndCause::Failed),
    ("interrupted", EndCause::Interrupted),
];

pub(super) const RELEASERS: [(&str, Releaser); 3] =
    [("party", Releaser::Party), ("switch", Releaser::Switch), ("command", Releaser::Command)];

pub(super) const TRANSFER_MODES: [(&str, TransferMode); 2] =
    [("blind", TransferMode::Blind), ("attended", TransferMode::Attended)];

pub(super) const RECORDING_KINDS: [(&str, RecordingKind); 2] =
    [("standing", RecordingKind::Standing), ("on-demand", RecordingKind::OnDemand)];

pub(super) const PHASES: [(&str, Phase); 6] = [
    ("dialing", Phase::Dialing),
    ("ringing", Phase::Ringing),
    ("talking", Phase::Talking),
    ("on-hold", Phase::OnHold),
    ("transferring", Phase::Transferring),
    ("over", Phase::Over),
];

pub(super) const DISPOSITIONS: [(&str, Disposition); 9] = [
    ("answered", Disposition::Answered),
    ("busy", Disposition::Busy),
    ("no-answer", Disposition::NoAnswer),
    ("cancelled", Disposition::Cancelled),
    ("rejected", Disposition::Rejected),
    ("no-route", Disposition::NoRoute),
    ("unavailable", Disposition::Unavailable),
    ("limit", Disposition::Limit),
    ("failed", Disposition::Failed),
];

pub(super) const RELEASED_BY: [(&str, ReleasedBy); 4] = [
    ("caller", ReleasedBy::Caller),
    ("callee", ReleasedBy::Callee),
    ("switch", ReleasedBy::Switch),
    ("command", ReleasedBy::Command),
];

pub(super) const INTERACTIONS: [(&str, InteractionKind); 8] = [
    ("answered", InteractionKind::Answered),
    ("held", InteractionKind::Held),
    ("retrieved", InteractionKind::Retrieved),
    ("transfer-attempted", InteractionKind::TransferAttempted),
    ("transfer-completed", InteractionKind::TransferCompleted),
    ("transfer-stopped", InteractionKind::TransferStopped),
    ("parked", InteractionKind::Parked),
    ("hung-up", InteractionKind::HungUp),
];
