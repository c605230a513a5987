//! A party is handed over after a word with the third: `to` of the type `leg`.

use serde_json::json;
use testkit::sipp::Sipp;

use super::{Talk, get, live_call, office, status};
use crate::{
    directory::SECRET,
    harness::{MUSIC, vonage, wait_until},
    phone::{A, B, C, Phone, tones},
};

#[tokio::test(flavor = "multi_thread")]
async fn two_calls_become_one_and_who_was_in_both_leaves() {
    let talk = Talk::begin().await;
    let c = Phone::talking(&talk.scene, "1003").await;
    let first = talk.leg(1002).await;
    assert_eq!(talk.tell(&first, json!({ "state": "held" })).await, "held");
    talk.a.hears(MUSIC).await;
    let second_line = Phone::dials(&talk.scene, "1002", "1003", "uac-talk").await;
    tokio::join!(second_line.speaks(), c.speaks());
    tokio::join!(second_line.hears(C), c.hears(B));
    let second_call = call_from(&talk, 1002).await;
    let second = vonage::leg(&talk.scene.server, &second_call, 1002).await;
    let id = second.rsplit('/').next().unwrap();

    let order = json!({ "state": "active", "to": { "destination": id, "type": "leg" } });
    assert_eq!(talk.tell(&first, order).await, "transferred");
    tokio::join!(talk.a.hears(C), c.hears(A));
    assert_eq!(status(&talk.scene, &talk.call).await, "on-call");
    assert_eq!(get(&talk.scene, &second_call).await.0, 200, "its id stays good: it is a part of the first");
    assert_eq!((talk.a.story(), c.story()), (tones(&[B, MUSIC, C]), tones(&[B, A])));
    let by_second_line = second_line.ends().await.messages.ladder();
    assert_eq!(by_second_line, ["> INVITE 407", "> INVITE 200", "< BYE 200"]);
    assert_eq!(talk.b.ends().await.messages.ladder(), ["< INVITE 200", "< BYE 200"]);

    assert_eq!(vonage::delete(&talk.scene.server, &talk.call).await, 200);
    let (by_a, by_c) = (talk.a.ends().await.messages.ladder(), c.ends().await.messages.ladder());
    assert_eq!(by_a, ["> INVITE 407", "> INVITE 200", "< INVITE 200", "< BYE 200"]);
    assert_eq!(by_c, ["< INVITE 200", "< INVITE 200", "< BYE 200"]);
    let seen = talk.scene.only_call().await;
    let told = ["Answer", "Hold", "Answer", "TransferAttempt", "TransferCompleted", "Hangup"];
    assert_eq!(seen.interactions(), told);
    assert_eq!((seen.text("AnsweredBy"), seen.text("TransferToNumber")), ("Desk 1002", "1003"));
    assert!(seen.seconds("HoldTimeInSeconds") > 0.0);
    seen.assert_times_add_up();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_hands_over_by_a_refer_in_place_of_its_own_call() {
    let scene = office();
    let server = scene.server.sip;
    let c = Phone::talking(&scene, "1003").await;
    let b = Sipp::scenario("uas-attended-transfer").target(server).key("domain", server);
    let b = Phone::called(&scene, "1002", b.credentials("1002", SECRET).then_calling("1003")).await;
    let a = Phone::calling(&scene, "1002").await;
    tokio::join!(a.speaks(), c.speaks());
    tokio::join!(a.hears(C), c.hears(A));
    b.ends().await;
    assert_eq!(c.story(), tones(&[A]));
    let heard = a.story();
    assert!(heard == tones(&[MUSIC, C]) || heard == tones(&[C]), "{heard:?}");
    let call = live_call(&scene, "on-call").await;
    assert_eq!(vonage::delete(&scene.server, &call).await, 200);
    a.ends().await;
    c.ends().await;
    assert_eq!(scene.only_call().await.text("TransferToNumber"), "1003");
}

/// The path of the live call that an extension placed.
async fn call_from(talk: &Talk, extension: u32) -> String {
    let found = async || {
        let calls = vonage::calls(&talk.scene.server).await;
        let call =
            calls.iter().find(|call| call["from"] == json!(extension) && call["status"] == "on-call")?;
        Some(format!("/cc/accounts/1234/calls/{}", call["call_id"].as_str()?))
    };
    wait_until("the second call is shown", async || found().await.is_some()).await;
    found().await.unwrap()
}
