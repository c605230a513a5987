//! Every way in which a call can go, and what each dialect says of it afterwards.

use std::time::Duration;

use serde_json::json;
use testkit::sipp::{Sipp, SippOutcome, SippRun};

use crate::scene::{OUTSIDE, RECORDED, Scene, Seen, When};

const SHORT: Duration = Duration::from_millis(300);
const TALK: Duration = Duration::from_millis(1_200);

async fn play(caller: Sipp, callee: SippRun) -> (SippOutcome, SippOutcome) {
    let caller = caller.spawn().await.unwrap().wait().await.unwrap();
    (caller, callee.wait().await.unwrap())
}

fn assert_unanswered(seen: &Seen) {
    assert_eq!(seen.column("Success"), "f");
    assert_eq!((seen.column("Time Connect"), seen.column("Duration")), ("", "0"));
    assert_eq!((seen.seconds("TalkTimeInSeconds"), seen.seconds("HoldTimeInSeconds")), (0.0, 0.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_the_caller_hangs_up() {
    let scene = Scene::new();
    let trunk = scene.first(Sipp::scenario("uas-answer").ring(SHORT)).await;
    let (caller, callee) = play(scene.caller("uac-answered").talk(TALK), trunk).await;
    let seen = scene.only_call().await;

    assert_eq!((seen.column("Success"), seen.column("Duration")), ("t", "1"));
    assert_eq!(seen.outcome(), ("200", "Bye"));
    assert_eq!((seen.column("Src Prefix In"), seen.column("Dst Prefix In")), ("1001", OUTSIDE));
    assert_eq!((seen.column("Auth Orig Ip"), seen.column("Lega User Agent")), ("127.0.0.1", "SIPp"));
    assert_eq!((seen.column("Customer Price"), seen.column("Customer Duration")), ("0.06", "60"));
    seen.assert_between("Time Start", caller.last_sent("INVITE"), caller.last_received("SIP/2.0 100"));
    seen.assert_between("Time Connect", callee.first_sent("SIP/2.0 200"), caller.last_sent("ACK"));
    seen.assert_between("Time End", caller.first_sent("BYE"), caller.last_received("SIP/2.0 200"));

    assert_eq!((seen.text("Type"), seen.text("CallerNumber")), ("Outgoing", "1001"));
    let sum = seen.seconds("RingTimeInSeconds") + seen.seconds("TalkTimeInSeconds");
    assert!((seen.seconds("DurationInSeconds") - sum).abs() < 0.001);
    let talked = caller.first_sent("BYE").since(callee.first_sent("SIP/2.0 200")).as_secs_f64();
    assert!((seen.seconds("TalkTimeInSeconds") - talked).abs() < 0.02, "{} of {talked}", seen.record);
    assert_eq!(seen.interactions(), ["Answer", "Hangup"]);
    assert!(seen.record["Interactions"][1]["Description"].as_str().unwrap().contains("Desk 1001"));
    assert_eq!(scene.shown_status(&seen).await, None, "talked calls are gone at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_the_called_party_hangs_up() {
    let scene = Scene::new();
    let phone = Sipp::scenario("uas-answer-then-bye").ring(SHORT).talk(TALK);
    let phone = scene.phone("1002", phone).await;
    let (caller, callee) = play(scene.caller("uac-wait-bye").calling("1002"), phone).await;
    let seen = scene.only_call().await;

    assert_eq!((seen.column("Success"), seen.column("Duration")), ("t", "1"));
    assert_eq!(seen.outcome(), ("200", "Bye"));
    seen.assert_between("Time End", callee.first_sent("BYE"), caller.last_received("BYE"));
    assert_eq!((seen.text("AnsweredBy"), seen.text("Type")), ("Desk 1002", "Outgoing"));
    assert_eq!(seen.interactions(), ["Answer", "Hangup"]);
    assert!(seen.record["Interactions"][1]["Description"].as_str().unwrap().contains("Desk 1002"));
    assert_eq!(scene.shown_status(&seen).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_from_the_network_to_an_owned_number() {
    let scene = Scene::new();
    let phone = scene.phone("1001", Sipp::scenario("uas-answer").ring(SHORT)).await;
    let caller = Sipp::scenario("uac-answered").target(scene.server.sip).port(scene.first_trunk);
    let caller = caller.calling("+12125550100").key("caller", "+14155550111").talk(TALK);
    play(caller, phone).await;
    scene.server.wait_for_metric(RECORDED, 1).await;
    let records = crate::harness::Records::all(&scene.server).await;
    assert_eq!(records.len(), 1);
    assert_eq!(records[0]["Type"], "Incoming");
    assert_eq!(records[0]["CallerNumber"], "+14155550111");
    assert_eq!(records[0]["AnsweredBy"], "Desk 1001");
    let yeti = crate::harness::Yeti::login(&scene.server).await;
    assert_eq!(yeti.export().await.len(), 0, "the office did not originate it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_number() {
    let scene = Scene::new();
    let trunk = scene.first(Sipp::scenario("uas-busy")).await;
    play(scene.caller("uac-expect-486"), trunk).await;
    let seen = scene.only_call().await;
    assert_unanswered(&seen);
    assert_eq!(seen.outcome().0, "486");
    assert_eq!(scene.shown_status(&seen).await.as_deref(), Some("busy"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_does_not_answer() {
    let scene = Scene::new();
    let phone = scene.phone("1002", Sipp::scenario("uas-no-answer")).await;
    play(scene.caller("uac-expect-480").calling("1002"), phone).await;
    let seen = scene.only_call().await;
    assert_unanswered(&seen);
    assert_eq!(seen.outcome().0, "480");
    let rang = seen.seconds("RingTimeInSeconds");
    assert!((2.9..3.5).contains(&rang), "rang {rang} s of the configured 3");
    assert_eq!(scene.shown_status(&seen).await.as_deref(), Some("unanswered"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_the_caller_cancels() {
    let scene = Scene::new();
    let trunk = scene.first(Sipp::scenario("uas-no-answer")).await;
    let (caller, _) = play(scene.caller("uac-cancel").ring(SHORT), trunk).await;
    let seen = scene.only_call().await;
    assert_unanswered(&seen);
    assert_eq!(seen.outcome().0, "487");
    seen.assert_between("Time End", caller.first_sent("CANCEL"), caller.last_received("SIP/2.0 487"));
    assert_eq!(scene.shown_status(&seen).await.as_deref(), Some("unanswered"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_refuses() {
    let scene = Scene::new();
    let trunk = scene.first(Sipp::scenario("uas-decline").ring(SHORT)).await;
    play(scene.caller("uac-expect-603"), trunk).await;
    let seen = scene.only_call().await;
    assert_unanswered(&seen);
    assert_eq!(seen.outcome().0, "603");
    assert_eq!(scene.shown_status(&seen).await.as_deref(), Some("failed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_nobody_has() {
    let scene = Scene::new();
    let caller = scene.caller("uac-expect-404").calling("+4930123456");
    caller.spawn().await.unwrap().wait().await.unwrap();
    let seen = scene.only_call().await;
    assert_unanswered(&seen);
    assert_eq!(seen.outcome().0, "404");
    assert_eq!(scene.shown_status(&seen).await.as_deref(), Some("failed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extension_whose_phone_is_not_registered() {
    let scene = Scene::new();
    let caller = scene.caller("uac-expect-480").calling("1003");
    caller.spawn().await.unwrap().wait().await.unwrap();
    let seen = scene.only_call().await;
    assert_unanswered(&seen);
    assert_eq!(seen.outcome().0, "480");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_places_no_call() {
    let scene = Scene::new();
    let wrong = Sipp::scenario("uac-wrong-password-expect-403-or-401").target(scene.server.sip);
    wrong.credentials("1001", "a guess").calling(OUTSIDE).spawn().await.unwrap().wait().await.unwrap();
    let wrong = Sipp::scenario("uac-register-wrong-password-expect-403-or-401").target(scene.server.sip);
    wrong.credentials("1001", "a guess").spawn().await.unwrap().wait().await.unwrap();
    assert_eq!(scene.server.metric("trunkline_calls_started_total").await, 0);
    assert_eq!(scene.server.metric("trunkline_registrations").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_that_fails_is_followed_by_the_next() {
    let scene = Scene::new();
    let failing = scene.first(Sipp::scenario("uas-503")).await;
    let second = Sipp::scenario("uas-answer").ring(SHORT).port(scene.second_trunk).spawn().await.unwrap();
    play(scene.caller("uac-answered").talk(TALK), second).await;
    failing.wait().await.unwrap();
    let seen = scene.only_call().await;
    assert_eq!((seen.column("Success"), seen.outcome()), ("t", ("200", "Bye")));
    assert_eq!(seen.interactions(), ["Answer", "Hangup"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_that_says_nothing_is_followed_by_the_next() {
    let scene = Scene::new();
    let second = Sipp::scenario("uas-answer").ring(SHORT).port(scene.second_trunk).spawn().await.unwrap();
    play(scene.caller("uac-answered").talk(TALK), second).await;
    let seen = scene.only_call().await;
    assert_eq!(seen.column("Success"), "t");
    assert!(seen.seconds("RingTimeInSeconds") > 1.0, "the silent trunk had its second");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_a_program_places_and_ends() {
    let scene = Scene::new();
    let agent = scene.phone("1001", Sipp::scenario("uas-originated")).await;
    let callee = scene.first(Sipp::scenario("uas-answer")).await;
    let body = json!({
        "from": {"destination": 1001, "type": "extension"},
        "to": {"destination": OUTSIDE, "type": "pstn"},
        "type": "click2dial",
    });
    let id: String = crate::harness::vonage::post(&scene.server, "/cc/accounts/1234/calls", &body).await;
    let talking = async || {
        let path = format!("/cc/accounts/1234/calls/{id}");
        let call: serde_json::Value =
            crate::harness::vonage::get(&scene.server, &path).await.json().await.unwrap();
        call["status"] == "on-call"
    };
    crate::harness::wait_until("the parties talk", talking).await;
    assert_eq!(
        crate::harness::vonage::delete(&scene.server, &format!("/cc/accounts/1234/calls/{id}")).await,
        200
    );
    assert_eq!(
        crate::harness::vonage::delete(&scene.server, &format!("/cc/accounts/1234/calls/{id}")).await,
        404
    );
    agent.wait().await.unwrap();
    callee.wait().await.unwrap();
    let seen = scene.only_call().await;
    assert_eq!(seen.text("Id"), id);
    assert_eq!((seen.column("Success"), seen.column("Src Prefix In")), ("t", "1001"));
}
