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
