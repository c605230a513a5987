//! Which format comes back (section 2): the first hit in the framework's order wins.

use super::world::{PASSWORD, World};

fn form() -> String {
    format!("CustomerName=acme&UserName=anna&Password={}", PASSWORD.replace(' ', "+"))
}

/// The format that comes back, by its media type.
async fn format(world: &World, path: &str, headers: &[(&str, &str)]) -> String {
    let is_form = headers.iter().any(|(_, value)| value.contains("form"));
    let is_xml = headers.iter().any(|(name, value)| *name == "content-type" && value.contains("xml"));
    let body = match (is_form, is_xml) {
        (true, _) => form(),
        (_, true) => "<R/>".to_owned(),
        _ => World::credentials("anna"),
    };
    let asking =
        headers.iter().fold(world.server.post(path), |asking, (name, value)| asking.header(name, value));
    let answer = asking.body(body).await;
    answer.header("content-type").trim_end_matches("; charset=utf-8").to_owned()
}

#[tokio::test]
async fn the_suffix_goes_before_everything_else() {
    let world = World::new().await;
    for (suffix, media) in [
        ("json", "application/json"),
        ("xml", "application/xml"),
        ("jsv", "text/jsv"),
        ("csv", "text/csv"),
        ("html", "text/html"),
    ] {
        let accept = [("accept", "application/xml"), ("content-type", "application/json")];
        for path in ["/api/calls", "/api/clients/names", "/api/ListCallRecordsRequest"] {
            let path = format!("{path}.{suffix}?format=csv");
            assert_eq!(format(&world, &path, &accept).await, media, "{path}");
        }
    }
}

#[tokio::test]
async fn the_query_goes_before_the_path_and_the_path_before_what_is_accepted() {
    let world = World::new().await;
    let accept = [("accept", "text/html"), ("content-type", "application/json")];
    for (path, media) in [
        ("/api/calls?format=xml", "application/xml"),
        ("/api/calls?FORMAT=JSV", "text/jsv"),
        ("/api/calls?format=csv.x", "text/csv"),
        ("/api/calls?format=nonsense", "text/html"),
        ("/api/xml/reply/ListCallRecordsRequest?format=jsv", "text/jsv"),
        ("/api/xml/reply/ListCallRecordsRequest", "application/xml"),
        ("/api/csv/oneway/ListCallRecordsRequest", "text/csv"),
        ("/api/json/reply/ListCallRecordsRequest", "application/json"),
    ] {
        assert_eq!(format(&world, path, &accept).await, media, "{path}");
    }
}

#[tokio::test]
async fn of_what_is_accepted_the_requests_own_type_wins_then_the_servers_order() {
    let world = World::new().await;
    let json = ("content-type", "application/json");
    for (accept, media) in [
        ("application/json", "application/json"),
        ("text/html, application/json;q=0.1", "application/json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("text/jsv, application/xml", "application/xml"),
        ("text/jsv", "text/jsv"),
        ("text/csv", "text/csv"),
        ("text/csv, text/jsv", "text/jsv"),
        ("text/csv, */*", "application/json"),
        ("*/*", "application/json"),
        ("", "application/json"),
        ("application/x-unknown", "text/html"),
    ] {
        assert_eq!(format(&world, "/api/calls", &[("accept", accept), json]).await, media, "{accept}");
    }
}

#[tokio::test]
async fn without_accept_the_requests_own_type_comes_back() {
    let world = World::new().await;
    let xml = ("content-type", "text/xml; charset=utf-8");
    assert_eq!(format(&world, "/api/calls", &[xml]).await, "application/xml");
    assert_eq!(format(&world, "/api/calls", &[xml, ("accept", "*/*")]).await, "application/xml");
    assert_eq!(
        format(&world, "/api/calls", &[("content-type", "application/json")]).await,
        "application/json"
    );
    assert_eq!(format(&world, "/api/calls", &[]).await, "application/json");
}

#[tokio::test]
async fn a_script_that_sends_a_form_gets_json_and_a_browser_gets_a_page() {
    let world = World::new().await;
    let form = ("content-type", "application/x-www-form-urlencoded");
    assert_eq!(format(&world, "/api/calls", &[form]).await, "application/json");
    assert_eq!(format(&world, "/api/calls", &[form, ("accept", "*/*")]).await, "application/json");
    let browser = "text/html,application/xhtml+xml,*/*;q=0.8";
    assert_eq!(format(&world, "/api/calls", &[form, ("accept", browser)]).await, "text/html");
}

#[tokio::test]
async fn refusals_follow_the_same_rules() {
    let world = World::new().await;
    for (path, media) in [
        ("/api/calls.xml", "application/xml"),
        ("/api/calls?format=csv", "text/csv"),
        ("/api/jsv/reply/ListCallRecordsRequest", "text/jsv"),
    ] {
        let answer = world.post(path, "application/json", "{}").await;
        assert_eq!(answer.status, 400);
        assert!(answer.header("content-type").starts_with(media), "{path}");
    }
}
