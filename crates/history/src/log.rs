//! The event log: what has happened of late, numbered, for those who read along.
//!
//! It is the journal, of which nothing is removed before its time. A number is given once, by the commit that makes
//! the event durable; numbers grow, without one left out.

use std::{ops::Range, sync::Arc};

use call::{AccountId, CallEvent, CallId, CustomerId, DeviceId, Notice, Timestamp, TrunkId};

/// An event of a call, and whom it concerns.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// What happened.
    pub event: Arc<CallEvent>,
    /// To whom.
    pub concerned: Concerned,
}

/// Whom and what an event concerns, as things stood when it happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Concerned {
    /// The accounts that may learn of it.
    pub accounts: Vec<AccountId>,
    /// The account that pays for the call.
    pub origination: Option<AccountId>,
    /// Whose the inner facts are: the phone's, numbers as they are dialed there, addresses.
    pub customer: Option<CustomerId>,
    /// The phones of the legs that it is about.
    pub devices: Vec<DeviceId>,
    /// The trunks of these legs.
    pub trunks: Vec<TrunkId>,
}

/// An event of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct LogEntry {
    /// Its number: 1 for the first, and one more for each.
    pub number: u64,
    /// Whom it concerns.
    pub concerned: Concerned,
    /// What happened.
    pub what: Happening,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    /// To a call.
    Call(Arc<CallEvent>),
    /// Beside calls.
    Other(Notice),
}

/// Which events are wanted. What is left out does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Those of these accounts; the same that the reader may see, or fewer.
    pub accounts: Vec<AccountId>,
    /// Those of a call.
    pub call: Option<CallId>,
    /// Those of legs of one of these phones.
    pub devices: Option<Vec<DeviceId>>,
    /// Those of legs of a trunk.
    pub trunk: Option<TrunkId>,
}

/// What a reader asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogQuery {
    /// Which events.
    pub filter: LogFilter,
    /// Those with greater numbers than this.
    pub after: u64,
    /// No more than so many.
    pub limit: usize,
}

/// A part of the log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogPage {
    /// The numbers after the one asked for whose events are no longer kept, or are of another log.
    pub gap: Option<Range<u64>>,
    /// The events, by number.
    pub entries: Vec<Arc<LogEntry>>,
    /// All up to this number has been looked at: the next question is for what comes after it.
    pub through: u64,
}

impl LogPage {
    /// A page of what comes after a number, before anything is found, of a log that reaches from `floor` to `latest`.
    pub(crate) fn beginning(after: u64, floor: u64, latest: u64) -> Self {
        let is_short = after + 1 < floor;
        // Somebody who knows more than there is read another log: one that a backup has taken the place of.
        let gap = match after > latest {
            true => Some(latest + 1..after + 1),
            false => is_short.then(|| after + 1..floor),
        };
        let through = if is_short { floor - 1 } else { after.min(latest) };
        Self { gap, entries: Vec::new(), through }
    }

    /// Looks at these, until there are as many as were asked for.
    pub(crate) fn take<'a>(&mut self, entries: impl Iterator<Item = &'a Arc<LogEntry>>, query: &LogQuery) {
        let through = self.through;
        for entry in entries.filter(|entry| entry.number > through) {
            if self.entries.len() >= query.limit {
                return;
            }
            self.through = entry.number;
            if query.filter.wants(entry) {
                self.entries.push(entry.clone());
            }
        }
    }
}

impl From<Arc<CallEvent>> for Told {
    /// An event that concerns nobody.
    fn from(event: Arc<CallEvent>) -> Self {
        Self { event, concerned: Concerned::default() }
    }
}

impl From<&Notice> for Concerned {
    fn from(notice: &Notice) -> Self {
        Self {
            accounts: notice.accounts.clone(),
            devices: notice.kind.device().into_iter().collect(),
            trunks: notice.kind.trunk().into_iter().collect(),
            ..Self::default()
        }
    }
}

impl LogEntry {
    /// When it happened.
    pub fn at(&self) -> Timestamp {
        match &self.what {
            Happening::Call(event) => event.at,
            Happening::Other(notice) => notice.at,
        }
    }

    /// The call that it is about.
    pub fn call(&self) -> Option<CallId> {
        match &self.what {
            Happening::Call(event) => Some(event.call_id),
            Happening::Other(notice) => notice.kind.call(),
        }
    }
}

impl LogFilter {
    /// All events of these accounts.
    pub fn of(accounts: &[AccountId]) -> Self {
        Self { accounts: accounts.to_vec(), ..Self::default() }
    }

    /// Whether an event is wanted.
    pub fn wants(&self, entry: &LogEntry) -> bool {
        let concerned = &entry.concerned;
        let is_of = |devices: &Vec<DeviceId>| concerned.devices.iter().any(|it| devices.contains(it));
        concerned.accounts.iter().any(|account| self.accounts.contains(account))
            && self.call.is_none_or(|call| entry.call() == Some(call))
            && self.devices.as_ref().is_none_or(is_of)
            && self.trunk.is_none_or(|trunk| concerned.trunks.contains(&trunk))
    }
}
