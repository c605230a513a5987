//! Calls that a program places between softphones.

use serde_json::json;

use super::{A, B, is_over, listen, phone, story};
use crate::{
    harness::{vonage, wait_until},
    scene::Scene,
};

#[tokio::test(flavor = "multi_thread")]
async fn the_agent_is_sent_ringing_until_the_other_one_answers() {
    let scene = Scene::with(&[("TRUNKLINE__SIP__NO_ANSWER_SECONDS", "60")]);
    let mut a = phone(&scene, "1001", A, true).await;
    let mut b = phone(&scene, "1002", B, false).await;
    let party = |number: u32| json!({ "destination": number, "type": "extension" });
    let order = json!({ "from": party(1001), "to": party(1002), "type": "click2dial" });
    let id = vonage::post(&scene.server, "/cc/accounts/1234/calls", &order).await;
    a.expect("CALL_ESTABLISHED").await.unwrap();
    b.expect("CALL_INCOMING").await.unwrap();
    // It keeps no sound of a call whose first offer was its own; its log tells that there is some.
    let is_sent_sound = async || a.log().contains("incoming rtp for 'audio' established");
    wait_until("ringing is heard", is_sent_sound).await;
    b.accept().await.unwrap();
    b.expect("CALL_ESTABLISHED").await.unwrap();
    listen().await;
    b.hang_up().await.unwrap();
    a.expect("CALL_CLOSED").await.unwrap();
    is_over(&scene).await;
    assert_eq!(story(&b.heard().unwrap()), [A]);
    assert_eq!(a.ladder(), ["< INVITE auto 200", "< INVITE 200", "< BYE 200"]);
    let seen = scene.only_call().await;
    assert_eq!((seen.text("Id"), seen.text("AnsweredBy")), (&*id, "Desk 1002"));
    assert_eq!(seen.interactions(), ["Answer", "Hangup"]);
}
