//! JSON in a script (section 2).

use super::world::{JSON, World};

const SCRIPT: &str = "text/javascript; charset=utf-8";

#[tokio::test]
async fn a_callback_gets_a_script() {
    let world = World::new().await;
    for path in [
        "/api/calls?callback=got.it_1",
        "/api/calls.json?Callback=got.it_1",
        "/api/calls?format=json&callback=got.it_1",
    ] {
        let answer = world.ask(path).await;
        assert_eq!(answer.text(), r#"got.it_1({"Items":[],"Page":0,"TotalCount":0,"TotalPages":0})"#);
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, SCRIPT));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    assert_eq!(world.ask("/api/calls?callback=").await.header("content-type"), JSON);
}

#[tokio::test]
async fn the_name_of_a_callback_can_do_nothing_but_name() {
    let answer = World::new().await.ask("/api/calls?callback=alert(1)%3B%2F%2F%C3%A9").await;
    assert!(answer.text().starts_with("alert_1_____({"), "{}", answer.text());
}

#[tokio::test]
async fn refusals_reach_a_callback_with_200() {
    let world = World::new().await;
    for (body, code) in [("{}", "ArgumentNullException"), ("[", "SerializationException")] {
        let answer = world.post("/api/calls?callback=f", "application/json", body).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, SCRIPT));
        let start = format!(r#"f({{"ResponseStatus":{{"ErrorCode":"{code}","#);
        assert!(answer.text().starts_with(&start), "{}", answer.text());
    }
}

#[tokio::test]
async fn line_separators_are_escaped_in_scripts() {
    let world = World::new().await;
    let mut call = world.call(1, 9, 1);
    call.caller_name = Some("a\u{2028}b".into());
    world.place([call]).await;
    assert!(world.ask("/api/calls").await.text().contains("a\u{2028}b"));
    assert!(world.ask("/api/calls?callback=f").await.text().contains("a\\u2028b"));
}

#[tokio::test]
async fn a_callback_means_json_unless_the_path_says_otherwise() {
    let world = World::new().await;
    for path in ["/api/calls?callback=f&format=xml", "/api/xml/reply/ListCallRecordsRequest?callback=f"] {
        assert!(world.ask(path).await.text().starts_with("f({"), "{path}");
    }
    let xml = world.ask("/api/calls.xml?callback=f").await;
    assert_eq!(xml.header("content-type"), "application/xml");
    let missing = world.post("/api/calls.xml?callback=f", "application/json", "{}").await;
    assert_eq!(missing.status, 400);
}
