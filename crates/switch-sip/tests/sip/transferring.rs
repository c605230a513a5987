//! Blind transfer on command.

use call::{
    EventKind,
    command::{LegCommand, Target},
};
use switch::SwitchError;

use crate::support::{
    Office, Talk,
    agent::SDP,
    office::SHORT,
    talk::{sdp_of_b, sdp_of_c},
};

fn to(number: &str) -> LegCommand {
    LegCommand::Transfer(Target::Extension(number.into()))
}

#[tokio::test]
async fn the_far_party_is_sent_to_all_phones_of_an_extension_and_the_first_to_answer_has_it() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let (c, d) = (office.registered("c").await, office.registered("d").await);
    talk.command(&office, talk.called, to("1003")).await.unwrap();
    let (at_c, at_d) = (c.expect("INVITE").await, d.expect("INVITE").await);
    assert_eq!(at_c.body, SDP);
    assert!(at_c.header("From").contains("<sip:1001@"), "{at_c:#?}");
    c.reply(&at_c, "180 Ringing", "").await;
    d.reply(&at_d, "200 OK", &sdp_of_c()).await;
    d.expect("ACK").await;
    talk.a.expect_offer(&sdp_of_c(), SDP).await;
    talk.b.expect_bye().await;
    c.expect("CANCEL").await;
    talk.a.hang_up(&mut talk.at_a).await;
    d.expect_bye().await;
    let expected = [
        "B transfers Blind to 1003",
        "C offered 1003",
        "D offered 1003",
        "C ringing",
        "D answered",
        "C ended switch answeredelsewhere 487",
        "A+D bridged",
        "B transferred to D",
        "B ended switch transferred 200",
        "A ended party normal 200",
        "D ended switch normal 200",
    ];
    assert_eq!(talk.rest(&office).await, expected);
}

#[tokio::test]
async fn a_transfer_goes_out_by_the_next_trunk_when_one_fails() {
    let office = Office::open().await;
    let talk = Talk::begin(&office).await;
    let (first, second) = (office.trunk(1).await, office.trunk(2).await);
    let target = Target::Number("+14155550123".into());
    talk.command(&office, talk.caller, LegCommand::Transfer(target)).await.unwrap();
    first.refuse(&first.expect("INVITE").await, "503 Service Unavailable").await;
    let invite = second.expect("INVITE").await;
    assert_eq!(invite.body, sdp_of_b());
    second.reply(&invite, "200 OK", &sdp_of_c()).await;
    second.expect("ACK").await;
    let mut at_second = second.dialog_of(&invite);
    talk.b.expect_offer(&sdp_of_c(), &sdp_of_b()).await;
    talk.a.expect_bye().await;
    second.hang_up(&mut at_second).await;
    talk.b.expect_bye().await;
    let told = talk.rest(&office).await;
    assert_eq!(
        told[4..8],
        ["D answered", "B+D bridged", "A transferred to D", "A ended switch transferred 200"]
    );
}

#[tokio::test]
async fn the_two_talk_on_when_the_target_cannot_be_got() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let c = office.registered("c").await;
    talk.command(&office, talk.called, to("1003")).await.unwrap();
    c.refuse(&c.expect("INVITE").await, "486 Busy Here").await;
    assert!(talk.a.hears_nothing_for(SHORT).await);
    talk.a.within(&mut talk.at_a, "INFO", &[], "").await;
    talk.b.reply(&talk.b.expect("INFO").await, "200 OK", "").await;
    talk.a.expect_status(200).await;
    talk.a.hang_up(&mut talk.at_a).await;
    talk.b.expect_bye().await;
    let told = talk.rest(&office).await;
    assert_eq!(told[2..4], ["C ended party busy 486", "B did not transfer"]);
    assert_eq!(told[4..], ["A ended party normal 200", "B ended switch normal 200"]);
}

#[tokio::test]
async fn the_two_talk_on_when_the_party_does_not_take_the_targets_media() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let c = office.registered("c").await;
    talk.command(&office, talk.called, to("1003")).await.unwrap();
    let invite = c.expect("INVITE").await;
    c.reply(&invite, "200 OK", &sdp_of_c()).await;
    c.expect("ACK").await;
    talk.a.refuse(&talk.a.expect("INVITE").await, "488 Not Acceptable Here").await;
    c.expect_bye().await;
    talk.a.expect_offer(&sdp_of_b(), SDP).await;
    talk.a.hang_up(&mut talk.at_a).await;
    talk.b.expect_bye().await;
    let told = talk.rest(&office).await;
    assert_eq!(told[2..5], ["C answered", "C ended switch failed 200", "B did not transfer"]);
}

#[tokio::test]
async fn a_target_that_is_not_known_or_not_registered_is_no_transfer() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let refused = talk.command(&office, talk.called, to("4711")).await;
    assert!(matches!(refused, Err(SwitchError::Unreachable(_))), "{refused:?}");
    talk.command(&office, talk.called, to("1003")).await.unwrap();
    talk.a.hang_up(&mut talk.at_a).await;
    talk.b.expect_bye().await;
    assert_eq!(talk.rest(&office).await[..2], ["B transfers Blind to 1003", "B did not transfer"]);
}

#[tokio::test]
async fn one_transfer_at_a_time() {
    let office = Office::open().await;
    let talk = Talk::begin(&office).await;
    let c = office.registered("c").await;
    talk.command(&office, talk.called, to("1003")).await.unwrap();
    c.expect("INVITE").await;
    for command in [to("1003"), LegCommand::Hold] {
        for leg in [talk.caller, talk.called] {
            let refused = talk.command(&office, leg, command.clone()).await;
            assert!(matches!(refused, Err(SwitchError::Conflict(_))), "{refused:?}");
        }
    }
}

#[tokio::test]
async fn when_the_party_hangs_up_the_target_is_no_longer_rung() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let c = office.registered("c").await;
    talk.command(&office, talk.called, to("1003")).await.unwrap();
    let invite = c.expect("INVITE").await;
    c.reply(&invite, "180 Ringing", "").await;
    office.story.until(|kind| matches!(kind, EventKind::LegRinging { .. })).await;
    talk.a.hang_up(&mut talk.at_a).await;
    c.expect("CANCEL").await;
    talk.b.expect_bye().await;
    let told = talk.rest(&office).await;
    let expected = [
        "A ended party normal 200",
        "B did not transfer",
        "C ended switch cancelled 487",
        "B ended switch normal 200",
    ];
    assert_eq!(told[3..], expected);
}

#[tokio::test]
async fn when_the_initiator_hangs_up_early_the_party_waits_for_the_target() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let c = office.registered("c").await;
    talk.command(&office, talk.called, to("1003")).await.unwrap();
    let invite = c.expect("INVITE").await;
    talk.b.hang_up(&mut talk.at_b).await;
    c.reply(&invite, "200 OK", &sdp_of_c()).await;
    c.expect("ACK").await;
    talk.a.expect_offer(&sdp_of_c(), SDP).await;
    let mut at_c = c.dialog_of(&invite);
    c.hang_up(&mut at_c).await;
    talk.a.expect_bye().await;
    let told = talk.rest(&office).await;
    assert_eq!(told[2..6], ["B ended party normal 200", "C answered", "A+C bridged", "B transferred to C"]);
}

#[tokio::test]
async fn a_party_that_nobody_is_left_for_is_hung_up() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let c = office.registered("c").await;
    talk.command(&office, talk.called, to("1003")).await.unwrap();
    let invite = c.expect("INVITE").await;
    talk.b.hang_up(&mut talk.at_b).await;
    c.refuse(&invite, "486 Busy Here").await;
    talk.a.expect_bye().await;
    let told = talk.rest(&office).await;
    assert_eq!(told[4..], ["B did not transfer", "A ended switch busy 200"]);
}

#[tokio::test]
async fn a_target_that_hangs_up_while_it_is_joined_gives_the_party_back() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let c = office.registered("c").await;
    talk.command(&office, talk.called, to("1003")).await.unwrap();
    let invite = c.expect("INVITE").await;
    c.reply(&invite, "200 OK", &sdp_of_c()).await;
    c.expect("ACK").await;
    let joining = talk.a.expect("INVITE").await;
    c.hang_up(&mut c.dialog_of(&invite)).await;
    talk.a.reply(&joining, "200 OK", SDP).await;
    talk.a.expect("ACK").await;
    talk.a.expect_offer(&sdp_of_b(), SDP).await;
    talk.a.hang_up(&mut talk.at_a).await;
    talk.b.expect_bye().await;
    let told = talk.rest(&office).await;
    assert_eq!(told[2..5], ["C answered", "C ended party normal 200", "B did not transfer"]);
}
