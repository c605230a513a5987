//! Whether trunks are there.

use call::TrunkId;
use switch::{Switch, TrunkState};

use crate::support::{Agent, Message, Office, agent::SDP, office::SHORT};

/// An office with a phone and two trunks, the first of which is watched.
async fn office() -> (Office, Agent, [Agent; 2]) {
    let office = Office::with(|config| config.trunk_silence = SHORT).await;
    let trunks = [office.trunk(1).await, office.trunk(2).await];
    office.change(|entries| entries.trunks[0].probe = Some(SHORT));
    let a = office.registered("a").await;
    (office, a, trunks)
}

fn state(is_up: Option<bool>) -> TrunkState {
    TrunkState { trunk: TrunkId(1), is_up, is_registered: None }
}

/// The next request of a method; others are passed over.
async fn next(agent: &Agent, method: &str) -> Message {
    loop {
        let message = agent.receive().await;
        if message.method() == method {
            return message;
        }
    }
}

#[tokio::test]
async fn a_trunk_that_does_not_answer_is_tried_last_until_it_does() {
    let (office, a, [watched, other]) = office().await;
    next(&watched, "OPTIONS").await;
    // The next question comes when the one before has been in vain.
    next(&watched, "OPTIONS").await;
    assert_eq!(office.switch.trunks()[0], state(Some(false)));
    let _first = a.call("4155550123", SDP).await;
    other.refuse(&other.expect("INVITE").await, "503 Service Unavailable").await;
    watched.reply(&next(&watched, "INVITE").await, "486 Busy Here", "").await;
    a.expect_status(486).await;
    watched.reply(&next(&watched, "OPTIONS").await, "404 Not Found", "").await;
    watched.reply(&next(&watched, "OPTIONS").await, "200 OK", "").await;
    assert_eq!(office.switch.trunks()[0], state(Some(true)));
    let _second = a.call("4155550124", SDP).await;
    watched.reply(&next(&watched, "INVITE").await, "180 Ringing", "").await;
    assert!(other.hears_nothing_for(SHORT).await);
}

#[tokio::test]
async fn a_trunk_that_says_it_is_out_of_service_is_not_up() {
    let (office, _a, [watched, _]) = office().await;
    let first = watched.expect("OPTIONS").await;
    watched.reply(&first, "503 Service Unavailable", "").await;
    watched.expect("OPTIONS").await;
    assert_eq!(office.switch.trunks()[0], state(Some(false)));
}

#[tokio::test]
async fn a_trunk_that_is_not_to_be_watched_is_left_alone() {
    let (office, _a, [watched, other]) = office().await;
    watched.expect("OPTIONS").await;
    office.change(|entries| entries.trunks[0].probe = None);
    assert!(other.hears_nothing_for(SHORT).await);
    let states = [1, 2].map(|id| TrunkState { trunk: TrunkId(id), ..state(None) });
    assert_eq!(office.switch.trunks(), states);
}
