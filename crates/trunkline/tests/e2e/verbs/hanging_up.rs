//! `DELETE` of a leg and of a call.

use super::{Talk, get};
use crate::harness::vonage;

#[tokio::test(flavor = "multi_thread")]
async fn a_leg_that_is_ended_ends_a_call_of_two() {
    let talk = Talk::begin().await;
    let leg = talk.leg(1002).await;
    assert_eq!(vonage::delete(&talk.scene.server, &leg).await, 204);
    let (a, b) = (talk.a.ends().await, talk.b.ends().await);
    assert_eq!(a.messages.ladder(), ["> INVITE 407", "> INVITE 200", "< BYE 200"]);
    assert_eq!(b.messages.ladder(), ["< INVITE 200", "< BYE 200"]);
    let seen = talk.scene.only_call().await;
    assert_eq!(vonage::delete(&talk.scene.server, &leg).await, 404);
    assert_eq!((get(&talk.scene, &leg).await.0, get(&talk.scene, &talk.call).await.0), (404, 404));
    assert_eq!(seen.interactions(), ["Answer", "Hangup"]);
    seen.assert_times_add_up();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_ended_with_all_its_legs() {
    let talk = Talk::begin().await;
    let past = talk.end().await;
    assert_eq!(past.a, ["> INVITE 407", "> INVITE 200", "< BYE 200"]);
    assert_eq!(past.b, ["< INVITE 200", "< BYE 200"]);
    assert_eq!((past.seen.interactions(), past.seen.column("Success")), (vec!["Answer", "Hangup"], "t"));
    past.seen.assert_times_add_up();
}
