//! Word of limits that have bitten, for whoever wants to know as it happens.

use call::{AccountId, CallId, Payer, TrunkId};
use tokio::sync::broadcast;

use crate::routing::Refused;

/// Notices that are kept for a reader that falls behind; it misses the oldest beyond that.
const ROOM: usize = 1_024;

/// A limit of an account, of one of its phones or of one of its trunks has bitten, or bites no longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitNotice {
    /// The account.
    pub account: AccountId,
    /// Who is held to the limit: the account, or a phone of it.
    pub payer: Payer,
    /// What has come of it.
    pub outcome: Outcome,
}

/// What has come of a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A call was not let through.
    Refused(Refused),
    /// There was no room for a call.
    Full {
        /// The limit, in the words of the directory.
        limit: &'static str,
        /// The trunk that it is one of, if it is one of a trunk.
        trunk: Option<TrunkId>,
    },
    /// All is spent that may be: calls that cost something are refused, and those that go on are cut off.
    Stopped(Reached),
    /// Something may be spent again.
    Resumed,
    /// A call was cut off for what it cost.
    CutOff(CallId),
}

/// A bound of what calls may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reached {
    /// The balance of a prepaid account.
    Balance,
    /// Money or minutes of the last hour.
    Hour,
    /// Money or minutes of the last day.
    Day,
}

impl Reached {
    /// The bound in one word, for the log and for what is counted.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Balance => "balance",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }
}

/// Where notices are told and heard. Whoever tells one does not wait, and does not mind that nobody hears.
#[derive(Clone, Debug)]
pub struct LimitNotices(broadcast::Sender<LimitNotice>);

impl Default for LimitNotices {
    fn default() -> Self {
        Self(broadcast::Sender::new(ROOM))
    }
}

impl LimitNotices {
    /// Tells that a limit has bitten.
    pub fn tell(&self, notice: LimitNotice) {
        // That nobody listens is no fault.
        let _ = self.0.send(notice);
    }

    /// What is told from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<LimitNotice> {
        self.0.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::broadcast::error::TryRecvError;

    use super::*;

    #[test]
    fn a_reader_that_falls_behind_misses_the_oldest() {
        let notices = LimitNotices::default();
        let mut heard = notices.subscribe();
        for account in 0..=ROOM as u32 {
            let (account, outcome) = (AccountId(account), Outcome::Resumed);
            notices.tell(LimitNotice { account, payer: Payer::Account(account), outcome });
        }
        assert_eq!(heard.try_recv(), Err(TryRecvError::Lagged(1)));
        assert_eq!(heard.try_recv().map(|notice| notice.account), Ok(AccountId(1)));
    }
}
