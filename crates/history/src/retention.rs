//! How long calls and recordings are kept.

use std::collections::HashMap;

use call::AccountId;

/// How long something of an account is kept: so many days (UTC) after that on which the call began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    /// Calls, with what was noted about them; `None` = for ever.
    pub calls: Option<u32>,
    /// Recordings; `None` = as long as the calls. No recording is kept longer than its call.
    pub recordings: Option<u32>,
}

/// How long calls and recordings are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Of accounts that are not named below.
    pub usual: Keep,
    /// Of accounts with a time of their own.
    pub accounts: HashMap<AccountId, Keep>,
}

impl Retention {
    /// What holds for an account.
    pub fn of(&self, account: AccountId) -> Keep {
        self.accounts.get(&account).copied().unwrap_or(self.usual)
    }

    /// The first day (numbered from 1970 on) whose calls an account keeps; `None` if it keeps all.
    pub(crate) fn first_day(&self, account: AccountId, today: i64) -> Option<i64> {
        self.of(account).calls.map(|days| today - i64::from(days))
    }

    /// The first day whose recordings an account keeps; `None` if it keeps all.
    pub(crate) fn first_recorded_day(&self, account: AccountId, today: i64) -> Option<i64> {
        self.of(account).recorded_days().map(|days| today - i64::from(days))
    }

    /// The first day of which everything is kept by everybody; `None` if everything is.
    pub(crate) fn first_whole_day(&self, today: i64) -> Option<i64> {
        self.shortest(|keep| keep.calls).map(|days| today - i64::from(days))
    }

    /// Whether anybody keeps recordings for a time only.
    pub(crate) fn deletes_recordings(&self) -> bool {
        self.shortest(Keep::recorded_days).is_some()
    }

    fn shortest(&self, days: impl Fn(Keep) -> Option<u32>) -> Option<u32> {
        self.accounts.values().chain([&self.usual]).filter_map(|keep| days(*keep)).min()
    }
}

impl Keep {
    fn recorded_days(self) -> Option<u32> {
        self.recordings.into_iter().chain(self.calls).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_keeps_what_is_said_of_it_and_no_recording_longer_than_its_call() {
        let keep = |calls, recordings| Keep { calls, recordings };
        let accounts = [(AccountId(1), keep(Some(7), Some(30))), (AccountId(2), keep(None, Some(3)))];
        let retention = Retention { usual: keep(Some(90), None), accounts: accounts.into() };
        let [one, two, other] = [1, 2, 3].map(AccountId);
        assert_eq!(
            [one, two, other].map(|account| retention.first_day(account, 100)),
            [Some(93), None, Some(10)]
        );
        let recorded = [one, two, other].map(|account| retention.first_recorded_day(account, 100));
        assert_eq!(recorded, [Some(93), Some(97), Some(10)]);
        assert_eq!(retention.first_whole_day(100), Some(93));
        assert_eq!(Retention::default().first_whole_day(100), None);
        assert_eq!([&retention, &Retention::default()].map(Retention::deletes_recordings), [true, false]);
    }
}
