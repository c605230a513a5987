//! What a phone says of who calls, and times without a zone, as the customer API filters by them.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::Value;
use testkit::sipp::Sipp;

use crate::{
    harness::Yeti,
    scene::{RECORDED, Scene},
};

const ZONE: &str = "Europe/Berlin";

/// What 1001 says of itself, as attributes of `cdrs`.
const SAID: [(&str, &str, &str); 5] = [
    ("P-Asserted-Identity", "pai-in", "<sip:+4930901001@office.example>"),
    ("P-Preferred-Identity", "ppi-in", "<sip:1001@office.example>"),
    ("Privacy", "privacy-in", "id"),
    ("Remote-Party-ID", "rpid-in", "<sip:1001@office.example>;party=calling"),
    ("RPID-Privacy", "rpid-privacy-in", "full"),
];

/// A call of 1001, recorded, with all that it says.
async fn called() -> Scene {
    let scene = Scene::with(&[("TRUNKLINE__YETI__TIME_ZONE", ZONE)]);
    let _trunk = scene.first(Sipp::scenario("uas-answer-then-bye")).await;
    let said: String = SAID.iter().map(|(header, _, value)| format!("\r\n{header}: {value}")).collect();
    let caller = scene.caller("uac-wait-bye").key("user_agent", format!("SIPp{said}"));
    caller.spawn().await.unwrap().wait().await.unwrap();
    scene.server.wait_for_metric(RECORDED, 1).await;
    scene
}

async fn count(client: &Yeti<'_>, filter: &str, value: &str) -> usize {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair(&format!("filter[{filter}]"), value);
    client.json(&format!("cdrs?{}", query.finish())).await["data"].as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_phone_says_of_who_calls_is_shown_and_filtered_by() {
    let scene = called().await;
    let client = Yeti::login(&scene.server).await;
    let shown: Value = client.json("cdrs").await["data"][0]["attributes"].take();
    for (_, attribute, value) in SAID {
        assert_eq!(shown[attribute], value, "{attribute}");
        let name = attribute.replace('-', "_");
        assert_eq!(count(&client, &format!("{name}_eq"), value).await, 1, "{name}");
        assert_eq!(count(&client, &format!("{name}_eq"), "<sip:nobody@office.example>").await, 0, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn times_without_an_offset_are_those_of_the_configured_zone() {
    let scene = called().await;
    let client = Yeti::login(&scene.server).await;
    let naive = |zone: TimeZone, minutes: i64| {
        let instant = Timestamp::now() + SignedDuration::from_mins(minutes);
        instant.to_zoned(zone).strftime("%Y-%m-%d %H:%M:%S").to_string()
    };
    let berlin = TimeZone::get(ZONE).unwrap();
    assert_eq!(count(&client, "time_start_gteq", &naive(berlin.clone(), -5)).await, 1);
    assert_eq!(count(&client, "time_start_gteq", &naive(berlin, 5)).await, 0);
    // What was five minutes ago in UTC is long before that in Berlin.
    assert_eq!(count(&client, "time_start_lt", &naive(TimeZone::UTC, 5)).await, 0);
}
