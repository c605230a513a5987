//! `kill -9` in the middle of calls loses none and doubles none.

use std::{collections::HashSet, time::Duration};

use testkit::sipp::Sipp;

use crate::{
    harness::{Records, Yeti, vonage, wait_until},
    scene::{RECORDED, Scene},
};

const CALLS: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn every_call_that_was_up_or_over_has_exactly_one_record() {
    let mut scene = Scene::with(&[("TRUNKLINE__MEDIA__MODE", "direct")]);
    let trunk = scene.first(Sipp::scenario("uas-answer").calls(1_000).without_messages()).await;
    let ended = scene.caller("uac-answered").calls(5).talk(Duration::ZERO).without_messages();
    ended.spawn().await.unwrap().wait().await.unwrap();
    scene.server.wait_for_metric(RECORDED, 5).await;
    let talking = scene.caller("uac-answered").calls(CALLS as u32).rate(100).talk(Duration::from_secs(20));
    let talking = talking.without_messages().spawn().await.unwrap();
    let all_talk = async || {
        let calls = vonage::calls(&scene.server).await;
        calls.len() == CALLS && calls.iter().all(|call| call["status"] == "on-call")
    };
    wait_until("50 calls are talked on", all_talk).await;
    // A crash ends them at the last heartbeat, which comes twice a second: the last of them is to have talked at one.
    tokio::time::sleep(Duration::from_millis(600)).await;
    let live: HashSet<String> = ids(&vonage::calls(&scene.server).await, "call_id");

    let restarted = scene.setup.start_after(scene.server);
    scene.server = restarted;
    drop((talking, trunk));

    let records = Records::all(&scene.server).await;
    assert_eq!(records.len(), CALLS + 5, "one record for each call");
    let recorded = ids(&records, "Id");
    assert_eq!(recorded.len(), CALLS + 5, "none is doubled");
    assert!(live.is_subset(&recorded), "none is lost");
    let interrupted = records.iter().filter(|record| live.contains(record["Id"].as_str().unwrap()));
    for record in interrupted {
        assert_eq!(record["Interactions"].as_array().unwrap().len(), 2, "answered and interrupted: {record}");
        assert!(record["TalkTimeInSeconds"].as_f64().unwrap() > 0.0, "{record}");
    }
    assert_eq!(vonage::calls(&scene.server).await.len(), 0);
    assert_eq!(Yeti::login(&scene.server).await.export().await.len(), CALLS + 5);
}

fn ids(items: &[serde_json::Value], member: &str) -> HashSet<String> {
    items.iter().map(|item| item[member].as_str().unwrap().to_owned()).collect()
}
