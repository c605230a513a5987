//! Feature codes that are dialed as calls, by phones and by calls that the API places.

use call::{
    CallCommand, CallId, EventKind, Timestamp,
    command::{LegCommand, Originate, Target},
};
use switch::{Switch, SwitchError};
use switch_sip::features::Kind;

use crate::support::{
    Agent, Office, Talk,
    agent::{Dialog, SDP},
    message::content,
    office::{OFFICE, SHORT},
    talk::{sdp_of_b, sdp_of_c},
};

/// Has the switch place a call of extension 1003 to something.
async fn place(office: &Office, to: Target) {
    let call_id = CallId::new(Timestamp::from_seconds(1), rand::random());
    let from = Target::Extension("1003".into());
    let originate = Originate { call_id, account: OFFICE, from, to, recording: None };
    office.switch.command(CallCommand::Originate(originate)).await.unwrap();
}

fn code(code: &str) -> Target {
    Target::FeatureCode(code.into())
}

/// `c` takes the call that was placed, and waits for what comes of it.
async fn answer_first(c: &Agent) -> Dialog {
    let invite = c.expect("INVITE").await;
    c.reply(&invite, "200 OK", &sdp_of_c()).await;
    assert!(c.expect("ACK").await.body.contains("a=inactive"));
    c.dialog_of(&invite)
}

#[tokio::test]
async fn a_call_placed_to_the_pick_up_code_takes_the_call_that_rings() {
    for number in ["*81002", "*8"] {
        let office = Office::open().await;
        let (a, b, c) =
            (office.registered("a").await, office.registered("b").await, office.registered("c").await);
        let mut at_a = a.call("1002", SDP).await;
        b.reply(&b.expect("INVITE").await, "180 Ringing", "").await;
        a.expect_status(180).await;
        place(&office, code(number)).await;
        let mut at_c = answer_first(&c).await;
        b.expect("CANCEL").await;
        c.expect_offer(SDP, &sdp_of_c()).await;
        assert_eq!(a.expect_answer(&mut at_a).await.body, sdp_of_c());
        c.hang_up(&mut at_c).await;
        a.expect_bye().await;
        let told = office.story.next().await;
        let expected = [
            "merged",
            "B ended switch answeredelsewhere 487",
            "A answered",
            "C+A bridged",
            "C ended party normal 200",
            "A ended switch normal 200",
        ];
        assert_eq!(told[told.len() - 6..], expected, "{told:#?}");
    }
}

#[tokio::test]
async fn a_call_placed_to_a_slot_takes_the_party_out_of_it() {
    for to in [code("701"), Target::Number("701".into())] {
        let office = Office::open().await;
        let mut talk = Talk::begin(&office).await;
        talk.command(&office, talk.called, LegCommand::Park { slot: None }).await.unwrap();
        talk.b.expect_bye().await;
        talk.a.expect_offer(&sdp_of_b().replace("sendrecv", "inactive"), SDP).await;
        let c = office.registered("c").await;
        place(&office, to).await;
        answer_first(&c).await;
        talk.a.expect_offer(&sdp_of_c(), SDP).await;
        c.expect_offer(SDP, &sdp_of_c()).await;
        talk.a.hang_up(&mut talk.at_a).await;
        c.expect_bye().await;
        let told = talk.rest(&office).await;
        let expected =
            ["merged", "A retrieved by C", "A ended party normal 200", "C ended switch normal 200"];
        assert_eq!(told[told.len() - 4..], expected, "{told:#?}");
    }
}

#[tokio::test]
async fn a_call_placed_to_a_code_that_leads_to_nobody_is_hung_up() {
    for number in ["*8", "*81002", "701"] {
        let office = Office::open().await;
        let c = office.registered("c").await;
        place(&office, code(number)).await;
        answer_first(&c).await;
        c.expect_bye().await;
        let told = office.story.next().await;
        assert_eq!(told.last().unwrap(), "A ended switch noroute 200");
    }
}

#[tokio::test]
async fn a_call_that_is_taken_before_the_placed_one_comes_is_left_alone() {
    let office = Office::open().await;
    let (a, b, c) =
        (office.registered("a").await, office.registered("b").await, office.registered("c").await);
    let mut at_a = a.call("1002", SDP).await;
    let ringing = b.expect("INVITE").await;
    place(&office, code("*81002")).await;
    let invite = c.expect("INVITE").await;
    b.answer(&ringing).await;
    a.expect_answer(&mut at_a).await;
    office.story.until(|kind| matches!(kind, EventKind::LegsBridged { .. })).await;
    c.reply(&invite, "200 OK", &sdp_of_c()).await;
    c.expect("ACK").await;
    c.expect_bye().await;
    a.hang_up(&mut at_a).await;
    b.expect_bye().await;
}

#[tokio::test]
async fn a_placed_party_that_hangs_up_while_it_is_joined_leaves_the_other_in_its_slot() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    talk.command(&office, talk.called, LegCommand::Park { slot: None }).await.unwrap();
    talk.b.expect_bye().await;
    talk.a.expect_offer(&sdp_of_b().replace("sendrecv", "inactive"), SDP).await;
    let c = office.registered("c").await;
    place(&office, code("701")).await;
    let mut at_c = answer_first(&c).await;
    let joining = talk.a.expect("INVITE").await;
    c.hang_up(&mut at_c).await;
    talk.a.reply(&joining, "200 OK", SDP).await;
    talk.a.expect("ACK").await;
    let waiting = talk.a.expect("INVITE").await;
    assert!(waiting.body.contains("a=inactive"), "{}", waiting.body);
    talk.a.answer(&waiting).await;
    talk.a.hang_up(&mut talk.at_a).await;
    let told = talk.rest(&office).await;
    assert_eq!(told[told.len() - 2..], ["C ended party normal 200", "A ended party normal 200"]);
}

#[tokio::test]
async fn a_call_placed_to_the_park_code_lets_the_party_wait_for_who_dials_its_slot() {
    let office = Office::open().await;
    let (b, c) = (office.registered("b").await, office.registered("c").await);
    place(&office, code("*68")).await;
    answer_first(&c).await;
    office.story.until(|kind| matches!(kind, EventKind::LegParked { .. })).await;
    let mut at_b = b.call("701", &sdp_of_b()).await;
    c.expect_offer(&sdp_of_b(), &sdp_of_c()).await;
    assert_eq!(b.expect_answer(&mut at_b).await.body, sdp_of_c());
    b.hang_up(&mut at_b).await;
    c.expect_bye().await;
    let expected = [
        "A answered",
        "A parked in 701",
        "B offered 1002",
        "B answered",
        "A retrieved by B",
        "B ended party normal 200",
        "A ended switch normal 200",
    ];
    assert_eq!(office.story.next().await[2..], expected);
}

#[tokio::test]
async fn a_phone_that_dials_the_park_code_waits_in_a_slot() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut at_a = a.call("*68", SDP).await;
    let answer = a.expect_answer(&mut at_a).await;
    assert!(answer.body.contains("a=inactive"), "{}", answer.body);
    let mut at_b = b.call("701", &sdp_of_b()).await;
    a.expect_offer(&sdp_of_b(), SDP).await;
    b.expect_answer(&mut at_b).await;
    a.hang_up(&mut at_a).await;
    b.expect_bye().await;
    let told = office.story.next().await;
    assert_eq!(told[2..4], ["A answered", "A parked in 701"], "{told:#?}");
    // Without an offer there is nothing to wait with.
    let refused = a.call("*68", "").await;
    a.expect_refusal(&refused, 488).await;
}

#[tokio::test]
async fn every_slot_may_be_taken() {
    let office = Office::with(|config| config.features.set(Kind::Slots, "701-701").unwrap()).await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut at_a = a.call("*68", SDP).await;
    a.expect_answer(&mut at_a).await;
    let refused = b.call("*68", SDP).await;
    b.expect_refusal(&refused, 486).await;
    a.hang_up(&mut at_a).await;
    let mut at_b = b.call("*68", SDP).await;
    assert_eq!(content(&b.expect_answer(&mut at_b).await.body).matches("m=audio").count(), 1);
}

/// Where a number may be given that leads to nobody here, with a trunk that would carry anything.
async fn office_with_trunk() -> (Office, Agent) {
    let office = Office::open().await;
    let carrier = office.trunk(1).await;
    (office, carrier)
}

/// Codes that ask for nothing that is to be had: an empty slot, nothing that rings.
const EMPTY: [&str; 3] = ["701", "*8", "*81002"];

#[tokio::test]
async fn a_code_for_nothing_is_nobodys_number_when_a_phone_dials_it() {
    let (office, carrier) = office_with_trunk().await;
    let a = office.registered("a").await;
    for number in EMPTY {
        let at_a = a.call(number, SDP).await;
        a.expect_refusal(&at_a, 404).await;
    }
    assert!(carrier.hears_nothing_for(SHORT).await);
}

#[tokio::test]
async fn a_code_is_nobodys_number_when_a_phone_sends_its_call_there() {
    let (office, carrier) = office_with_trunk().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    for number in [&EMPTY[..], &["*68", "*76"]].concat() {
        let at_a = a.call("1002", SDP).await;
        let invite = b.expect("INVITE").await;
        let to = format!("Contact: <sip:{number}@test>");
        b.send(&invite.response("302 Moved Temporarily", "b", &[to], "")).await;
        b.expect("ACK").await;
        a.expect_refusal(&at_a, 404).await;
    }
    assert!(carrier.hears_nothing_for(SHORT).await);
}

#[tokio::test]
async fn a_code_for_nothing_is_nobodys_number_when_a_program_places_a_call_there() {
    let (office, carrier) = office_with_trunk().await;
    office.registered("c").await;
    for number in EMPTY {
        for to in [Target::Number(number.into()), Target::Extension(number.into())] {
            let call_id = CallId::new(Timestamp::from_seconds(1), rand::random());
            let from = Target::Extension("1003".into());
            let originate = Originate { call_id, account: OFFICE, from, to, recording: None };
            let refusal = office.switch.command(CallCommand::Originate(originate)).await;
            assert!(matches!(refusal, Err(SwitchError::Unreachable("`to` is not known"))), "{refusal:?}");
        }
    }
    assert!(carrier.hears_nothing_for(SHORT).await);
}

#[tokio::test]
async fn a_code_is_nobody_who_could_be_rung() {
    let (office, carrier) = office_with_trunk().await;
    let mut talk = Talk::begin(&office).await;
    talk.command(&office, talk.called, LegCommand::Park { slot: None }).await.unwrap();
    talk.b.expect_bye().await;
    for number in ["701", "702", "*68", "*8", "*76"] {
        for target in [Target::Number(number.into()), Target::Extension(number.into()), code(number)] {
            let call_id = CallId::new(Timestamp::from_seconds(1), rand::random());
            let (from, to) = (target.clone(), Target::Extension("1003".into()));
            let originate = Originate { call_id, account: OFFICE, from, to, recording: None };
            let refusal = office.switch.command(CallCommand::Originate(originate)).await;
            assert!(matches!(refusal, Err(SwitchError::Unreachable(_))), "{number} {refusal:?}");
            let refusal = talk.command(&office, talk.caller, LegCommand::Retrieve(target)).await;
            assert!(matches!(refusal, Err(SwitchError::Unreachable(_))), "{number} {refusal:?}");
        }
    }
    assert!(carrier.hears_nothing_for(SHORT).await);
    talk.a.expect("INVITE").await;
    talk.a.hang_up(&mut talk.at_a).await;
}

#[tokio::test]
async fn a_party_is_handed_on_to_slots_and_to_no_other_code() {
    let (office, carrier) = office_with_trunk().await;
    let mut talk = Talk::begin(&office).await;
    for number in ["*8", "*81003", "*76"] {
        for target in [Target::Number(number.into()), Target::Extension(number.into()), code(number)] {
            let refusal = talk.command(&office, talk.called, LegCommand::Transfer(target)).await;
            assert!(matches!(refusal, Err(SwitchError::Unreachable(_))), "{number} {refusal:?}");
        }
        let refer_to = [format!("Refer-To: <sip:{number}@test>")];
        talk.b.within(&mut talk.at_b, "REFER", &refer_to, "").await;
        talk.b.expect_status(202).await;
        for outcome in ["SIP/2.0 100 Trying\r\n", "SIP/2.0 404 Not Found\r\n"] {
            let notify = talk.b.expect("NOTIFY").await;
            assert_eq!(notify.body, outcome);
            talk.b.reply(&notify, "200 OK", "").await;
        }
    }
    talk.command(&office, talk.called, LegCommand::Transfer(Target::Number("702".into()))).await.unwrap();
    talk.b.expect_bye().await;
    assert!(carrier.hears_nothing_for(SHORT).await);
    talk.a.expect("INVITE").await;
    talk.a.hang_up(&mut talk.at_a).await;
    assert!(talk.rest(&office).await.contains(&"A parked in 702".to_owned()));
}

#[tokio::test]
async fn an_extension_named_like_an_empty_slot_is_an_extension_everywhere() {
    let office = Office::open().await;
    office.change(|entries| {
        let mut extension = entries.extensions[2].clone();
        extension.number = "703".into();
        entries.extensions.push(extension);
    });
    let (a, b, c) =
        (office.registered("a").await, office.registered("b").await, office.registered("c").await);
    let at_a = a.call("703", SDP).await;
    c.refuse(&c.expect("INVITE").await, "486 Busy Here").await;
    a.expect_refusal(&at_a, 486).await;
    let at_a = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    b.send(&invite.response("302 Moved", "b", &["Contact: <sip:703@test>".to_owned()], "")).await;
    b.expect("ACK").await;
    c.refuse(&c.expect("INVITE").await, "486 Busy Here").await;
    a.expect_refusal(&at_a, 486).await;
}
