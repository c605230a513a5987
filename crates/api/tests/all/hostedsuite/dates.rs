//! Ranges of time (section 1.3). How dates are read is tested where it is written.

use std::time::Duration;

use hostedsuite::dates::{parse_end, parse_start};
use jiff::tz::TimeZone;
use proptest::{prelude::*, string::string_regex};
use serde_json::{Value as Json, json};

use super::world::World;

/// Calls 1 to 3 began at 12:00:01.5, 12:00:02 and 12:00:03 on 2026-03-01.
async fn three_calls(world: World) -> World {
    let mut first = world.call(1, 9, 1);
    first.started_at = first.started_at + Duration::from_millis(500);
    world.place([first, world.call(2, 9, 1), world.call(3, 9, 1)]).await;
    world
}

async fn found(world: &World, members: Json) -> Vec<u32> {
    world.list(members).await.numbers()
}

#[tokio::test]
async fn a_range_takes_in_both_ends() {
    let world = three_calls(World::new().await).await;
    let range = json!({"StartDate": "2026-03-01 12:00:02", "EndDate": "2026-03-01 12:00:02"});
    assert_eq!(found(&world, range).await, [2]);
    assert_eq!(found(&world, json!({"StartDate": "2026-03-01T12:00:02.000001Z"})).await, [3]);
}

#[tokio::test]
async fn the_times_that_an_answer_shows_find_its_records() {
    let world = three_calls(World::new().await).await;
    let shown = world.list(json!({})).await.each("StartTime");
    assert_eq!(shown[0], "2026-03-01 12:00:01");
    assert_eq!(found(&world, json!({"StartDate": shown[0], "EndDate": shown[0]})).await, [1]);
}

#[tokio::test]
async fn an_end_with_a_fraction_is_exact() {
    let world = three_calls(World::new().await).await;
    assert_eq!(found(&world, json!({"EndDate": "2026-03-01T12:00:01.5"})).await, [1]);
    assert_eq!(found(&world, json!({"EndDate": "2026-03-01T12:00:01.499"})).await, [0; 0]);
}

#[tokio::test]
async fn an_end_without_time_takes_in_the_day() {
    let world = three_calls(World::new().await).await;
    assert_eq!(found(&world, json!({"EndDate": "2026-03-01"})).await, [1, 2, 3]);
    assert_eq!(found(&world, json!({"EndDate": "2/28/2026"})).await, [0; 0]);
    assert_eq!(found(&world, json!({"StartDate": "20260301", "EndDate": "20260301"})).await, [1, 2, 3]);
}

#[tokio::test]
async fn every_form_of_date_is_taken() {
    let world = three_calls(World::new().await).await;
    for date in [
        "2026-03-01 12:00:03",
        "2026-03-01T12:00:03Z",
        "2026-03-01T13:00:03+01:00",
        "3/1/2026 12:00:03",
        "03/01/2026 12:00:03 PM",
        "/Date(1772366403000)/",
        "/Date(1772366403000+0100)/",
    ] {
        assert_eq!(found(&world, json!({"StartDate": date})).await, [3], "{date}");
    }
}

#[tokio::test]
async fn a_start_after_the_end_and_absurd_dates_find_nothing_or_all() {
    let world = three_calls(World::new().await).await;
    let backwards = json!({"StartDate": "2026-03-02", "EndDate": "2026-02-28"});
    assert_eq!(found(&world, backwards).await, [0; 0]);
    assert_eq!(found(&world, json!({"StartDate": "9999-12-31"})).await, [0; 0]);
    let always = json!({"StartDate": "0001-01-01T00:00:00", "EndDate": "9999-12-31T23:59:59.9999999"});
    assert_eq!(found(&world, always).await, [1, 2, 3]);
}

#[tokio::test]
async fn dates_come_and_go_in_the_configured_zone() {
    let zone = TimeZone::get("America/New_York").unwrap();
    let world = three_calls(World::with(|config| config.hostedsuite.time_zone = zone).await).await;
    let shown = world.list(json!({})).await.each("StartTime");
    assert_eq!(shown, ["2026-03-01 07:00:01", "2026-03-01 07:00:02", "2026-03-01 07:00:03"]);
    assert_eq!(found(&world, json!({"StartDate": "3/1/2026 7:00:03 AM"})).await, [3]);
    assert_eq!(found(&world, json!({"StartDate": "2026-03-01T12:00:03Z"})).await, [3]);
}

#[tokio::test]
async fn a_wrong_date_is_named_with_what_is_accepted() {
    let world = World::new().await;
    let answer = world.list(json!({"EndDate": "31.12.2026"})).await;
    let error = &answer.refusal(400)["Errors"][0];
    assert_eq!((&error["ErrorCode"], &error["FieldName"]), (&json!("FormatException"), &json!("EndDate")));
    let message = error["Message"].as_str().unwrap();
    assert!(message.contains("31.12.2026") && message.contains("yyyy-MM-dd"), "{message}");
}

proptest! {
    #[test]
    fn whatever_is_written_a_day_or_moment_is_never_an_empty_range(
        text in prop_oneof![
            string_regex("[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}( [0-9]{1,2}:[0-9]{2}(:[0-9]{2})?( [AP]M)?)?").unwrap(),
            string_regex("-?[0-9]{4}-[01][0-9]-[0-3][0-9]([T ][0-2][0-9]:[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?([Z+-][0-9:]{0,5})?)?").unwrap(),
            string_regex("/Date\\(-?[0-9]{1,20}([+-][0-9]{4})?\\)/").unwrap(),
            any::<String>(),
        ],
        zone in prop::sample::select(vec!["UTC", "America/New_York", "Pacific/Apia"]),
    ) {
        let zone = TimeZone::get(zone).unwrap();
        let (start, end) = (parse_start(&text, &zone).ok(), parse_end(&text, &zone).ok());
        prop_assert_eq!(start.is_some(), end.is_some());
        prop_assert!(start.zip(end).is_none_or(|(start, end)| start < end || end == call::Timestamp::MAX));
    }
}
