//! `POST /api/calls/update` (section 5).

use serde_json::{Value as Json, json};

use super::world::{PASSWORD, World, call_id};
use crate::harness::Answer;

/// A call between the bakery and a stranger.
async fn a_call() -> World {
    let world = World::new().await;
    world.place([world.call(1, 9, 1)]).await;
    world
}

async fn update(world: &World, user: &str, mut members: Json) -> Answer {
    if members.get("Id").is_none() {
        members["Id"] = json!(call_id(1).to_string());
    }
    world.ask_as(user, "/api/calls/update", members).await
}

/// Notes, flag and flag notes, as the list shows them.
async fn noted(world: &World) -> [Json; 3] {
    let item = world.list(json!({})).await.page()["Items"][0].clone();
    ["Notes", "Flagged", "FlagNotes"].map(|member| item[member].clone())
}

#[tokio::test]
async fn notes_are_written_and_the_record_comes_back_with_them() {
    let world = a_call().await;
    let record = update(&world, "anna", json!({"Notes": "call back, \"soon\""})).await.page();
    assert_eq!(
        (&record["Notes"], &record["Id"]),
        (&json!("call back, \"soon\""), &json!(call_id(1).to_string()))
    );
    assert_eq!(record, world.list(json!({})).await.page()["Items"][0]);
}

#[tokio::test]
async fn null_leaves_and_an_empty_text_clears() {
    let world = a_call().await;
    update(&world, "anna", json!({"Notes": "a", "Flagged": true, "FlagNotes": "b"})).await.page();
    for members in
        [json!({}), json!({"Notes": null, "Flagged": null, "FlagNotes": null}), json!({"Flagged": ""})]
    {
        update(&world, "anna", members).await.page();
        assert_eq!(noted(&world).await, [json!("a"), json!(true), json!("b")]);
    }
    update(&world, "anna", json!({"Notes": ""})).await.page();
    assert_eq!(noted(&world).await, [json!(null), json!(true), json!("b")]);
    update(&world, "anna", json!({"FlagNotes": "", "Flagged": "no"})).await.refusal(400);
    update(&world, "anna", json!({"FlagNotes": "", "Flagged": "n"})).await.page();
    assert_eq!(noted(&world).await, [json!(null), json!(false), json!(null)]);
}

#[tokio::test]
async fn a_form_leaves_what_it_does_not_fill_in() {
    let world = a_call().await;
    update(&world, "anna", json!({"Notes": "a"})).await.page();
    let form =
        format!("CustomerName=acme&UserName=anna&Password=correct+horse&Id={}&Notes=&Flagged=on", call_id(1));
    world.post("/api/calls/update", "application/x-www-form-urlencoded", form).await.page();
    assert_eq!(noted(&world).await, [json!("a"), json!(true), json!(null)]);
}

#[tokio::test]
async fn unknown_and_invisible_records_are_not_found() {
    let world = a_call().await;
    world.place([world.call(2, 2, 9), world.call(3, 9, 9)]).await;
    for id in [
        json!(call_id(7).to_string()),
        json!(call_id(3).to_string()),
        json!("String"),
        json!(""),
        json!(null),
    ] {
        let answer = update(&world, "anna", json!({"Id": id, "Notes": "x"})).await;
        assert_eq!(answer.refusal(404)["ErrorCode"], "NotFound", "{id}");
    }
}

#[tokio::test]
async fn who_may_only_read_may_not_write() {
    let world = a_call().await;
    let answer = update(&world, "vera", json!({"Notes": "x"})).await;
    assert_eq!(answer.refusal(403)["ErrorCode"], "UnauthorizedAccessException");
    update(&world, "cleo", json!({"Notes": "x"})).await.refusal(403);
    assert_eq!(noted(&world).await[0], json!(null));
}

#[tokio::test]
async fn the_other_side_of_the_call_neither_sees_nor_overwrites_them() {
    let world = a_call().await;
    update(&world, "anna", json!({"Notes": "ours"})).await.page();
    let otto = json!({"CustomerName": "other", "UserName": "otto", "Password": PASSWORD});
    let seen = world.post("/api/calls", "application/json", otto.to_string()).await;
    assert_eq!(seen.page()["Items"][0].get("Notes"), None);
    let mut theirs = otto.clone();
    (theirs["Id"], theirs["Notes"]) = (json!(call_id(1).to_string()), json!("theirs"));
    let answer = world.post("/api/calls/update", "application/json", theirs.to_string()).await;
    assert_eq!(answer.page()["Notes"], "theirs");
    assert_eq!(noted(&world).await[0], json!("ours"));
}

#[tokio::test]
async fn a_text_that_is_too_long_is_refused_with_its_name() {
    let world = a_call().await;
    let answer = update(&world, "anna", json!({"FlagNotes": "é".repeat(10_001)})).await;
    let expected = ("ArgumentOutOfRangeException".to_owned(), "FlagNotes".to_owned());
    assert_eq!(answer.faults(400).1, [expected]);
}

#[tokio::test]
async fn records_are_sorted_by_what_was_noted() {
    let world = World::new().await;
    world.place((1..=3).map(|number| world.call(number, 9, 1))).await;
    let note = async |number: u32, members: Json| {
        let mut members = members;
        members["Id"] = json!(call_id(number).to_string());
        update(&world, "anna", members).await.page();
    };
    note(1, json!({"Notes": "b", "Flagged": true})).await;
    note(3, json!({"Notes": "A", "FlagNotes": "x"})).await;
    for (member, expected) in [("Notes", [3, 1, 2]), ("Flagged", [2, 3, 1]), ("FlagNotes", [3, 1, 2])] {
        assert_eq!(world.list(json!({"SortField": member})).await.numbers(), expected, "{member}");
    }
}
