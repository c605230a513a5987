//! What cannot be stored is counted for operators, and keeps nobody waiting.

use call::{EventKind, event::Side};

use crate::stage::{Stage, phone, until};

#[tokio::test]
async fn what_was_put_aside_is_counted_and_the_calls_go_on() {
    let stage = Stage::new();
    let mut feed = stage.feed_of(1);
    let is_start = |kind: &EventKind| matches!(kind, EventKind::CallStarted(_));
    stage.switch.ringing_call(phone(1, 1), phone(2, 2)).unwrap();
    until(&mut feed, is_start).await;
    assert_eq!(stage.metric("trunkline_history_quarantined"), 0);
    let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'poison'); END";
    rusqlite::Connection::open(stage.folder.path().join("history.db"))
        .unwrap()
        .execute_batch(refuse)
        .unwrap();
    let call = stage.switch.answered_call(phone(1, 1), phone(2, 2)).unwrap();
    stage.sees(|calls| calls.get(call.id()).is_some()).await;
    call.end(Side::Origination);
    stage.sees(|calls| calls.has_ended(call.id())).await;
    assert_ne!(stage.metric("trunkline_history_quarantined"), 0);
}
