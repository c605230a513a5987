//! Things that happen at once: each leg ends once, and nothing is left.

use call::{
    CallCommand, EventKind,
    command::{LegCommand, Target},
};
use switch::{Switch, SwitchError};

use crate::support::{
    Office, Talk,
    agent::SDP,
    talk::{sdp_of_b, sdp_of_c},
};

fn to_c() -> LegCommand {
    LegCommand::Transfer(Target::Extension("1003".into()))
}

#[tokio::test]
async fn two_hundred_commands_at_once_on_one_call_end_it_once() {
    let office = Office::open().await;
    let talk = Talk::begin(&office).await;
    let wishes = [
        LegCommand::Hold,
        LegCommand::Resume,
        LegCommand::Transfer(Target::Extension("1003".into())),
        LegCommand::Park { slot: None },
        LegCommand::Hangup,
    ];
    let orders = (0..200).map(|number| {
        let (switch, call_id) = (office.switch.clone(), talk.call_id);
        let leg_id = if number % 2 == 0 { talk.caller } else { talk.called };
        let command = wishes[number % wishes.len()].clone();
        tokio::spawn(async move { switch.command(CallCommand::Leg { call_id, leg_id, command }).await })
    });
    let orders: Vec<_> = orders.collect();
    for order in orders {
        let outcome = order.await.unwrap();
        let is_sound = matches!(
            outcome,
            Ok(()) | Err(SwitchError::NotFound | SwitchError::Conflict(_) | SwitchError::Unreachable(_))
        );
        assert!(is_sound, "{outcome:?}");
    }
    let told = office.story.next().await;
    assert_eq!(told.iter().filter(|line| line.contains(" ended ")).count(), 2, "{told:?}");
    let gone = office.switch.command(CallCommand::HangupCall { call_id: talk.call_id }).await;
    assert!(matches!(gone, Err(SwitchError::NotFound)));
}

#[tokio::test]
async fn two_byes_that_cross_end_each_leg_once() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    talk.a.within(&mut talk.at_a, "BYE", &[], "").await;
    talk.b.within(&mut talk.at_b, "BYE", &[], "").await;
    assert_eq!(talk.a.expect_status(200).await.cseq().1, "BYE");
    // The switch's own BYE and the answer to the party's, in either order.
    for _ in 0..2 {
        let message = talk.b.receive().await;
        match message.method() {
            "BYE" => talk.b.reply(&message, "200 OK", "").await,
            _ => assert_eq!(message.status(), 200),
        }
    }
    let told = talk.rest(&office).await;
    assert_eq!(told, ["A ended party normal 200", "B ended switch normal 200"]);
}

#[tokio::test]
async fn a_second_bye_is_for_a_dialog_that_is_no_more() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    talk.a.hang_up(&mut talk.at_a).await;
    talk.a.within(&mut talk.at_a, "BYE", &[], "").await;
    talk.a.expect_status(481).await;
    talk.b.expect_bye().await;
    assert_eq!(talk.rest(&office).await, ["A ended party normal 200", "B ended switch normal 200"]);
}

#[tokio::test]
async fn a_cancel_that_the_answer_has_crossed_changes_nothing() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call("1002", SDP).await;
    b.answer(&b.expect("INVITE").await).await;
    let answer = a.expect_status(200).await;
    a.cancel(&call).await;
    assert_eq!(a.expect_status(200).await.cseq().1, "CANCEL");
    (call.remote, call.target) = (answer.header("To").to_owned(), answer.uri_of("Contact").to_owned());
    a.acknowledge(&call, "").await;
    a.within(&mut call, "INFO", &[], "").await;
    b.reply(&b.expect("INFO").await, "200 OK", "").await;
    assert_eq!(a.expect_status(200).await.cseq().1, "INFO");
    a.hang_up(&mut call).await;
    b.expect_bye().await;
    let told = office.story.next().await;
    assert_eq!(told[told.len() - 2..], ["A ended party normal 200", "B ended switch normal 200"]);
}

#[tokio::test]
async fn a_party_that_holds_while_it_is_handed_on_is_joined_all_the_same() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let c = office.registered("c").await;
    talk.command(&office, talk.called, to_c()).await.unwrap();
    let ringing = c.expect("INVITE").await;
    talk.a.within(&mut talk.at_a, "INVITE", &[], &SDP.replace("sendrecv", "sendonly")).await;
    let hold = talk.b.expect("INVITE").await;
    talk.b.reply(&hold, "200 OK", &sdp_of_b().replace("sendrecv", "recvonly")).await;
    talk.b.expect("ACK").await;
    talk.a.expect_answer(&mut talk.at_a).await;
    c.reply(&ringing, "200 OK", &sdp_of_c()).await;
    c.expect("ACK").await;
    talk.a.expect_offer(&sdp_of_c(), SDP).await;
    talk.b.expect_bye().await;
    talk.a.hang_up(&mut talk.at_a).await;
    c.expect_bye().await;
    let expected = [
        "B transfers Blind to 1003",
        "C offered 1003",
        "A held",
        "C answered",
        "A resumed",
        "A+C bridged",
        "B transferred to C",
        "B ended switch transferred 200",
        "A ended party normal 200",
        "C ended switch normal 200",
    ];
    assert_eq!(talk.rest(&office).await, expected);
}

#[tokio::test]
async fn an_answer_that_meets_the_hang_up_of_the_party_is_hung_up_too() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let c = office.registered("c").await;
    talk.command(&office, talk.called, to_c()).await.unwrap();
    let ringing = c.expect("INVITE").await;
    c.reply(&ringing, "180 Ringing", "").await;
    office.story.until(|kind| matches!(kind, EventKind::LegRinging { .. })).await;
    talk.a.hang_up(&mut talk.at_a).await;
    c.expect("CANCEL").await;
    c.answer(&ringing).await;
    c.expect_bye().await;
    talk.b.expect_bye().await;
    let told = talk.rest(&office).await;
    let ends = told.iter().filter(|line| line.contains(" ended ")).count();
    assert_eq!((ends, told[4].as_str()), (3, "B did not transfer"), "{told:?}");
}

#[tokio::test]
async fn a_leg_is_hung_up_once_however_often_that_is_wished_for() {
    let office = Office::open().await;
    let talk = Talk::begin(&office).await;
    talk.command(&office, talk.called, LegCommand::Hangup).await.unwrap();
    for command in [LegCommand::Hangup, to_c(), LegCommand::Hold] {
        let refused = talk.command(&office, talk.called, command).await;
        assert!(matches!(refused, Err(SwitchError::NotFound)), "{refused:?}");
    }
    let refused = office.switch.command(CallCommand::HangupCall { call_id: talk.call_id }).await;
    assert!(matches!(refused, Err(SwitchError::NotFound)), "{refused:?}");
    assert_eq!(talk.rest(&office).await, ["B ended command normal 200", "A ended switch normal 200"]);
}
