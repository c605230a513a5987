//! Whatever comes in, in any order, repeated, lost or late: in the end no leg, no timer, no media and no
//! count is left, each call has one record, each request one final answer, and each dialog its BYE.

#![allow(clippy::unwrap_used, reason = "clippy takes only #[test] functions for tests")]

#[path = "support/office.rs"]
#[allow(dead_code, reason = "the ladders use more of it")]
mod office;
#[path = "support/storm.rs"]
#[allow(clippy::manual_is_multiple_of, reason = "chance reads better so")]
mod storm;

use proptest::prelude::*;
use storm::{Step, Storm};

fn steps() -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec((0..100_u8, any::<u8>(), any::<u8>(), any::<u8>()), 1..60)
        .prop_map(|steps| steps.into_iter().map(Step::of).collect())
}

/// More for a longer run: `PROPTEST_CASES=100000`.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(2_000)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases()) })]

    #[test]
    fn everything_comes_to_an_end(is_anchored: bool, steps in steps()) {
        let mut storm = Storm::new(is_anchored);
        for step in &steps {
            storm.take(*step);
        }
        storm.die_down();
    }
}
