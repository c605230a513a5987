//! Which calls the demo places. The same seed gives the same calls in the same order.

use std::time::Duration;

use rand::{RngExt, SeedableRng, rngs::StdRng};

/// Extensions whose phones answer.
pub const ANSWERING: [&str; 4] = ["1001", "1002", "1003", "1004"];
/// The extension whose phone is always busy.
pub const BUSY: &str = "1005";
/// The extension whose phone rings for ever.
pub const SILENT: &str = "1006";
/// The outside number that rings extension 1002.
pub const OWN_NUMBER: &str = "+12125550100";
/// An outside number that answers.
pub const OUTSIDE: &str = "+14155550123";

/// One call to place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Who calls: the user part of a phone's address, or `None` for the carrier.
    pub caller: Option<&'static str>,
    /// What is dialled.
    pub dialed: String,
    /// When the caller hangs up or gives up.
    pub patience: Patience,
    /// What the caller does in the middle of an answered call.
    pub deed: Deed,
}

/// What a caller does in the middle of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// It talks.
    Nothing,
    /// It puts the other side on hold for a while.
    Holds,
    /// It hands the other side over to an extension.
    HandsOverTo(&'static str),
}

/// When a caller hangs up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// This long after the answer, if the other side does not hang up first.
    AfterAnswer(Duration),
    /// This long after dialling: before an answering phone answers.
    AfterDialing(Duration),
}

impl Plan {
    /// Whether the phone of this extension has a part in it.
    pub fn is_of(&self, extension: &str) -> bool {
        let is_handed = matches!(self.deed, Deed::HandsOverTo(other) if other == extension);
        self.caller == Some(extension) || self.dialed == extension || is_handed
    }
}

/// An endless row of calls.
pub struct Plans {
    random: StdRng,
}

impl Plans {
    /// The row that belongs to a seed.
    pub fn new(seed: u64) -> Self {
        Self { random: StdRng::seed_from_u64(seed) }
    }

    fn one_of(&mut self, phones: &[&'static str]) -> &'static str {
        phones[self.random.random_range(0..phones.len())]
    }

    fn millis(&mut self, least: u64, most: u64) -> Duration {
        Duration::from_millis(self.random.random_range(least..most))
    }

    fn caller(&mut self) -> &'static str {
        self.one_of(&ANSWERING)
    }

    fn inside(&mut self, caller: &str, outcome: u32) -> String {
        match outcome {
            0..60 => {
                let others: Vec<_> = ANSWERING.into_iter().filter(|phone| *phone != caller).collect();
                self.one_of(&others).to_owned()
            }
            60..72 => BUSY.to_owned(),
            _ => SILENT.to_owned(),
        }
    }

    /// Only phones of the office hold and hand over.
    fn deed(&mut self, caller: &Option<&'static str>, dialed: &str) -> Deed {
        let kind = self.random.random_range(0..100);
        match (kind, caller) {
            (0..20, Some(_)) => Deed::Holds,
            (20..30, Some(caller)) => {
                let others = ANSWERING.into_iter().filter(|phone| phone != caller && *phone != dialed);
                Deed::HandsOverTo(self.one_of(&others.collect::<Vec<_>>()))
            }
            _ => Deed::Nothing,
        }
    }

    /// The carrier's numbers tell what they do: `…01xx` answers, `…02xx` is busy, `…03xx` rings for ever.
    fn outside(&mut self, outcome: u32) -> String {
        let block = match outcome {
            0..60 => 1,
            60..72 => 2,
            _ => 3,
        };
        format!("+14155550{block}{:02}", self.random.random_range(0..100))
    }
}

impl Iterator for Plans {
    type Item = Plan;

    fn next(&mut self) -> Option<Plan> {
        let (kind, outcome) = (self.random.random_range(0..100), self.random.random_range(0..100));
        let caller = self.caller();
        let (caller, dialed) = match kind {
            0..40 => (Some(caller), self.inside(caller, outcome)),
            40..75 => (Some(caller), self.outside(outcome)),
            _ => (None, OWN_NUMBER.to_owned()),
        };
        let patience = match outcome {
            86.. => Patience::AfterDialing(self.millis(400, 1_400)),
            _ => Patience::AfterAnswer(self.millis(3_000, 40_000)),
        };
        let deed = self.deed(&caller, &dialed);
        Some(Plan { caller, dialed, patience, deed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_calls() {
        let row = |seed| Plans::new(seed).take(200).collect::<Vec<_>>();
        assert_eq!(row(7), row(7));
        assert_ne!(row(7), row(8));
    }

    #[test]
    fn every_outcome_comes_up() {
        let row: Vec<_> = Plans::new(1).take(500).collect();
        let count = |is: &dyn Fn(&Plan) -> bool| row.iter().filter(|plan| is(plan)).count();
        assert!(count(&|plan| plan.dialed == BUSY) > 10);
        assert!(count(&|plan| plan.dialed == SILENT) > 10);
        assert!(count(&|plan| plan.caller.is_none()) > 50);
        assert!(count(&|plan| matches!(plan.patience, Patience::AfterDialing(_))) > 30);
        assert!(count(&|plan| plan.deed == Deed::Holds) > 30);
        assert!(count(&|plan| matches!(plan.deed, Deed::HandsOverTo(_))) > 15);
        assert!(row.iter().all(|plan| plan.caller != Some(plan.dialed.as_str())));
    }
}
