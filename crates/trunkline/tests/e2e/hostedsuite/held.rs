//! Calls that were answered, from the network and inside the office.

use testkit::sipp::Sipp;

use super::{CALLER, RING, from_outside, sent, told};
use crate::scene::{Scene, When};

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_was_held_twice() {
    let scene = Scene::new();
    let phone = scene.phone("1001", Sipp::scenario("uas-hold-twice-then-bye").ring(RING)).await;
    let caller = from_outside(&scene, "uac-talk").spawn().await.unwrap().wait().await.unwrap();
    let phone = phone.wait().await.unwrap();
    let told = told(&scene).await;

    let (began, answered) = (caller.first_sent("INVITE"), phone.first_sent("SIP/2.0 200"));
    let ended = phone.first_sent("BYE");
    let changes = sent(&phone, "INVITE");
    let [held, resumed, held_again, resumed_again] = changes[..] else { panic!("{changes:?}") };
    let hold = resumed.since(held) + resumed_again.since(held_again);
    told.assert_start(began);
    told.assert_spent(
        ended.since(began),
        [
            ("RingTimeInSeconds", answered.since(began)),
            ("TalkTimeInSeconds", ended.since(answered) - hold),
            ("HoldTimeInSeconds", hold),
            ("TransferTimeInSeconds", std::time::Duration::ZERO),
        ],
    );
    assert_eq!(told.record["HoldCount"], 2);
    told.assert_interactions(&[
        ("Answer", "Desk 1001", answered),
        ("Hold", "Desk 1001", held),
        ("Retrieved", "Desk 1001", resumed),
        ("Hold", "Desk 1001", held_again),
        ("Retrieved", "Desk 1001", resumed_again),
        ("Hangup", "Desk 1001", ended),
    ]);
    assert_eq!((told.text("AnsweredBy"), told.text("ScreenPop")), ("Desk 1001", "Office, good day"));
    assert_eq!((told.text("CallerName"), told.text("CallerNumber")), ("Ada", CALLER));
    assert_eq!(told.text("Type"), "Incoming");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_inside_the_office() {
    let scene = Scene::new();
    let phone = scene.phone("1002", Sipp::scenario("uas-hold-then-bye").ring(RING).talk(RING)).await;
    let caller = scene.caller("uac-talk").calling("1002").spawn().await.unwrap().wait().await.unwrap();
    let phone = phone.wait().await.unwrap();
    let told = told(&scene).await;

    let (began, answered) = (caller.last_sent("INVITE"), phone.first_sent("SIP/2.0 200"));
    let ended = phone.first_sent("BYE");
    let changes = sent(&phone, "INVITE");
    let [held, resumed] = changes[..] else { panic!("{changes:?}") };
    told.assert_start(began);
    told.assert_spent(
        ended.since(began),
        [
            ("RingTimeInSeconds", answered.since(began)),
            ("TalkTimeInSeconds", ended.since(answered) - resumed.since(held)),
            ("HoldTimeInSeconds", resumed.since(held)),
            ("TransferTimeInSeconds", std::time::Duration::ZERO),
        ],
    );
    assert_eq!(told.record["HoldCount"], 1);
    told.assert_interactions(&[
        ("Answer", "Desk 1002", answered),
        ("Hold", "Desk 1002", held),
        ("Retrieved", "Desk 1002", resumed),
        ("Hangup", "Desk 1002", ended),
    ]);
    assert_eq!((told.text("AnsweredBy"), told.text("Type")), ("Desk 1002", "Outgoing"));
    assert_eq!((told.text("CallerNumber"), told.record.get("ScreenPop")), ("1001", None));
}
