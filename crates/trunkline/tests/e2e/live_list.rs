//! The live list is true.

use std::time::Duration;

use testkit::sipp::Sipp;

use crate::{
    harness::{Yeti, vonage},
    scene::{RECORDED, Scene},
};

const CALLS: u32 = 200;

#[tokio::test(flavor = "multi_thread")]
async fn list_chart_and_metrics_agree_during_200_calls_and_return_to_nothing() {
    let scene = Scene::with(&[("TRUNKLINE__MEDIA__MODE", "direct")]);
    let trunk = scene.first(Sipp::scenario("uas-answer").calls(CALLS).without_messages()).await;
    let caller = scene.caller("uac-answered").calls(CALLS).rate(100).talk(Duration::from_secs(8));
    let caller = caller.without_messages().spawn().await.unwrap();

    scene.wait_for_live(CALLS as usize).await;
    let yeti = Yeti::login(&scene.server).await;
    assert_eq!(scene.server.metric("trunkline_calls_active").await, u64::from(CALLS));
    assert_eq!(yeti.last_point("originated-calls").await, u64::from(CALLS));
    assert_eq!(yeti.last_point("terminated-calls").await, 0);
    assert_eq!(vonage::calls(&scene.server).await.len(), CALLS as usize);

    caller.wait().await.unwrap();
    trunk.wait().await.unwrap();
    scene.server.wait_for_metric(RECORDED, u64::from(CALLS)).await;
    assert_eq!(scene.server.metric("trunkline_calls_active").await, 0);
    assert_eq!(yeti.last_point("originated-calls").await, 0);
    assert_eq!(vonage::calls(&scene.server).await.len(), 0);
    assert_eq!(yeti.export().await.len(), CALLS as usize);
}
