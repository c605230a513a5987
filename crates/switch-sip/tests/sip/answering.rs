//! Having a ringing phone answer by itself.

use call::{CallCommand, EventKind, command::LegCommand};
use switch::{Switch, SwitchError};

use crate::support::{Office, agent::SDP, talk::sdp_of_c};

#[tokio::test]
async fn the_phone_is_called_again_with_the_wish_and_the_others_are_let_go() {
    let office = Office::open().await;
    let (a, c, d) =
        (office.registered("a").await, office.registered("c").await, office.registered("d").await);
    let mut at_a = a.call("1003", SDP).await;
    let (at_c, at_d) = (c.expect("INVITE").await, d.expect("INVITE").await);
    c.reply(&at_c, "180 Ringing", "").await;
    a.expect_status(180).await;
    d.reply(&at_d, "180 Ringing", "").await;
    let ringing = |kind: &EventKind| matches!(kind, EventKind::LegRinging { .. });
    office.story.until(ringing).await;
    let call_id = office.story.until(ringing).await;
    let legs = office.story.legs(call_id).await;
    let order = |leg_id| CallCommand::Leg { call_id, leg_id, command: LegCommand::Answer };
    for _ in 0..2 {
        office.switch.command(order(legs[1])).await.unwrap();
    }
    let refused = office.switch.command(order(legs[0])).await;
    assert!(matches!(refused, Err(SwitchError::Conflict(_))), "{refused:?}");
    let cancel = c.expect("CANCEL").await;
    c.reply(&cancel, "200 OK", "").await;
    c.refuse(&at_c, "487 Request Terminated").await;
    let again = c.expect("INVITE").await;
    assert_eq!((again.header("Call-ID"), again.header("Answer-Mode")), (at_c.header("Call-ID"), "Auto"));
    assert!(again.header("Call-Info").ends_with(";answer-after=0"));
    assert!(again.header("Alert-Info").contains("info=alert-autoanswer"));
    assert_eq!(again.body, SDP);
    c.reply(&again, "200 OK", &sdp_of_c()).await;
    c.expect("ACK").await;
    assert_eq!(a.expect_answer(&mut at_a).await.body, sdp_of_c());
    d.expect("CANCEL").await;
    office.switch.command(order(legs[1])).await.unwrap();
    a.hang_up(&mut at_a).await;
    c.expect_bye().await;
    let told = office.story.next().await;
    assert_eq!(told[told.len() - 6..][..2], ["B answered", "C ended switch answeredelsewhere 487"]);
}

#[tokio::test]
async fn a_phone_that_does_not_do_as_told_fails_the_call() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let at_a = a.call("1002", SDP).await;
    let first = b.expect("INVITE").await;
    b.reply(&first, "180 Ringing", "").await;
    a.expect_status(180).await;
    let call_id = office.story.until(|kind| matches!(kind, EventKind::LegRinging { .. })).await;
    let leg_id = office.story.legs(call_id).await[1];
    let order = CallCommand::Leg { call_id, leg_id, command: LegCommand::Answer };
    office.switch.command(order).await.unwrap();
    let cancel = b.expect("CANCEL").await;
    b.reply(&cancel, "200 OK", "").await;
    b.refuse(&first, "487 Request Terminated").await;
    b.refuse(&b.expect("INVITE").await, "486 Busy Here").await;
    a.expect_refusal(&at_a, 486).await;
}

#[tokio::test]
async fn only_a_phone_can_be_told_to_answer() {
    let office = Office::open().await;
    let (a, carrier) = (office.registered("a").await, office.trunk(1).await);
    let at_a = a.call("+14155550123", SDP).await;
    carrier.reply(&carrier.expect("INVITE").await, "180 Ringing", "").await;
    a.expect_status(180).await;
    let call_id = office.story.until(|kind| matches!(kind, EventKind::LegRinging { .. })).await;
    let leg_id = office.story.legs(call_id).await[1];
    let order = CallCommand::Leg { call_id, leg_id, command: LegCommand::Answer };
    let refused = office.switch.command(order).await;
    assert!(matches!(refused, Err(SwitchError::Conflict(_))), "{refused:?}");
    a.cancel(&at_a).await;
}
