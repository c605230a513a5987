//! A ringing softphone that is told to answer. This one knows nothing of the wish: it rings on as before, until a
//! person answers it.

use serde_json::json;

use super::{A, B, is_over, leg_of, listen, phone, story};
use crate::{harness::vonage, scene::Scene};

#[tokio::test(flavor = "multi_thread")]
async fn a_softphone_that_is_told_to_answer_and_does_not_rings_on() {
    let scene = Scene::with(&[("TRUNKLINE__SIP__NO_ANSWER_SECONDS", "60")]);
    let mut a = phone(&scene, "1001", A, false).await;
    let mut b = phone(&scene, "1002", B, false).await;
    a.dial("1002").await.unwrap();
    b.expect("CALL_INCOMING").await.unwrap();
    scene.wait_for_live(1).await;
    let leg = leg_of(&scene, 1002).await;
    let (status, answer) = vonage::put(&scene.server, &leg, &json!({ "state": "active" })).await;
    assert_eq!((status, &answer["call_state"]), (202, &json!("ringing")));
    // The second call is taken back.
    b.expect("CALL_CLOSED").await.unwrap();
    b.accept().await.unwrap();
    b.expect("CALL_ESTABLISHED").await.unwrap();
    a.expect("CALL_ESTABLISHED").await.unwrap();
    listen().await;
    a.hang_up().await.unwrap();
    b.expect("CALL_CLOSED").await.unwrap();
    is_over(&scene).await;
    assert_eq!(b.ladder(), ["< INVITE 200", "< INVITE auto 487", "< CANCEL 200", "< BYE 200"]);
    assert_eq!((story(&a.heard().unwrap()), story(&b.heard().unwrap())), (vec![B], vec![A]));
}
