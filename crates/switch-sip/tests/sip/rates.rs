//! Calls that the rates refuse.

use std::time::Duration;

use call::{
    CallCommand, CallId, Timestamp,
    command::{Originate, Target},
    rating::Rate,
};
use directory::model::{PlanRate, RatePlan};
use rust_decimal::Decimal;
use switch::{Switch, SwitchError};
use uuid::Uuid;

use crate::support::{
    Office,
    agent::SDP,
    office::{OFFICE, SHORT},
};

/// A plan whose only rate rejects calls to numbers that begin with `prefix`.
fn rejecting(prefix: &str) -> RatePlan {
    let minute = Duration::from_secs(60);
    let price = Rate {
        prefix: prefix.to_owned(),
        initial_interval: minute,
        initial_rate: Decimal::ONE,
        next_interval: minute,
        next_rate: Decimal::ONE,
        fee: Decimal::ZERO,
        attempt_fee: Decimal::ZERO,
        vat: Decimal::ZERO,
    };
    let rate = PlanRate {
        uuid: Uuid::from_u128(2),
        price,
        number_min_length: 0,
        number_max_length: PlanRate::MAX_LENGTH,
        is_enabled: true,
        rejects_calls: true,
        valid_from: None,
        valid_till: None,
        routing_tags: Vec::new(),
    };
    RatePlan { uuid: Uuid::from_u128(1), name: "strict".into(), rates: vec![rate] }
}

impl Office {
    /// From now on the office's rates reject calls to numbers that begin with `prefix`.
    fn reject(&self, prefix: &str) {
        self.change(|entries| {
            let plan = rejecting(prefix);
            entries.accounts[0].billing.origination_rateplan = Some(plan.uuid);
            entries.rateplans.push(plan);
        });
    }
}

#[tokio::test]
async fn a_call_that_the_rates_reject_is_refused_and_reaches_no_trunk() {
    let office = Office::open().await;
    let (a, trunk) = (office.registered("a").await, office.trunk(1).await);
    office.reject("1900");
    let call = a.call("+19005550100", SDP).await;
    a.expect_refusal(&call, 403).await;
    let told = office.story.next().await;
    assert_eq!(told.last().map(String::as_str), Some("A ended switch rejected 403"), "{told:?}");
    assert!(trunk.hears_nothing_for(SHORT).await);
    a.call("+14155550123", SDP).await;
    trunk.expect("INVITE").await;
}

#[tokio::test]
async fn a_command_that_places_a_rejected_call_says_why_it_cannot() {
    let office = Office::open().await;
    let (_a, _trunk) = (office.registered("a").await, office.trunk(1).await);
    office.reject("1900");
    let call_id = CallId::new(Timestamp::from_seconds(1), rand::random());
    let (from, to) = (Target::Extension("1001".into()), Target::Number("+19005550100".into()));
    let command = CallCommand::Originate(Originate { call_id, account: OFFICE, from, to, recording: None });
    let refused = office.switch.command(command).await.unwrap_err();
    assert!(
        matches!(refused, SwitchError::Unreachable("the account's rates refuse calls to `to`")),
        "{refused}"
    );
}
