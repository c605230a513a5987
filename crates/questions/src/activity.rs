//! How many calls of an account were active at some instants: those that are over from the history, and those that
//! go on.

use std::time::Duration;

use call::{
    AccountId, Registry,
    activity::ActiveCall,
    event::Side,
    filter::{CallFilter, TextKind, TextOperator, TextTest},
    series::Grid,
};
use history::{HistoryError, Reports};

/// What began in a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Started {
    /// How many calls.
    pub calls: u32,
    /// The most of them within one second, from a whole one to the next.
    pub within_a_second: u32,
}

/// How much time is looked at at once for peaks.
const PART: Duration = Duration::from_secs(7 * 86_400);

/// The calls of one side of an account.
pub struct Activity<'a> {
    /// Where finished calls are.
    pub history: &'a dyn Reports,
    /// The live calls, as they were before the history is asked: a call that ends in between is then in
    /// both, and counted once.
    pub live: &'a Registry,
    /// The account.
    pub account: AccountId,
    /// Its side of the calls.
    pub side: Side,
    /// Which calls count, and when.
    pub filter: CallFilter,
}

/// Calls to numbers of a country (ISO 3166-1 alpha-2), and to numbers that begin with some digits; of each, any if
/// `None`. `None` of a country that there is not.
pub fn called(country: Option<&str>, prefix: Option<&str>) -> Option<CallFilter> {
    let code =
        |text: &str| isocountry::CountryCode::for_alpha2_caseless(text).ok().map(|code| code.numeric_id());
    let called_country = match country {
        Some(text) => Some(u16::try_from(code(text)?).ok()?),
        None => None,
    };
    let begins =
        |digits: &str| TextTest::new(TextKind::Number, TextOperator::StartsWith, vec![digits.to_owned()]);
    Some(CallFilter {
        called: prefix.map(begins).into_iter().collect(),
        called_country,
        ..CallFilter::default()
    })
}

impl Activity<'_> {
    /// How many were active at each instant of the grid.
    pub async fn at(&self, grid: Grid) -> Result<Vec<u32>, HistoryError> {
        let live = self.live_calls();
        self.history.active_calls(self.account, self.side, grid, self.filter.clone(), live).await
    }

    /// The most that were active at any time from each instant of the grid to just before the next.
    ///
    /// Takes memory in proportion to the calls of a part of the time.
    pub async fn peaks(&self, grid: Grid) -> Result<Vec<u32>, HistoryError> {
        let (parts, each) = grid.of_peaks().parts(PART);
        let mut peaks = Vec::new();
        for part in parts {
            peaks.extend(self.at(part).await?);
        }
        Ok(peaks.chunks(each).map(|some| some.iter().copied().max().unwrap_or_default()).collect())
    }

    /// What began in each step of the grid. Steps are whole seconds.
    pub async fn started(&self, grid: Grid, step: Duration) -> Result<Vec<Started>, HistoryError> {
        let each = usize::try_from(step.as_secs()).unwrap_or(usize::MAX).max(1);
        let mut steps = vec![Started::default(); grid.len()];
        let mut seconds = 0..;
        for part in grid.of_starts().seconds().parts(PART).0 {
            for (calls, second) in self.at(part).await?.into_iter().zip(seconds.by_ref()) {
                let step: &mut Started = &mut steps[second / each];
                step.calls += calls;
                step.within_a_second = step.within_a_second.max(calls);
            }
        }
        Ok(steps)
    }

    /// How many calls go on.
    pub fn live_count(&self) -> u32 {
        let going_on = self.live_calls().into_iter().filter(|call| call.ended_at.is_none()).count();
        u32::try_from(going_on).unwrap_or(u32::MAX)
    }

    fn live_calls(&self) -> Vec<ActiveCall> {
        let calls = self.live.calls_of(self.account).chain(self.live.calls_left_by(self.account));
        calls.flat_map(|call| ActiveCall::live(call, self.account, self.side)).collect()
    }
}
