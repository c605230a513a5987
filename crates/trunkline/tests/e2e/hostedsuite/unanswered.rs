//! Calls that nobody answered.

use std::time::Duration;

use testkit::sipp::Sipp;

use super::{RING, from_outside, told};
use crate::scene::{Scene, When};

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_rang_until_the_caller_gave_up() {
    let scene = Scene::new();
    let phone = scene.phone("1001", Sipp::scenario("uas-no-answer")).await;
    let caller = from_outside(&scene, "uac-cancel").ring(RING).spawn().await.unwrap().wait().await.unwrap();
    phone.wait().await.unwrap();
    let told = told(&scene).await;

    let (began, ended) = (caller.first_sent("INVITE"), caller.first_sent("CANCEL"));
    told.assert_start(began);
    told.assert_spent(
        ended.since(began),
        [
            ("RingTimeInSeconds", ended.since(began)),
            ("TalkTimeInSeconds", Duration::ZERO),
            ("HoldTimeInSeconds", Duration::ZERO),
            ("TransferTimeInSeconds", Duration::ZERO),
        ],
    );
    assert_eq!((&told.record["HoldCount"], told.record.get("AnsweredBy")), (&0.into(), None));
    assert_eq!((told.text("Type"), told.text("ScreenPop")), ("Incoming", "Office, good day"));
    told.assert_interactions(&[("Hangup", "Abandoned", ended)]);
}
