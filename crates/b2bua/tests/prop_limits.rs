//! Whatever brings calls (phones, trunks, commands, transfers, redirections, pick-ups, parking slots), in any order and
//! with crashes in between: no account, no phone and no trunk ever has more calls than it may, and in the end nothing is counted.

#![allow(clippy::unwrap_used, reason = "clippy takes only #[test] functions for tests")]

#[path = "support/office.rs"]
#[allow(dead_code, reason = "the ladders use more of it")]
mod office;
#[path = "support/storm.rs"]
#[allow(clippy::manual_is_multiple_of, reason = "chance reads better so")]
mod storm;

use b2bua::world::{Limited, Limits};
use call::{AccountId, DeviceId, TrunkId};
use proptest::prelude::*;
use storm::{Step, Storm};

/// What happens; one thing in sixteen is a crash.
fn acts() -> impl Strategy<Value = Vec<Option<Step>>> {
    let step = (0..100_u8, any::<u8>(), any::<u8>(), any::<u8>()).prop_map(|step| Some(Step::of(step)));
    proptest::collection::vec(prop_oneof![15 => step, 1 => Just(None)], 1..80)
}

/// Tight, so that they are met all the time.
fn limits() -> impl Strategy<Value = Vec<(Limited, Limits)>> {
    let most = || proptest::option::weighted(0.8, 0..3_u32);
    let limits = (most(), most(), most()).prop_map(|(calls, outgoing_calls, incoming_calls)| Limits {
        calls,
        outgoing_calls,
        incoming_calls,
        ..Limits::default()
    });
    let of = [
        Limited::Account(AccountId(1)),
        Limited::Account(AccountId(12)),
        Limited::Device(DeviceId(1)),
        Limited::Device(DeviceId(2)),
        Limited::Trunk(TrunkId(1)),
        Limited::Trunk(TrunkId(2)),
    ];
    proptest::collection::vec(limits, of.len()).prop_map(move |limits| of.into_iter().zip(limits).collect())
}

/// More for a longer run: `PROPTEST_CASES=100000`.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(2_000)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases()) })]

    #[test]
    fn no_limit_is_ever_exceeded(is_anchored: bool, limits in limits(), acts in acts()) {
        let mut storm = Storm::within(is_anchored, limits);
        for act in &acts {
            match act {
                Some(step) => storm.take(*step),
                None => storm.crash(),
            }
        }
        storm.die_down();
    }
}
