//! `POST /api/call-allowance/balance` (section 5).

use call::record::Times;
use serde_json::{Value as Json, json};

use super::world::{ATTORNEY, BAKERY, STRANGER, World, lasting, millis};

/// Two calls of the bakery and one between it and the attorney.
async fn three_calls() -> World {
    let world = World::new().await;
    let times = |talk, hold, transfer, ring| Times {
        pdd: millis(0),
        talk: millis(talk),
        hold: millis(hold),
        transfer: millis(transfer),
        ring: millis(ring),
    };
    world
        .place([
            lasting(world.call(1, 9, 1), times(61_000, 10_000, 5_000, 4_000)),
            lasting(world.call(2, 1, 9), times(30_000, 0, 0, 2_500)),
            lasting(world.call(3, 2, 1), times(100, 0, 0, 0)),
        ])
        .await;
    world
}

/// What is billed to the bakery, the attorney and the clinic.
async fn billed(world: &World, members: Json) -> Vec<Json> {
    let page = world.ask_as("anna", "/api/call-allowance/balance", members).await.page();
    page.as_array().unwrap().iter().map(|client| client["BillableSeconds"].clone()).collect()
}

#[tokio::test]
async fn every_visible_client_is_listed_with_its_calls() {
    let world = three_calls().await;
    let page = world.ask_as("anna", "/api/call-allowance/balance", json!({"BillTalk": true})).await.page();
    let bakery = json!({
        "ClientId": BAKERY, "ClientName": "Bakery", "CenterId": "1", "CallCount": 3, "BillableSeconds": 91.1,
    });
    assert_eq!(page[0], bakery);
    assert_eq!((page[1]["CallCount"].clone(), page[2]["CallCount"].clone()), (json!(1), json!(0)));
    let vera = world.ask_as("vera", "/api/call-allowance/balance", json!({"BillTalk": true})).await.page();
    assert_eq!(vera, json!([bakery]));
}

#[tokio::test]
async fn only_what_is_to_be_billed_counts() {
    let world = three_calls().await;
    assert_eq!(billed(&world, json!({})).await, [json!(0), json!(0), json!(0)]);
    for (members, expected) in [
        (json!({"BillTalk": true}), json!(91.1)),
        (json!({"BillHold": "on"}), json!(10)),
        (json!({"BillTransfer": 1}), json!(5)),
        (json!({"BillRing": true}), json!(6.5)),
        (json!({"BillTalk": true, "BillHold": true, "BillTransfer": true, "BillRing": true}), json!(112.6)),
    ] {
        assert_eq!(billed(&world, members.clone()).await[0], expected, "{members}");
    }
}

#[tokio::test]
async fn each_call_is_rounded_up_on_its_own() {
    let world = three_calls().await;
    for (rounding, expected) in
        [("None", 91.1), ("NextMinute", 240.0), ("next30seconds", 150.0), ("1", 240.0)]
    {
        let found = billed(&world, json!({"BillTalk": true, "CallRounding": rounding})).await[0].clone();
        assert_eq!(found.as_f64(), Some(expected), "{rounding}");
    }
}

#[tokio::test]
async fn dates_talk_and_client_choose_the_calls() {
    let world = three_calls().await;
    let talk = |members: Json| {
        let mut members = members;
        members["BillTalk"] = json!(true);
        members
    };
    for (members, expected) in [
        (json!({"StartDate": "2026-03-01 12:00:02"}), json!(30.1)),
        (json!({"EndDate": "2026-03-01 12:00:01"}), json!(61)),
        (json!({"EndDate": "2/28/2026"}), json!(0)),
        (json!({"MinCallDuration": 30}), json!(91)),
        (json!({"MaxCallDuration": 30}), json!(30.1)),
        (json!({"MaxCallDuration": 0}), json!(91.1)),
        (json!({"ClientId": BAKERY}), json!(91.1)),
    ] {
        assert_eq!(billed(&world, talk(members.clone())).await[0], expected, "{members}");
    }
    assert_eq!(billed(&world, talk(json!({"ClientId": ATTORNEY}))).await, [json!(0.1)]);
    assert_eq!(billed(&world, talk(json!({"ClientId": STRANGER}))).await, [json!(null); 0]);
}

#[tokio::test]
async fn every_member_at_fault_is_named() {
    let world = World::new().await;
    let members =
        json!({"StartDate": "soon", "BillTalk": "perhaps", "CallRounding": "Up", "MinCallDuration": -1});
    let answer = world.ask_as("anna", "/api/call-allowance/balance", members).await;
    let fault = |code: &str, name: &str| (code.to_owned(), name.to_owned());
    let expected = [
        fault("FormatException", "StartDate"),
        fault("SerializationException", "BillTalk"),
        fault("ArgumentException", "CallRounding"),
        fault("ArgumentOutOfRangeException", "MinCallDuration"),
    ];
    assert_eq!(answer.faults(400).1, expected);
}
