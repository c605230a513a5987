//! `POST /api/clients` and `/api/clients/names` (section 5).

use serde_json::{Value as Json, json};

use super::world::{ATTORNEY, BAKERY, STRANGER, World};

async fn names(world: &World, user: &str, path: &str, members: Json) -> Vec<String> {
    let page = world.ask_as(user, path, members).await.page();
    page.as_array().unwrap().iter().map(|client| client["Name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_client_shows_what_the_directory_knows() {
    let world = World::new().await;
    let clients = world.ask_as("anna", "/api/clients", json!({"ClientId": BAKERY})).await.page();
    let expected = json!([{
        "Id": BAKERY,
        "Name": "Bakery",
        "CenterId": "1",
        "CenterName": "north",
        "ScreenPops": ["Bakery & Sons"],
        "CallAllowanceType": "NotBillable",
        "CallAllowanceAmount": 0,
    }]);
    assert_eq!(clients, expected);
}

#[tokio::test]
async fn a_user_sees_the_clients_that_they_may_see() {
    let world = World::new().await;
    for path in ["/api/clients", "/api/clients/names"] {
        assert_eq!(names(&world, "anna", path, json!({})).await, ["Bakery", "attorney", "Clinic"]);
        assert_eq!(names(&world, "vera", path, json!({})).await, ["Bakery"]);
        assert_eq!(names(&world, "nora", path, json!({})).await, ["Bakery"]);
    }
    assert!(names(&world, "anna", "/api/clients", json!({"ClientId": STRANGER})).await.is_empty());
}

#[tokio::test]
async fn every_filter_must_hold() {
    let world = World::new().await;
    for (filter, expected) in [
        (json!({"Name": "BAKERY"}), vec!["Bakery"]),
        (json!({"Name": "Bake"}), vec![]),
        (json!({"CenterId": "2"}), vec!["attorney"]),
        (json!({"ClientId": ATTORNEY, "CenterId": "2"}), vec!["attorney"]),
        (json!({"ClientId": ATTORNEY, "CenterId": "1"}), vec![]),
        (json!({"ScreenPop": "bakery & sons"}), vec!["Bakery"]),
        (json!({"ScreenPop": "sons"}), vec![]),
        (json!({"ThirdPartyAccountId": "x"}), vec![]),
        (json!({"CategoryIds": ["x"]}), vec![]),
        (json!({"CustomFieldsFilter": {"x": "y"}}), vec![]),
        (json!({"Name": "", "CenterId": "", "ClientId": ""}), vec!["Bakery", "attorney", "Clinic"]),
    ] {
        assert_eq!(names(&world, "anna", "/api/clients", filter.clone()).await, expected, "{filter}");
    }
}

#[tokio::test]
async fn names_are_listed_by_center() {
    let world = World::new().await;
    let expected = json!([{
        "Id": BAKERY, "Name": "Bakery", "CenterId": "1", "CallAllowanceType": "NotBillable", "CallAllowanceAmount": 0,
    }]);
    assert_eq!(world.ask_as("anna", "/api/clients/names", json!({"CenterId": 1})).await.page(), expected);
}
