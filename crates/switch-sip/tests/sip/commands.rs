//! Commands.

use call::{
    CallCommand, CallId, DeviceId, EventKind, Timestamp,
    command::{LegCommand, Originate, Target},
};
use switch::{Switch, SwitchError};

use crate::support::{
    Office,
    agent::SDP,
    message::content,
    office::{OFFICE, SHORT},
};

fn originate(from: Target, to: Target) -> (CallId, CallCommand) {
    let call_id = CallId::new(Timestamp::from_seconds(1), rand::random());
    (call_id, CallCommand::Originate(Originate { call_id, account: OFFICE, from, to, recording: None }))
}

fn extension(number: &str) -> Target {
    Target::Extension(number.into())
}

#[tokio::test]
async fn a_placed_call_rings_the_first_party_then_the_second_and_joins_them() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let (_, command) = originate(extension("1001"), extension("1002"));
    office.switch.command(command).await.unwrap();
    let at_a = a.expect("INVITE").await;
    assert_eq!(at_a.body, "");
    assert!(at_a.header("From").contains("<sip:1002@"));
    a.reply(&at_a, "180 Ringing", "").await;
    a.reply(&at_a, "200 OK", SDP).await;
    let waiting = a.expect("ACK").await;
    assert!(waiting.body.contains("a=inactive"), "{}", waiting.body);
    let at_b = b.expect("INVITE").await;
    assert_eq!(at_b.body, SDP);
    let theirs = SDP.replace("4000", "5000");
    b.reply(&at_b, "200 OK", &theirs).await;
    b.expect("ACK").await;
    let again = a.expect("INVITE").await;
    assert_eq!(content(&again.body), content(&theirs));
    let mut call = a.answer(&again).await;
    call.local = again.header("To").to_owned();
    office.story.until(|kind| matches!(kind, EventKind::LegsBridged { .. })).await;
    a.hang_up(&mut call).await;
    b.expect_bye().await;
    let expected = [
        "started 1001 to 1002",
        "A offered Ann",
        "A ringing",
        "A answered",
        "routed 1001 to 1002 of 10",
        "B offered 1002",
        "B answered",
        "A+B bridged",
        "A ended party normal 200",
        "B ended switch normal 200",
    ];
    assert_eq!(office.story.next().await, expected);
}

#[tokio::test]
async fn a_placed_call_ends_when_the_first_party_refuses() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let (_, command) = originate(Target::Device(DeviceId(1)), extension("1002"));
    office.switch.command(command).await.unwrap();
    a.refuse(&a.expect("INVITE").await, "486 Busy Here").await;
    let expected = ["started 1001 to 1002", "A offered Ann", "A ended party busy 486"];
    assert_eq!(office.story.next().await, expected);
    drop(b);
}

#[tokio::test]
async fn a_placed_call_hangs_up_the_first_party_when_the_second_is_busy() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let (_, command) = originate(extension("1001"), extension("1002"));
    office.switch.command(command).await.unwrap();
    a.answer(&a.expect("INVITE").await).await;
    b.refuse(&b.expect("INVITE").await, "486 Busy Here").await;
    // Where sound goes from end to end there is no tone, but there is a reason.
    let bye = a.expect("BYE").await;
    assert_eq!(bye.header("Reason"), "SIP;cause=486;text=\"Busy Here\"");
    a.reply(&bye, "200 OK", "").await;
    let told = office.story.next().await;
    assert_eq!(told[5..], ["B ended party busy 486", "A ended switch busy 200"]);
}

#[tokio::test]
async fn the_first_party_of_a_placed_call_hears_a_tone_before_it_is_hung_up() {
    let office = Office::without_time(super::sounds::anchored).await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    for second in [extension("1002"), Target::FeatureCode("701".into())] {
        office.switch.command(originate(extension("1001"), second.clone()).1).await.unwrap();
        a.answer(&a.expect("INVITE").await).await;
        if second == extension("1002") {
            b.refuse(&b.expect("INVITE").await, "486 Busy Here").await;
        }
        assert!(a.hears_nothing_for(SHORT).await);
        let bye = office.hasten(a.expect("BYE")).await;
        let code = if second == extension("1002") { "486" } else { "404" };
        assert!(bye.header("Reason").contains(code), "{}", bye.header("Reason"));
        a.reply(&bye, "200 OK", "").await;
        office.story.next().await;
    }
}

#[tokio::test]
async fn a_first_party_that_is_the_only_phone_is_asked_to_answer_by_itself() {
    let office = Office::open().await;
    let (a, c, d) =
        (office.registered("a").await, office.registered("c").await, office.registered("d").await);
    office.switch.command(originate(extension("1001"), extension("1003")).1).await.unwrap();
    let at_a = a.expect("INVITE").await;
    assert_eq!(at_a.header("Answer-Mode"), "Auto");
    a.answer(&at_a).await;
    for phone in [&c, &d] {
        let invite = phone.expect("INVITE").await;
        assert_eq!(invite.find("Answer-Mode"), None);
        phone.refuse(&invite, "486 Busy Here").await;
    }
    a.expect_bye().await;
    office.switch.command(originate(extension("1003"), extension("1001")).1).await.unwrap();
    for phone in [&c, &d] {
        let invite = phone.expect("INVITE").await;
        assert_eq!(invite.find("Answer-Mode"), None);
        phone.refuse(&invite, "486 Busy Here").await;
    }
}

#[tokio::test]
async fn a_placed_call_to_an_unregistered_first_party_fails_with_its_events() {
    let office = Office::open().await;
    let (_, command) = originate(extension("1001"), extension("1002"));
    office.switch.command(command).await.unwrap();
    let expected = ["started 1001 to 1002", "A offered Ann", "A ended switch unavailable 480"];
    assert_eq!(office.story.next().await, expected);
}

#[tokio::test]
async fn a_placed_call_between_parties_that_cannot_be_rung_is_refused() {
    let office = Office::open().await;
    let unknown = [
        (extension("4711"), extension("1002")),
        (extension("1004"), extension("1002")),
        (extension("1001"), extension("4711")),
        (Target::Device(DeviceId(99)), extension("1002")),
        (Target::FeatureCode("*1".into()), extension("1002")),
        (extension("1001"), Target::Number("+4930123".into())),
    ];
    for (from, to) in unknown {
        let refused = office.switch.command(originate(from, to).1).await;
        assert!(matches!(refused, Err(SwitchError::Unreachable(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn a_call_is_hung_up_on_command_while_it_rings_and_while_it_talks() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let ringing = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    b.reply(&invite, "180 Ringing", "").await;
    a.expect_status(180).await;
    let call_id = office.story.until(|kind| matches!(kind, EventKind::LegRinging { .. })).await;
    office.switch.command(CallCommand::HangupCall { call_id }).await.unwrap();
    a.expect_refusal(&ringing, 480).await;
    b.expect("CANCEL").await;
    let told = office.story.next().await;
    assert_eq!(told[5..], ["A ended command cancelled 480", "B ended command cancelled 487"]);
    let gone = office.switch.command(CallCommand::HangupCall { call_id }).await;
    assert!(matches!(gone, Err(SwitchError::NotFound)));
}

#[tokio::test]
async fn a_caller_who_has_not_acknowledged_the_answer_is_hung_up_on_only_then() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call("1002", SDP).await;
    b.answer(&b.expect("INVITE").await).await;
    let answer = a.expect_status(200).await;
    let call_id = office.story.until(|kind| matches!(kind, EventKind::LegsBridged { .. })).await;
    office.switch.command(CallCommand::HangupCall { call_id }).await.unwrap();
    b.expect_bye().await;
    assert!(a.hears_nothing_for(SHORT).await);
    (call.remote, call.target) = (answer.header("To").to_owned(), answer.uri_of("Contact").to_owned());
    a.acknowledge(&call, "").await;
    a.expect_bye().await;
}

#[tokio::test]
async fn hanging_up_one_leg_of_two_ends_the_other_too() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call("1002", SDP).await;
    b.answer(&b.expect("INVITE").await).await;
    a.expect_answer(&mut call).await;
    let call_id = office.story.until(|kind| matches!(kind, EventKind::LegsBridged { .. })).await;
    let legs = office.story.legs(call_id).await;
    let unknown = call::LegId::new(Timestamp::from_seconds(1), [7; 10]);
    let refused = office
        .switch
        .command(CallCommand::Leg { call_id, leg_id: unknown, command: LegCommand::Hangup })
        .await;
    assert!(matches!(refused, Err(SwitchError::NotFound)));
    office
        .switch
        .command(CallCommand::Leg { call_id, leg_id: legs[1], command: LegCommand::Hangup })
        .await
        .unwrap();
    b.expect_bye().await;
    a.expect_bye().await;
    let told = office.story.next().await;
    assert_eq!(told[told.len() - 2..], ["B ended command normal 200", "A ended switch normal 200"]);
}

#[tokio::test]
async fn a_placed_call_can_go_out_by_a_trunk() {
    let office = Office::open().await;
    let (a, carrier) = (office.registered("a").await, office.trunk(1).await);
    let (_, command) = originate(extension("1001"), Target::Number("+14155550123".into()));
    office.switch.command(command).await.unwrap();
    a.answer(&a.expect("INVITE").await).await;
    let invite = carrier.expect("INVITE").await;
    assert!(invite.header("From").contains("+14155550199"));
    carrier.answer(&invite).await;
    a.expect("INVITE").await;
}

#[tokio::test]
async fn a_placed_call_whose_first_party_is_behind_a_trunk_without_an_address_ends() {
    let office = Office::open().await;
    let _carrier = office.trunk(1).await;
    office.change(|entries| entries.trunks[0].host = "no.such.name.invalid".into());
    let (_, command) = originate(Target::Number("+14155550123".into()), extension("1001"));
    office.switch.command(command).await.unwrap();
    let expected = ["started +14155550123 to 1001", "A offered trunk1", "A ended switch unavailable 503"];
    assert_eq!(office.story.next().await, expected);
}
