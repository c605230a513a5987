//! `POST /api/centers` (section 5).

use serde_json::json;

use super::world::World;

#[tokio::test]
async fn a_user_sees_the_centers_that_they_may_see() {
    let world = World::new().await;
    let center = |id: &str, name: &str| json!({"Id": id, "Name": name, "TimeZoneId": "UTC"});
    let all = json!([center("1", "north"), center("2", "south")]);
    assert_eq!(world.ask("/api/centers").await.page(), all);
    for user in ["nora", "vera"] {
        let seen = world.ask_as(user, "/api/centers", json!({})).await.page();
        assert_eq!(seen, json!([center("1", "north")]), "{user}");
    }
}

#[tokio::test]
async fn centers_of_other_customers_are_not_seen() {
    let world = World::new().await;
    let otto = json!({"CustomerName": "other", "UserName": "otto", "Password": super::world::PASSWORD});
    let answer = world.post("/api/centers", "application/json", otto.to_string()).await;
    assert_eq!(answer.page(), json!([]));
}
