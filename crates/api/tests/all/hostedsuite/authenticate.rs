//! `POST /api/authenticate` (section 5).

use serde_json::json;

use super::world::World;

#[tokio::test]
async fn the_right_credentials_tell_who_they_belong_to() {
    let world = World::new().await;
    let user = world.server.directory().user_by_login("anna").unwrap().id.to_string();
    let expected = json!({"Authenticated": true, "UserType": "Manager", "Name": "Anna", "CompanyName": "acme", "UserId": user});
    assert_eq!(world.ask("/api/authenticate").await.page(), expected);
    let viewer = world.ask_as("vera", "/api/authenticate", json!({})).await.page();
    assert_eq!(viewer["UserType"], "Viewer");
}

#[tokio::test]
async fn wrong_missing_and_client_credentials_are_refused() {
    let world = World::new().await;
    let wrong = json!({"CustomerName": "acme", "UserName": "anna", "Password": "wrong"});
    world.post("/api/authenticate", "application/json", wrong.to_string()).await.refusal(401);
    world.post("/api/authenticate", "application/json", "").await.refusal(400);
    world.ask_as("cleo", "/api/authenticate", json!({})).await.refusal(403);
}
