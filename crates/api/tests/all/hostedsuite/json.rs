//! JSON, and what `?jsconfig=` changes in it (section 2).

use super::world::{JSON, World};

const EMPTY: &str = r#"{"Items":[],"Page":0,"TotalCount":0,"TotalPages":0}"#;

#[tokio::test]
async fn json_comes_back_whichever_way_it_is_asked_for() {
    let world = World::new().await;
    for path in [
        "/api/calls",
        "/api/calls.json",
        "/api/calls?format=json",
        "/api/calls?format=nonsense",
        "/api/ListCallRecordsRequest",
        "/api/ListCallRecordsRequest.json",
        "/api/json/reply/ListCallRecordsRequest",
    ] {
        let answer = world.ask(path).await;
        assert_eq!((answer.text(), answer.header("content-type")), (EMPTY, JSON), "{path}");
    }
}

#[tokio::test]
async fn answers_are_not_to_be_stored_or_guessed_at() {
    let world = World::new().await;
    for path in ["/api/calls", "/api/calls.xml", "/api/calls.html", "/api/calls.csv"] {
        for answer in [world.ask(path).await, world.post(path, "application/json", "{}").await] {
            assert_eq!(answer.header("cache-control"), "no-store");
            assert_eq!(answer.header("vary"), "Accept");
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
        }
    }
}

#[tokio::test]
async fn names_are_written_as_jsconfig_says_on_refusals_too() {
    let world = World::new().await;
    let style =
        async |flags: &str| world.ask(&format!("/api/calls?jsconfig={flags}")).await.text().to_owned();
    assert_eq!(style("eccn").await, r#"{"items":[],"page":0,"totalCount":0,"totalPages":0}"#);
    assert_eq!(style("elun").await, r#"{"items":[],"page":0,"total_count":0,"total_pages":0}"#);
    for (names, like) in [
        ("EmitCamelCaseNames", "eccn"),
        ("emitcamelcasenames:true", "eccn"),
        ("TextCase:CamelCase", "eccn"),
        ("tc:cc", "eccn"),
        ("EmitLowercaseUnderscoreNames", "elun"),
        ("TextCase:SnakeCase", "elun"),
        ("EmitPascalCaseNames", "epcn"),
        ("eccn:false", ""),
        ("eccn,TextCase:PascalCase", ""),
        ("ExcludeDefaultValues", "edv"),
        ("ExcludeDefaultValues:0", ""),
        ("EmitCamelCaseNames,%20ExcludeDefaultValues:true", "eccn,edv"),
        ("PrettyPrint", "pp"),
        ("Indent:true", "i"),
    ] {
        assert_eq!(style(names).await, style(like).await, "{names}");
    }
    assert_eq!(style("eccn,epcn").await, EMPTY);
    assert_eq!(style("unknown").await, EMPTY);
    let refusal = world.post("/api/calls?jsconfig=eccn", "application/json", "{}").await.text().to_owned();
    let start = r#"{"responseStatus":{"errorCode":"ArgumentNullException","message":"#;
    assert!(refusal.starts_with(start), "{refusal}");
    assert!(refusal.contains(r#""fieldName":"CustomerName""#), "{refusal}");
}

#[tokio::test]
async fn defaults_are_left_out_and_nulls_shown_on_demand() {
    let world = World::new().await;
    assert_eq!(world.ask("/api/calls?jsconfig=edv,eccn").await.text(), r#"{"items":[]}"#);
    world.place([world.call(1, 9, 1)]).await;
    let plain = world.ask("/api/calls").await.text().to_owned();
    assert!(plain.contains(r#""HoldCount":0"#) && !plain.contains("null"), "{plain}");
    let with_nulls = world.ask("/api/calls?jsconfig=INV").await.text().to_owned();
    assert!(with_nulls.contains(r#""Notes":null,"#), "{with_nulls}");
    assert!(world.ask("/api/calls?jsconfig=edv").await.text().contains(r#""TalkTimeInSeconds":60,"#));
}

#[tokio::test]
async fn lines_are_indented_on_demand() {
    let world = World::new().await;
    for flag in ["pp", "i"] {
        let answer = world.ask(&format!("/api/calls?jsconfig={flag}")).await;
        assert!(answer.text().starts_with("{\n  \"Items\": [],\n"), "{}", answer.text());
    }
}
