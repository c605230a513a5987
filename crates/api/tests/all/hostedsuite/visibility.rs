//! Whose records a user sees.

use serde_json::json;

use super::world::{ATTORNEY, BAKERY, PASSWORD, STRANGER, World, call_id};

/// Calls 1 to 3 are the bakery's, the attorney's and the stranger's own; call 4 goes from the bakery to the
/// stranger.
async fn four_calls() -> World {
    let world = World::new().await;
    let calls = [world.call(1, 1, 1), world.call(2, 2, 2), world.call(3, 9, 9), world.call(4, 1, 9)];
    world.place(calls).await;
    world
}

#[tokio::test]
async fn a_user_without_limits_sees_all_of_the_customer() {
    assert_eq!(four_calls().await.list(json!({})).await.numbers(), [1, 2, 4]);
}

#[tokio::test]
async fn a_user_sees_only_the_accounts_and_centers_they_may() {
    let world = four_calls().await;
    for user in ["vera", "nora"] {
        assert_eq!(world.list_as(user, json!({})).await.numbers(), [1, 4], "{user}");
        assert_eq!(world.list_as(user, json!({"ClientId": ATTORNEY})).await.numbers(), [0; 0], "{user}");
        assert_eq!(world.list_as(user, json!({"CenterId": "2"})).await.numbers(), [0; 0], "{user}");
        let hidden = json!({"CallRecordId": call_id(2).to_string()});
        assert_eq!(world.list_as(user, hidden).await.numbers(), [0; 0], "{user}");
    }
}

#[tokio::test]
async fn another_customer_sees_nothing_of_it() {
    let world = four_calls().await;
    let as_otto = |mut members: serde_json::Value| {
        members["CustomerName"] = "other".into();
        members["UserName"] = "otto".into();
        members["Password"] = PASSWORD.into();
        world.post("/api/calls", "application/json", members.to_string())
    };
    assert_eq!(as_otto(json!({})).await.numbers(), [3, 4]);
    assert_eq!(as_otto(json!({"ClientId": BAKERY})).await.numbers(), [0; 0]);
    assert_eq!(as_otto(json!({"CenterId": "1"})).await.numbers(), [0; 0]);
    assert_eq!(as_otto(json!({"CallRecordId": call_id(1).to_string()})).await.numbers(), [0; 0]);
    let shared = as_otto(json!({"ClientId": STRANGER, "CallRecordId": call_id(4).to_string()})).await;
    assert_eq!(
        (shared.each("ClientName"), shared.each("Type")),
        (vec![json!("Stranger")], vec![json!("Incoming")])
    );
}
