//! Which records are found (sections 1.1, 1.3 and 1.6).

use call::record::Times;
use serde_json::{Value as Json, json};

use super::world::{ATTORNEY, BAKERY, STRANGER, World, call_id, lasting, millis};

/// Calls 1 to 4: a bakery's incoming one, an attorney's outgoing one, one inside the clinic and one from
/// the bakery to the attorney.
async fn four_calls() -> World {
    let world = World::new().await;
    let calls = [world.call(1, 9, 1), world.call(2, 2, 9), world.call(3, 3, 3), world.call(4, 1, 2)];
    world.place(calls).await;
    world
}

async fn found(world: &World, members: Json) -> Vec<u32> {
    world.list(members).await.numbers()
}

#[tokio::test]
async fn without_filters_every_visible_call_is_found_once() {
    assert_eq!(found(&four_calls().await, json!({})).await, [1, 2, 3, 4]);
}

#[tokio::test]
async fn client_id_finds_the_calls_of_one_account_on_either_side() {
    let world = four_calls().await;
    assert_eq!(found(&world, json!({"ClientId": BAKERY})).await, [1, 4]);
    assert_eq!(found(&world, json!({"ClientId": ATTORNEY.to_uppercase()})).await, [2, 4]);
}

#[tokio::test]
async fn center_id_finds_the_calls_of_the_accounts_in_it() {
    let world = four_calls().await;
    assert_eq!(found(&world, json!({"CenterId": "1"})).await, [1, 4]);
    assert_eq!(found(&world, json!({"CenterId": "2"})).await, [2, 4]);
    assert_eq!(found(&world, json!({"CenterId": "2", "ClientId": BAKERY})).await, [0; 0]);
}

#[tokio::test]
async fn a_record_is_shown_as_the_account_that_was_asked_for_sees_it() {
    let world = four_calls().await;
    let shared = |members: Json| {
        let world = &world;
        async move { world.list(members).await.page()["Items"].as_array().unwrap().last().unwrap().clone() }
    };
    let by_sender = shared(json!({})).await;
    assert_eq!((&by_sender["ClientName"], &by_sender["Type"]), (&json!("Bakery"), &json!("Outgoing")));
    let by_taker = shared(json!({"ClientId": ATTORNEY})).await;
    assert_eq!((&by_taker["ClientName"], &by_taker["Type"]), (&json!("attorney"), &json!("Incoming")));
    let by_center = shared(json!({"CenterId": "2"})).await;
    assert_eq!((&by_center["CenterId"], &by_center["Type"]), (&json!("2"), &json!("Incoming")));
}

#[tokio::test]
async fn unknown_and_invisible_clients_and_centers_have_no_records() {
    let world = four_calls().await;
    for members in [
        json!({"ClientId": STRANGER}),
        json!({"ClientId": "String"}),
        json!({"CenterId": "3"}),
        json!({"CenterId": "String"}),
        json!({"CenterId": "01"}),
    ] {
        let page = world.list(members.clone()).await.page();
        assert_eq!(page, json!({"Items": [], "Page": 0, "TotalCount": 0, "TotalPages": 0}), "{members}");
    }
}

#[tokio::test]
async fn call_record_id_finds_one_record_under_the_other_filters() {
    let world = four_calls().await;
    let id = call_id(2).to_string();
    assert_eq!(found(&world, json!({"CallRecordId": id})).await, [2]);
    assert_eq!(found(&world, json!({"CallRecordId": id.to_uppercase()})).await, [2]);
    assert_eq!(found(&world, json!({"CallRecordId": id, "CallType": "Outgoing"})).await, [2]);
    assert_eq!(found(&world, json!({"CallRecordId": id, "CallType": "Incoming"})).await, [0; 0]);
    assert_eq!(found(&world, json!({"CallRecordId": call_id(7).to_string()})).await, [0; 0]);
    assert_eq!(found(&world, json!({"CallRecordId": "String"})).await, [0; 0]);
}

#[tokio::test]
async fn call_type_is_as_the_account_sees_the_call_and_internal_calls_are_outgoing() {
    let world = four_calls().await;
    for incoming in [json!("Incoming"), json!("INCOMING"), json!("0"), json!(0)] {
        assert_eq!(found(&world, json!({"CallType": incoming})).await, [1], "{incoming}");
    }
    for outgoing in [json!("Outgoing"), json!("outgoing"), json!("1"), json!(1)] {
        assert_eq!(found(&world, json!({"CallType": outgoing})).await, [2, 3, 4], "{outgoing}");
    }
    for both in [json!(null), json!("")] {
        assert_eq!(found(&world, json!({"CallType": both})).await, [1, 2, 3, 4], "{both}");
    }
}

async fn calls_of_different_talk() -> World {
    let world = World::new().await;
    let talking =
        |talk| Times { talk: millis(talk), hold: millis(90_000), ring: millis(5_000), ..Times::default() };
    let call = |number, talk| lasting(world.call(number, 9, 1), talking(talk));
    world.place([call(1, 0), call(2, 30_000), call(3, 60_000), call(4, 60_001)]).await;
    world
}

#[tokio::test]
async fn durations_are_of_talk_time_only_and_inclusive() {
    let world = calls_of_different_talk().await;
    assert_eq!(found(&world, json!({"MinCallDuration": 60})).await, [3, 4]);
    assert_eq!(found(&world, json!({"MinCallDuration": 60.001})).await, [4]);
    assert_eq!(found(&world, json!({"MaxCallDuration": 60})).await, [1, 2, 3]);
    assert_eq!(found(&world, json!({"MaxCallDuration": "29.9"})).await, [1]);
    assert_eq!(found(&world, json!({"MinCallDuration": 30, "MaxCallDuration": 60})).await, [2, 3]);
}

#[tokio::test]
async fn a_length_that_was_shown_finds_its_record() {
    let world = World::new().await;
    let odd = Times { talk: std::time::Duration::from_micros(61_234_567), ..Times::default() };
    world.place([lasting(world.call(1, 9, 1), odd)]).await;
    let shown = world.list(json!({})).await.each("TalkTimeInSeconds")[0].clone();
    assert_eq!(shown, json!(61.234567));
    assert_eq!(found(&world, json!({"MinCallDuration": shown, "MaxCallDuration": shown})).await, [1]);
}

#[tokio::test]
async fn no_upper_bound_is_a_maximum_of_zero() {
    let world = calls_of_different_talk().await;
    assert_eq!(found(&world, json!({"MinCallDuration": 0, "MaxCallDuration": 0})).await, [1, 2, 3, 4]);
    assert_eq!(found(&world, json!({"MaxCallDuration": null})).await, [1, 2, 3, 4]);
}

#[tokio::test]
async fn a_minimum_above_the_maximum_and_an_absurd_one_find_nothing() {
    let world = calls_of_different_talk().await;
    assert_eq!(found(&world, json!({"MinCallDuration": 60, "MaxCallDuration": 30})).await, [0; 0]);
    assert_eq!(found(&world, json!({"MinCallDuration": 1e300})).await, [0; 0]);
    assert_eq!(found(&world, json!({"MaxCallDuration": 1e300})).await, [1, 2, 3, 4]);
}

#[tokio::test]
async fn empty_texts_are_no_filters() {
    let empty = json!({"StartDate": "", "EndDate": "", "ClientId": "", "CenterId": "", "CallRecordId": ""});
    assert_eq!(found(&four_calls().await, empty).await, [1, 2, 3, 4]);
}
