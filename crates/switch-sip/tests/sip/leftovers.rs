//! Whatever has happened: when it is over, the switch has given everything back.

use call::{
    CallCommand, CallId, EventKind, Timestamp,
    command::{LegCommand, Originate, Target},
};
use directory::model::Limits;
use switch::Switch;
use switch_sip::Usage;

use crate::support::{
    Agent, Office, Talk,
    agent::SDP,
    anchored_media,
    office::OFFICE,
    talk::{sdp_of_b, sdp_of_c},
};

/// An office, and what its switch uses while nothing goes on.
async fn office() -> (Office, Usage) {
    let office = Office::without_time(|config| {
        config.media = anchored_media(46_000..=46_999);
    });
    let office = office.await;
    let many = Limits { calls: Some(100), ..Limits::default() };
    office.change(|entries| entries.accounts.iter_mut().for_each(|account| account.limits = many));
    let before = office.switch.usage();
    (office, before)
}

/// Whoever offers gets this answer.
async fn take_offer(agent: &Agent, sdp: &str) {
    let invite = agent.expect("INVITE").await;
    agent.reply(&invite, "200 OK", sdp).await;
    agent.expect("ACK").await;
}

#[tokio::test]
async fn nothing_is_left_of_a_refused_call() {
    let (office, before) = office().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let call = a.call("1002", SDP).await;
    b.refuse(&b.expect("INVITE").await, "486 Busy Here").await;
    a.expect_refusal(&call, 486).await;
    office.is_back_at(before).await;
}

#[tokio::test]
async fn nothing_is_left_of_a_call_that_is_given_up() {
    let (office, before) = office().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let call = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    b.reply(&invite, "180 Ringing", "").await;
    a.expect_status(180).await;
    a.cancel(&call).await;
    a.expect_status(200).await;
    a.expect_refusal(&call, 487).await;
    b.reply(&b.expect("CANCEL").await, "200 OK", "").await;
    b.refuse(&invite, "487 Request Terminated").await;
    office.is_back_at(before).await;
}

#[tokio::test]
async fn nothing_is_left_of_a_call_that_is_hung_up() {
    let (office, before) = office().await;
    let mut talk = Talk::begin(&office).await;
    talk.a.hang_up(&mut talk.at_a).await;
    talk.b.expect_bye().await;
    office.is_back_at(before).await;
}

#[tokio::test]
async fn nothing_is_left_of_a_held_call() {
    let (office, before) = office().await;
    let talk = Talk::begin(&office).await;
    for command in [LegCommand::Hold, LegCommand::Resume] {
        talk.command(&office, talk.called, command).await.unwrap();
    }
    take_offer(&talk.a, SDP).await;
    talk.command(&office, talk.called, LegCommand::Hangup).await.unwrap();
    talk.b.expect_bye().await;
    talk.a.expect_bye().await;
    office.is_back_at(before).await;
}

#[tokio::test]
async fn nothing_is_left_of_a_transferred_call() {
    let (office, before) = office().await;
    let mut talk = Talk::begin(&office).await;
    let c = office.registered("c").await;
    let target = Target::Extension("1003".into());
    talk.command(&office, talk.called, LegCommand::Transfer(target)).await.unwrap();
    take_offer(&c, &sdp_of_c()).await;
    take_offer(&talk.a, SDP).await;
    talk.b.expect_bye().await;
    talk.a.hang_up(&mut talk.at_a).await;
    c.expect_bye().await;
    office.is_back_at(before).await;
}

#[tokio::test]
async fn nothing_is_left_of_a_transfer_that_fails() {
    let (office, before) = office().await;
    let mut talk = Talk::begin(&office).await;
    let c = office.registered("c").await;
    let target = Target::Extension("1003".into());
    talk.command(&office, talk.called, LegCommand::Transfer(target)).await.unwrap();
    c.refuse(&c.expect("INVITE").await, "486 Busy Here").await;
    talk.a.hang_up(&mut talk.at_a).await;
    talk.b.expect_bye().await;
    office.is_back_at(before).await;
}

#[tokio::test]
async fn nothing_is_left_of_a_party_that_was_parked() {
    let (office, before) = office().await;
    let talk = Talk::begin(&office).await;
    talk.command(&office, talk.called, LegCommand::Park { slot: None }).await.unwrap();
    talk.b.expect_bye().await;
    let c = office.registered("c").await;
    let mut at_c = c.call("701", &sdp_of_c()).await;
    take_offer(&talk.a, SDP).await;
    c.expect_answer(&mut at_c).await;
    c.hang_up(&mut at_c).await;
    talk.a.expect_bye().await;
    office.is_back_at(before).await;
}

#[tokio::test]
async fn nothing_is_left_of_a_call_that_is_taken_elsewhere() {
    let (office, before) = office().await;
    let (a, b, c) =
        (office.registered("a").await, office.registered("b").await, office.registered("c").await);
    let mut at_a = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    b.reply(&invite, "180 Ringing", "").await;
    a.expect_status(180).await;
    let mut at_c = c.call("*8", &sdp_of_b()).await;
    c.expect_answer(&mut at_c).await;
    a.expect_answer(&mut at_a).await;
    b.reply(&b.expect("CANCEL").await, "200 OK", "").await;
    b.refuse(&invite, "487 Request Terminated").await;
    a.hang_up(&mut at_a).await;
    c.expect_bye().await;
    office.is_back_at(before).await;
}

#[tokio::test]
async fn nothing_is_left_of_a_phone_that_says_when_its_work_is_over() {
    let (office, before) = office().await;
    let mut talk = Talk::begin(&office).await;
    talk.a.hang_up(&mut talk.at_a).await;
    talk.b.expect_bye().await;
    let mut done = talk.b.call("*76", &sdp_of_b()).await;
    talk.b.expect_answer(&mut done).await;
    talk.b.expect_bye().await;
    office.is_back_at(before).await;
}

#[tokio::test]
async fn nothing_is_left_of_a_party_that_has_vanished() {
    let (office, before) = office().await;
    let mut talk = Talk::begin(&office).await;
    talk.a.hang_up(&mut talk.at_a).await;
    // Nobody answers the BYE of `b`.
    talk.b.expect("BYE").await;
    office.is_back_at(before).await;
}

#[tokio::test]
async fn nothing_is_left_of_a_call_that_many_commands_meet_at_once() {
    let (office, before) = office().await;
    let talk = Talk::begin(&office).await;
    // Nobody answers anything any more.
    let wishes = [
        LegCommand::Hold,
        LegCommand::Transfer(Target::Extension("1001".into())),
        LegCommand::Resume,
        LegCommand::Park { slot: None },
        LegCommand::Retrieve(Target::Extension("1002".into())),
        LegCommand::Hangup,
    ];
    let legs = [talk.caller, talk.called].into_iter().cycle().take(200);
    let orders = legs.zip(wishes.iter().cycle()).map(|(leg, wish)| talk.command(&office, leg, wish.clone()));
    // Whatever each is told.
    futures_util::future::join_all(orders).await;
    office.is_back_at(before).await;
}

#[tokio::test]
async fn nothing_is_left_of_two_calls_that_became_one() {
    let (office, before) = office().await;
    let mut talk = Talk::begin(&office).await;
    let c = office.registered("c").await;
    let mut at_b = talk.b.call("1003", &sdp_of_b()).await;
    take_offer(&c, &sdp_of_c()).await;
    talk.b.expect_answer(&mut at_b).await;
    let call_id = office.story.until(|kind| matches!(kind, EventKind::LegsBridged { .. })).await;
    let leg_id = office.story.legs(call_id).await[0];
    let command = LegCommand::TransferToLeg { call_id, leg_id };
    talk.command(&office, talk.called, command).await.unwrap();
    take_offer(&c, &sdp_of_c()).await;
    take_offer(&talk.a, SDP).await;
    talk.b.expect_bye().await;
    talk.b.expect_bye().await;
    talk.a.hang_up(&mut talk.at_a).await;
    c.expect_bye().await;
    office.is_back_at(before).await;
}

#[tokio::test]
async fn nothing_is_left_of_a_placed_call_that_takes_another() {
    let (office, before) = office().await;
    let (a, b, c) =
        (office.registered("a").await, office.registered("b").await, office.registered("c").await);
    let mut at_a = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    b.reply(&invite, "180 Ringing", "").await;
    a.expect_status(180).await;
    let call_id = CallId::new(Timestamp::from_seconds(1), rand::random());
    let (from, to) = (Target::Extension("1003".into()), Target::FeatureCode("*8".into()));
    let originate = Originate { call_id, account: OFFICE, from, to, recording: None };
    office.switch.command(CallCommand::Originate(originate)).await.unwrap();
    take_offer(&c, &sdp_of_c()).await;
    take_offer(&c, &sdp_of_c()).await;
    a.expect_answer(&mut at_a).await;
    b.reply(&b.expect("CANCEL").await, "200 OK", "").await;
    b.refuse(&invite, "487 Request Terminated").await;
    a.hang_up(&mut at_a).await;
    c.expect_bye().await;
    office.is_back_at(before).await;
}
