//! `GET /api/settings/time-zones` (section 5).

use serde_json::json;

use super::world::World;

const CREDENTIALS: &str = "CustomerName=acme&UserName=anna&Password=correct+horse";

#[tokio::test]
async fn every_zone_is_listed_with_its_distance_from_utc() {
    let world = World::new().await;
    let answer = world.server.get(&format!("/api/settings/time-zones?{CREDENTIALS}")).send().await;
    let zones = answer.page();
    let zone = |id: &str| zones.as_array().unwrap().iter().find(|zone| zone["Id"] == id).cloned();
    let expected = json!({"Id": "America/New_York", "DisplayName": "(UTC-05:00) America/New_York"});
    assert_eq!(zone("America/New_York"), Some(expected));
    assert!(zone("UTC").is_some());
}

#[tokio::test]
async fn it_is_asked_for_with_get() {
    let world = World::new().await;
    let answer = world.ask("/api/settings/time-zones").await;
    answer.refusal(405);
    assert_eq!(answer.header("allow"), "GET, HEAD");
    assert_eq!(world.ask("/api/json/reply/ListTimeZonesRequest").await.status, 200);
    let by_name = world.server.get(&format!("/api/ListTimeZonesRequest?{CREDENTIALS}")).send().await;
    assert_eq!(by_name.status, 200);
}

#[tokio::test]
async fn wrong_credentials_are_refused() {
    let world = World::new().await;
    let wrong = CREDENTIALS.replace("horse", "cow");
    world.server.get(&format!("/api/settings/time-zones?{wrong}")).send().await.refusal(401);
    world.server.get("/api/settings/time-zones").send().await.refusal(400);
}
