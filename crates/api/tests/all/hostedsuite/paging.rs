//! Pages (section 1.4).

use serde_json::{Value as Json, json};

use super::world::World;

async fn five_calls(world: World) -> World {
    let calls: Vec<_> = (1..=5).map(|number| world.call(number, 9, 1)).collect();
    world.place(calls).await;
    world
}

async fn totals(world: &World, members: Json) -> (usize, Json, Json, Json) {
    let page = world.list(members).await.page();
    let count = page["Items"].as_array().unwrap().len();
    (count, page["Page"].clone(), page["TotalCount"].clone(), page["TotalPages"].clone())
}

#[tokio::test]
async fn the_first_page_is_page_zero() {
    let world = five_calls(World::new().await).await;
    assert_eq!(world.list(json!({"ItemsPerPage": 2})).await.numbers(), [1, 2]);
    assert_eq!(world.list(json!({"ItemsPerPage": 2, "Page": 0})).await.numbers(), [1, 2]);
    assert_eq!(world.list(json!({"ItemsPerPage": 2, "Page": 2})).await.numbers(), [5]);
    assert_eq!(
        totals(&world, json!({"ItemsPerPage": 2, "Page": 1})).await,
        (2, json!(1), json!(5), json!(3))
    );
}

#[tokio::test]
async fn past_the_end_is_an_empty_page_with_the_same_totals() {
    let world = five_calls(World::new().await).await;
    assert_eq!(
        totals(&world, json!({"ItemsPerPage": 5, "Page": 1})).await,
        (0, json!(1), json!(5), json!(1))
    );
    let last = json!({"ItemsPerPage": 1000, "Page": 2147483647});
    assert_eq!(totals(&world, last).await, (0, json!(2147483647), json!(5), json!(1)));
}

#[tokio::test]
async fn the_size_of_a_page_is_as_configured_if_the_request_does_not_say() {
    let world = five_calls(World::with(|config| config.hostedsuite.items_per_page = 3).await).await;
    assert_eq!(totals(&world, json!({})).await, (3, json!(0), json!(5), json!(2)));
    assert_eq!(totals(&world, json!({"ItemsPerPage": 0})).await, (3, json!(0), json!(5), json!(2)));
}

#[tokio::test]
async fn a_page_holds_at_most_a_thousand() {
    let world = World::new().await;
    let calls: Vec<_> = (0..1_001).map(|number| world.call(number, 9, 1)).collect();
    world.place(calls).await;
    assert_eq!(totals(&world, json!({"ItemsPerPage": 5000})).await, (1000, json!(0), json!(1001), json!(2)));
    assert_eq!(totals(&world, json!({})).await, (100, json!(0), json!(1001), json!(11)));
}

#[tokio::test]
async fn nothing_found_is_no_page() {
    assert_eq!(totals(&World::new().await, json!({})).await, (0, json!(0), json!(0), json!(0)));
}

#[tokio::test]
async fn without_stats_totals_are_zero_and_items_as_ever() {
    let world = five_calls(World::new().await).await;
    for yes in [json!(true), json!("true"), json!("1"), json!("ON"), json!("y")] {
        let members = json!({"ItemsPerPage": 2, "Page": 1, "DisableStats": yes});
        assert_eq!(totals(&world, members).await, (2, json!(1), json!(0), json!(0)), "{yes}");
    }
    for no in [json!(false), json!("False"), json!(0), json!("off"), json!(null), json!("")] {
        let members = json!({"ItemsPerPage": 2, "DisableStats": no});
        assert_eq!(totals(&world, members).await, (2, json!(0), json!(5), json!(3)), "{no}");
    }
}

#[tokio::test]
async fn the_loop_of_a_client_sees_every_record_once() {
    let world = five_calls(World::new().await).await;
    let (mut page, mut seen) = (0, Vec::new());
    loop {
        let answer = world.list(json!({"ItemsPerPage": 2, "Page": page, "SortDir": "Desc"})).await;
        seen.extend(answer.numbers());
        page += 1;
        if page >= answer.page()["TotalPages"].as_i64().unwrap() {
            break;
        }
    }
    assert_eq!(seen, [5, 4, 3, 2, 1]);
}
