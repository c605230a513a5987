//! The order of records (section 1.5). That every member sorts is a property in `property.rs`.

use serde_json::{Value as Json, json};

use super::world::World;

async fn sorted(world: &World, members: Json) -> Vec<u32> {
    world.list(members).await.numbers()
}

/// Calls 1 to 4 of the bakery, the attorney, the clinic and the bakery again; the callers are nobody, bob,
/// Ann and Bob.
async fn four_calls() -> World {
    let world = World::new().await;
    let names = [None, Some("bob"), Some("Ann"), Some("Bob")];
    let calls: Vec<_> = [(1, 1), (2, 2), (3, 3), (4, 1)]
        .into_iter()
        .zip(names)
        .map(|((number, account), name)| {
            let mut call = world.call(number, 9, account);
            call.caller_name = name.map(Into::into);
            call
        })
        .collect();
    world.place(calls).await;
    world
}

#[tokio::test]
async fn records_go_by_start_ascending_unless_told_otherwise() {
    let world = four_calls().await;
    for members in [json!({}), json!({"SortField": ""}), json!({"SortField": "starttime", "SortDir": "ASC"})]
    {
        assert_eq!(sorted(&world, members).await, [1, 2, 3, 4]);
    }
    for down in [json!("Desc"), json!("desc"), json!("1"), json!(1)] {
        assert_eq!(sorted(&world, json!({"SortDir": down})).await, [4, 3, 2, 1]);
    }
}

#[tokio::test]
async fn absent_texts_come_last_and_case_does_not_matter() {
    let world = four_calls().await;
    assert_eq!(sorted(&world, json!({"SortField": "CallerName"})).await, [3, 2, 4, 1]);
    assert_eq!(sorted(&world, json!({"SortField": "CallerName", "SortDir": "Desc"})).await, [1, 2, 4, 3]);
}

#[tokio::test]
async fn records_go_by_what_the_directory_says_of_their_account() {
    let world = four_calls().await;
    let by = |member: &str, direction: &str| json!({"SortField": member, "SortDir": direction});
    assert_eq!(sorted(&world, by("ClientName", "Asc")).await, [2, 1, 4, 3]);
    assert_eq!(sorted(&world, by("ClientName", "Desc")).await, [3, 1, 4, 2]);
    assert_eq!(sorted(&world, by("ClientId", "Asc")).await, [2, 1, 4, 3]);
    assert_eq!(sorted(&world, by("CenterId", "Asc")).await, [1, 4, 2, 3]);
    assert_eq!(sorted(&world, by("CenterId", "Desc")).await, [3, 2, 1, 4]);
}

#[tokio::test]
async fn pages_of_records_in_the_order_of_their_accounts_follow_one_another() {
    let world = four_calls().await;
    for (page, expected) in [(0, vec![2]), (1, vec![1]), (2, vec![4]), (3, vec![3]), (4, vec![])] {
        let members = json!({"SortField": "ClientName", "ItemsPerPage": 1, "Page": page});
        let answer = world.list(members).await;
        assert_eq!((answer.numbers(), &answer.page()["TotalCount"]), (expected, &json!(4)));
    }
    let uncounted = json!({"SortField": "ClientName", "ItemsPerPage": 3, "DisableStats": true});
    assert_eq!(sorted(&world, uncounted).await, [2, 1, 4]);
}

#[tokio::test]
async fn records_that_are_alike_go_by_id_ascending_in_either_direction() {
    let world = four_calls().await;
    for member in ["Server", "Flagged", "TalkTimeInSeconds", "Type"] {
        for direction in ["Asc", "Desc"] {
            let members = json!({"SortField": member, "SortDir": direction});
            assert_eq!(sorted(&world, members).await, [1, 2, 3, 4], "{member} {direction}");
        }
    }
}

#[tokio::test]
async fn members_that_hold_no_single_value_are_refused() {
    let world = World::new().await;
    for member in ["Interactions", "CompletedFormIds", "String", "started_at", "0"] {
        let answer = world.list(json!({"SortField": member})).await;
        let expected = [("ArgumentException".to_owned(), "SortField".to_owned())];
        assert_eq!(answer.faults(400), ("ArgumentException".to_owned(), expected.to_vec()), "{member}");
    }
}
