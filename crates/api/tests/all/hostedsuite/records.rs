//! What a record shows (section 1.2).

use std::time::Duration;

use call::{
    CallRecord, DeviceId, LegId,
    event::{EndCause, LegDirection, Side},
    party::Endpoint,
    record::{Interaction, InteractionKind, LegRecord, ReleasedBy, Times, TransferredTo},
};
use serde_json::json;
use uuid::Uuid;

use super::world::{BAKERY, PASSWORD, World, at, call_id, lasting, millis};

/// A leg of a phone that somebody with this name answers.
fn leg(world: &World, account: u32, name: &str) -> LegRecord {
    LegRecord {
        leg_id: LegId::from_uuid(Uuid::nil()),
        owner: world.owner(account),
        side: Side::Termination,
        direction: LegDirection::Outgoing,
        endpoint: Endpoint::Device { id: DeviceId(1), name: name.into() },
        from: "1".into(),
        to: "2".into(),
        offered_at: at(0),
        ringing_at: None,
        answered_at: None,
        ended_at: at(1),
        cause: EndCause::Normal,
        status: None,
        reason: None,
        encryption: None,
        quality: None,
    }
}

/// A call on which everything happens.
pub fn eventful(world: &World) -> CallRecord {
    let times = Times {
        pdd: millis(250),
        ring: millis(3_750),
        talk: Duration::from_micros(60_000_123),
        hold: millis(12_500),
        transfer: millis(7_000),
    };
    let call = lasting(world.call(1, 9, 1), times);
    let interaction = |after, kind, by: Option<&str>, target: Option<&str>| Interaction {
        at: call.started_at + millis(after),
        kind,
        by: by.map(Into::into),
        target: target.map(Into::into),
    };
    let interactions = vec![
        interaction(4_000, InteractionKind::Answered, Some("Ann Lee"), None),
        interaction(10_000, InteractionKind::Held, Some("Ann Lee"), None),
        interaction(22_500, InteractionKind::Retrieved, Some("Ann Lee"), None),
        interaction(30_000, InteractionKind::TransferAttempted, Some("Ann Lee"), Some("1002")),
        interaction(33_000, InteractionKind::TransferStopped, None, None),
        interaction(34_000, InteractionKind::Parked, Some("Ann Lee"), Some("701")),
        interaction(40_000, InteractionKind::TransferCompleted, Some("Ann Lee"), None),
        interaction(83_500, InteractionKind::HungUp, Some("Bob"), None),
    ];
    CallRecord {
        hold_count: 2,
        transferred_to: Some(TransferredTo { number: "1002".into(), name: Some("Bob".into()) }),
        screen_pop: Some("Bakery, good morning".into()),
        interactions,
        legs: vec![leg(world, 1, "Ann Lee"), leg(world, 1, "Bob"), leg(world, 9, "Otto")],
        ..call
    }
}

#[tokio::test]
async fn a_record_shows_everything_that_is_known() {
    let world = World::new().await;
    world.place([eventful(&world)]).await;
    let interaction = |at, kind, description| json!({"StartTime": format!("2026-03-01 12:{at}"), "Type": kind, "Description": description});
    let expected = json!({
        "Id": call_id(1).to_string(),
        "ClientId": BAKERY,
        "ClientName": "Bakery",
        "CenterId": "1",
        "StartTime": "2026-03-01 12:00:01",
        "CallerName": "Ada",
        "CallerNumber": "+14155550100",
        "TransferToName": "Bob",
        "TransferToNumber": "1002",
        "DurationInSeconds": 83.500123,
        "RingTimeInSeconds": 4,
        "HoldTimeInSeconds": 12.5,
        "HoldCount": 2,
        "Interactions": [
            interaction("00:05", "Answer", "Answered by Ann Lee"),
            interaction("00:11", "Hold", "Put on hold by Ann Lee"),
            interaction("00:23", "Retrieved", "Retrieved by Ann Lee"),
            interaction("00:31", "TransferAttempt", "Transfer attempted to 1002 by Ann Lee"),
            interaction("00:34", "TransferStopped", "Transfer stopped"),
            interaction("00:35", "Hold", "Parked in 701 by Ann Lee"),
            interaction("00:41", "TransferCompleted", "Transfer completed by Ann Lee"),
            interaction("01:24", "Hangup", "Hung up by Bob"),
        ],
        "AnsweredBy": "Ann Lee",
        "Server": "trunkline",
        "TalkTimeInSeconds": 60.000123,
        "TransferTimeInSeconds": 7,
        "ScreenPop": "Bakery, good morning",
        "CompletedFormIds": [],
        "Flagged": false,
        "Type": "Incoming",
        "WorkTimeInSeconds": 0,
    });
    assert_eq!(world.list(json!({})).await.page()["Items"], json!([expected]));
}

#[tokio::test]
async fn the_parts_of_the_duration_add_up() {
    let world = World::new().await;
    world.place([eventful(&world)]).await;
    let item = world.list(json!({})).await.page()["Items"][0].clone();
    let micros = |member: &str| (item[member].as_f64().unwrap() * 1e6).round() as i64;
    let parts = ["RingTimeInSeconds", "TalkTimeInSeconds", "HoldTimeInSeconds", "TransferTimeInSeconds"];
    assert_eq!(micros("DurationInSeconds"), parts.map(micros).iter().sum::<i64>());
}

#[tokio::test]
async fn what_is_not_known_is_left_out() {
    let world = World::new().await;
    let mut call = lasting(world.call(1, 3, 9), Times { pdd: millis(800), ..Times::default() });
    call.caller_name = None;
    call.answered_by = None;
    world.place([call]).await;
    let item = world.list(json!({})).await.page()["Items"][0].clone();
    for member in [
        "CenterId",
        "CallerName",
        "TransferToName",
        "TransferToNumber",
        "Notes",
        "AnsweredBy",
        "ScreenPop",
        "FlagNotes",
    ] {
        assert_eq!(item.get(member), None, "{member}");
    }
    assert_eq!((&item["Interactions"], &item["TalkTimeInSeconds"]), (&json!([]), &json!(0)));
    assert_eq!((&item["RingTimeInSeconds"], &item["Type"]), (&json!(0.8), &json!("Outgoing")));
}

#[tokio::test]
async fn the_other_side_of_a_call_learns_when_but_not_who_and_whereto() {
    let world = World::new().await;
    world.place([eventful(&world)]).await;
    let members = json!({"CustomerName": "other", "UserName": "otto", "Password": PASSWORD});
    let answer = world.post("/api/calls", "application/json", members.to_string()).await;
    let item = &answer.page()["Items"][0];
    for name in ["TransferToName", "TransferToNumber", "AnsweredBy", "ScreenPop"] {
        assert_eq!(item.get(name), None, "{name}");
    }
    let told: Vec<_> =
        item["Interactions"].as_array().unwrap().iter().map(|it| it["Description"].clone()).collect();
    let expected = [
        "Answered",
        "Put on hold",
        "Retrieved",
        "Transfer attempted",
        "Transfer stopped",
        "Parked",
        "Transfer completed",
        "Hung up",
    ];
    assert_eq!(told, expected);
    assert!(!answer.text().contains("1002") && !answer.text().contains("Bob"));
}

/// What the last interaction of an answered call says, by why and by whom it was ended.
#[tokio::test]
async fn a_hangup_says_how_the_call_ended() {
    let cases = [
        (EndCause::Normal, ReleasedBy::Caller, Some("Ann Lee"), "Hung up by Ann Lee"),
        (EndCause::Normal, ReleasedBy::Command, None, "Hung up by the API"),
        (EndCause::Busy, ReleasedBy::Callee, Some("Ann Lee"), "Refused as busy by Ann Lee"),
        (EndCause::NoAnswer, ReleasedBy::Callee, Some("Ann Lee"), "Not answered by Ann Lee"),
        (EndCause::NoAnswer, ReleasedBy::Switch, None, "Not answered"),
        (EndCause::Cancelled, ReleasedBy::Caller, Some("Ann Lee"), "Abandoned by Ann Lee"),
        (EndCause::Interrupted, ReleasedBy::Switch, None, "Interrupted"),
    ];
    for (cause, released_by, by, expected) in cases {
        let world = World::new().await;
        let mut call = CallRecord { cause, released_by, ..world.call(1, 1, 2) };
        call.legs = vec![leg(&world, 1, "Ann Lee")];
        let kind = InteractionKind::HungUp;
        call.interactions.push(Interaction { at: call.ended_at, kind, by: by.map(Into::into), target: None });
        world.place([call]).await;
        let item = world.list(json!({})).await.page()["Items"][0].clone();
        let told = &item["Interactions"][0];
        assert_eq!((&told["Type"], &told["Description"]), (&json!("Hangup"), &json!(expected)));
    }
}

#[tokio::test]
async fn the_screen_pop_of_another_customers_number_is_not_shown() {
    let world = World::new().await;
    let mut call = world.call(1, 1, 9);
    call.screen_pop = Some("for the stranger's people only".into());
    world.place([call]).await;
    assert_eq!(world.list(json!({})).await.page()["Items"][0].get("ScreenPop"), None);
}

#[tokio::test]
async fn the_server_is_called_as_configured() {
    let world = World::with(|config| config.hostedsuite.server = "pbx-7".to_owned()).await;
    world.place([world.call(1, 1, 9)]).await;
    assert_eq!(world.list(json!({})).await.each("Server"), ["pbx-7"]);
}
