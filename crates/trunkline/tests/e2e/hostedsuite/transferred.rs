//! Calls that were handed over.

use call::Timestamp;
use serde_json::json;
use testkit::sipp::{Direction, Sipp, SippOutcome, SippRun};

use super::{RING, from_outside, told};
use crate::{
    harness::{vonage, wait_until},
    scene::{Scene, When},
};

/// Waits until a phone has put its party on hold.
async fn is_held(phone: &SippRun) {
    let has_held = async || {
        let messages = phone.messages().unwrap();
        messages.first(Direction::Sent, "INVITE").is_some()
            && messages.all(Direction::Sent, "ACK").next().is_some()
    };
    wait_until("the phone holds", has_held).await;
}

/// Joins whom phone 1001 holds with whom it asks, as its person would with the key of the phone; gives when.
async fn hand_over(scene: &Scene) -> Timestamp {
    let both_talk = async || {
        let calls = vonage::calls(&scene.server).await;
        calls.len() == 2 && calls.iter().all(|call| call["legs"].as_array().unwrap().len() == 2)
    };
    wait_until("both calls are there", both_talk).await;
    let calls = vonage::calls(&scene.server).await;
    let is_consultation = |call: &&serde_json::Value| call["from"] == json!(1001);
    let consultation = calls.iter().find(is_consultation).unwrap();
    let held = calls.iter().find(|call| !is_consultation(call)).unwrap();
    let leg = |call: &serde_json::Value, direction: &str, of: &str| {
        let legs = call["legs"].as_array().unwrap();
        let own = |leg: &&serde_json::Value| leg["direction"] == direction && leg[of] == json!(1001);
        legs.iter().find(own).unwrap()["leg_id"].as_str().unwrap().to_owned()
    };
    let path = format!(
        "/cc/accounts/1234/calls/{}/legs/{}",
        held["call_id"].as_str().unwrap(),
        leg(held, "inbound", "to")
    );
    let to = json!({ "destination": leg(consultation, "outbound", "from"), "type": "leg" });
    let at = jiff::Timestamp::now().as_microsecond();
    let (status, answer) = vonage::put(&scene.server, &path, &json!({ "state": "active", "to": to })).await;
    assert_eq!(status, 200, "{answer}");
    Timestamp::from_micros(at)
}

fn re_invited(outcome: &SippOutcome) -> Timestamp {
    outcome.last_received("INVITE")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_was_handed_over_after_a_word_with_the_third() {
    let scene = Scene::new();
    let first = scene.phone("1001", Sipp::scenario("uas-hold-until-bye").ring(RING).talk(RING)).await;
    let third = scene.phone("1003", Sipp::scenario("uas-joined-then-bye").ring(RING).talk(RING)).await;
    let caller = from_outside(&scene, "uac-talk").spawn().await.unwrap();
    is_held(&first).await;
    let asking = scene.caller("uac-talk").calling("1003").spawn().await.unwrap();
    let is_answered = async || asking.messages().unwrap().all(Direction::Sent, "ACK").count() > 1;
    wait_until("the third answers", is_answered).await;
    let handed_over = hand_over(&scene).await;
    let (caller, first) = (caller.wait().await.unwrap(), first.wait().await.unwrap());
    let third = third.wait().await.unwrap();
    asking.wait().await.unwrap();
    let told = told(&scene).await;

    let (began, answered) = (caller.first_sent("INVITE"), first.first_sent("SIP/2.0 200"));
    let (held, asked, ended) =
        (first.first_sent("INVITE"), third.first_sent("SIP/2.0 200"), third.first_sent("BYE"));
    let joined = re_invited(&third);
    told.assert_start(began);
    told.assert_spent(
        ended.since(began),
        [
            ("RingTimeInSeconds", answered.since(began)),
            ("TalkTimeInSeconds", held.since(answered) + ended.since(joined)),
            ("HoldTimeInSeconds", handed_over.since(held)),
            ("TransferTimeInSeconds", joined.since(handed_over)),
        ],
    );
    assert_eq!(told.record["HoldCount"], 1);
    told.assert_interactions(&[
        ("Answer", "Desk 1001", answered),
        ("Hold", "Desk 1001", held),
        ("Answer", "Desk 1003", asked),
        ("TransferAttempt", "1003", handed_over),
        ("TransferCompleted", "Desk 1001", joined),
        ("Hangup", "Desk 1003", ended),
    ]);
    assert_eq!((told.text("AnsweredBy"), told.text("ScreenPop")), ("Desk 1001", "Office, good day"));
    assert_eq!((told.text("TransferToName"), told.text("TransferToNumber")), ("Desk 1003", "1003"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_was_handed_over_without_asking() {
    let scene = Scene::new();
    let first = Sipp::scenario("uas-refer").ring(RING).talk(RING).key("third", "1003");
    let first = scene.phone("1001", first).await;
    let third = scene.phone("1003", Sipp::scenario("uas-answer-then-bye").ring(RING).talk(RING)).await;
    let caller = from_outside(&scene, "uac-talk").spawn().await.unwrap().wait().await.unwrap();
    let (first, third) = (first.wait().await.unwrap(), third.wait().await.unwrap());
    let told = told(&scene).await;

    let (began, answered) = (caller.first_sent("INVITE"), first.first_sent("SIP/2.0 200"));
    let (attempted, completed, ended) =
        (first.first_sent("REFER"), third.first_sent("SIP/2.0 200"), third.first_sent("BYE"));
    told.assert_spent(
        ended.since(began),
        [
            ("RingTimeInSeconds", answered.since(began)),
            ("TalkTimeInSeconds", attempted.since(answered) + ended.since(completed)),
            ("HoldTimeInSeconds", std::time::Duration::ZERO),
            ("TransferTimeInSeconds", completed.since(attempted)),
        ],
    );
    told.assert_interactions(&[
        ("Answer", "Desk 1001", answered),
        ("TransferAttempt", "1003", attempted),
        ("Answer", "Desk 1003", completed),
        ("TransferCompleted", "Desk 1001", completed),
        ("Hangup", "Desk 1003", ended),
    ]);
    assert_eq!((told.text("AnsweredBy"), told.record["HoldCount"].as_u64()), ("Desk 1001", Some(0)));
    assert_eq!((told.text("TransferToName"), told.text("TransferToNumber")), ("Desk 1003", "1003"));
}
