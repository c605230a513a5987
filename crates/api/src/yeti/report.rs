//! Reports of active calls: their parameters, and their points (contract yeti.md, 5.5, 6.2 and 6.5).

mod parameters;

use call::{AccountId, Registry, Timestamp, activity::ActivityFilter, event::Side, series::Grid};
use directory::{Access, Snapshot};
use history::HistoryError;

use self::parameters::Parameters;
use super::{
    activity::{Activity, LONGEST, MINUTE},
    errors::report::ParameterError,
    query::Query,
    wire::active_calls::{ActiveCallsWire, SeriesWire},
};
use crate::App;

/// What a report is asked for.
#[derive(Debug)]
pub struct ReportRequest {
    account: AccountId,
    from: Timestamp,
    to: Option<Timestamp>,
    filter: ActivityFilter,
    side: Side,
}

impl ReportRequest {
    /// Reads the parameters: first whether the required ones are there, then each in the order in which it
    /// was sent.
    pub fn read(
        query: &Query,
        side: Side,
        access: &Access,
        directory: &Snapshot,
    ) -> Result<Self, ParameterError> {
        let sent = parameters::sent(query, side);
        let required = ["account-id", "from-time"].into_iter();
        let missing: Vec<_> = required.filter(|name| sent.iter().all(|(known, _)| known != name)).collect();
        if !missing.is_empty() {
            return Err(ParameterError::Missing(missing));
        }
        let Parameters { account, from, to, filter } = Parameters::read(&sent, access, directory)?;
        Ok(Self {
            account: account.ok_or(ParameterError::Invalid("account-id"))?,
            from: from.ok_or(ParameterError::Invalid("from-time"))?,
            to,
            filter,
            side,
        })
    }

    /// Whether it begins after the present.
    pub fn is_future(&self, now: Timestamp) -> bool {
        self.from > now
    }

    /// The report: a point at each whole minute from the first at or after the beginning to the last at or
    /// before the end and the present.
    pub async fn run(&self, app: &App, live: &Registry, now: Timestamp) -> Result<ActiveCallsWire, RunError> {
        let to = self.to.unwrap_or(now).min(now);
        if to.since(self.from) > LONGEST {
            return Err(ParameterError::Invalid("from-time").into());
        }
        let activity = Activity {
            history: &*app.history,
            live,
            account: self.account,
            side: self.side,
            filter: self.filter.clone(),
        };
        let calls = activity.per_minute(self.from, to).await?;
        let t = Grid::aligned(self.from, to, MINUTE).instants().map(Timestamp::as_seconds).collect();
        Ok(ActiveCallsWire { rows: calls.len(), data: SeriesWire { t, calls } })
    }
}

/// Why a report cannot be given.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It spans too long a time.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// The store failed.
    #[error(transparent)]
    History(#[from] HistoryError),
}
