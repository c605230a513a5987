//! Pages for people (section 2).

use base64::{Engine, engine::general_purpose::STANDARD};

use super::world::World;

#[tokio::test]
async fn a_page_shows_the_records_as_a_table_and_holds_them_as_json() {
    let world = World::new().await;
    world.place([world.call(1, 3, 9)]).await;
    let answer = world.ask("/api/calls.html").await;
    let text = answer.text();
    assert_eq!(answer.header("content-type"), "text/html");
    assert!(text.contains("<title>ListCallRecordsRequest Snapshot of 2026-01-02 12:00:00</title>"), "{text}");
    assert!(text.contains("<th>CallerNumber</th>") && text.contains("<td>+14155550100</td>"), "{text}");
    let json = text
        .split_once("<script id=\"dto\" type=\"text/json\">")
        .unwrap()
        .1
        .split_once("</script>")
        .unwrap()
        .0;
    assert_eq!(json, world.ask("/api/calls").await.text());
}

#[tokio::test]
async fn a_page_holds_the_same_in_every_other_format() {
    let world = World::new().await;
    world.place([world.call(1, 3, 9)]).await;
    let page = world.ask("/api/calls.html").await;
    for (word, media) in
        [("json", "application/json"), ("xml", "application/xml"), ("jsv", "text/jsv"), ("csv", "text/csv")]
    {
        let start =
            format!("download=\"ListCallRecordsRequest.{word}\" href=\"data:{media};charset=utf-8;base64,");
        let encoded = page.text().split_once(&start).unwrap().1.split_once('"').unwrap().0;
        let plain = world.ask(&format!("/api/calls.{word}")).await;
        assert_eq!(STANDARD.decode(encoded).unwrap(), plain.body, "{word}");
    }
}

#[tokio::test]
async fn what_people_wrote_is_no_markup() {
    let world = World::new().await;
    let mut call = world.call(1, 9, 1);
    call.caller_name = Some("</script><script>alert(1)</script><!--<script>".into());
    world.place([call]).await;
    let text = world.ask("/api/calls.html").await.text().to_owned();
    assert_eq!(text.matches("<script").count(), 1, "{text}");
    assert_eq!(text.matches("</script>").count(), 1);
    assert!(!text.contains("<!--"));
}

#[tokio::test]
async fn a_page_loads_and_runs_nothing() {
    let world = World::new().await;
    let answer = world.ask("/api/calls.html").await;
    assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
    assert!(
        !answer.text().contains("src=")
            && !answer.text().contains("http://")
            && !answer.text().contains("https://")
    );
}

#[tokio::test]
async fn refusals_are_pages_too() {
    let answer = World::new().await.post("/api/calls.html", "application/json", "{}").await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("<td>CustomerName is missing</td>"), "{}", answer.text());
}
