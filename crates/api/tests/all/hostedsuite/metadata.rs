//! What the service says of itself (section 4). The page of `ListCallRecordsRequest` is held against the recorded
//! one.

use axum::http::Method;

use super::{
    golden::{REQUEST, RESPONSE},
    world::World,
};

/// The text of a page: cells apart by ` | `, a line for each row and paragraph.
async fn text(world: &World, path: &str) -> String {
    let asking = world.server.without_host(Method::GET, path);
    let answer = asking.header("host", "cpo.hostedsuite.com").send().await;
    assert_eq!(answer.status, 200, "{path}");
    let body =
        answer.text().split_once("<body>").unwrap().1.replace("</td><td>", " | ").replace("</th><th>", " | ");
    let mut text = String::new();
    for piece in body.split('<') {
        let (tag, rest) = piece.split_once('>').unwrap_or(("", piece));
        let ends_line = ["/p", "/tr", "/h1", "/h2", "/h3", "/caption", "/pre"].contains(&tag);
        text += if ends_line { "\n" } else { "" };
        text += rest;
    }
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// What the recorded page shows, line by line.
const RECORDED: &str = include_str!("metadata_recorded.txt");

#[tokio::test]
async fn the_page_of_the_call_list_shows_what_the_recorded_one_shows_in_its_order() {
    let world = World::new().await;
    let page = text(&world, "/api/json/metadata?op=ListCallRecordsRequest").await;
    let mut lines = page.lines();
    for recorded in RECORDED.lines() {
        assert!(lines.any(|line| line == recorded), "{recorded:?} is missing, or out of order, in {page}");
    }
}

#[tokio::test]
async fn the_samples_of_the_call_list_are_those_of_the_recorded_page() {
    let world = World::new().await;
    let page = text(&world, "/api/json/metadata?op=ListCallRecordsRequest").await;
    assert!(page.contains(&format!("Content-Length: length\n{REQUEST}\n")), "{page}");
    assert!(page.ends_with(&format!(
        "HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: length\n{RESPONSE}"
    )));
}

#[tokio::test]
async fn every_operation_has_a_page_in_every_format_and_is_listed() {
    let world = World::new().await;
    let index = world.server.get("/api/metadata").send().await;
    for operation in &hostedsuite::operation::OPERATIONS {
        for word in ["json", "xml", "jsv", "csv"] {
            let path = format!("/api/{word}/metadata?op={}", operation.name());
            assert!(index.text().contains(&format!("href=\"{path}\"")), "{path}");
            let page = text(&world, &path).await;
            assert!(page.contains(&format!("append the .{word} suffix or ?format={word}")), "{page}");
            assert_eq!(page.contains("jsonp"), word == "json", "{page}");
        }
    }
}

#[tokio::test]
async fn samples_are_written_in_the_format_of_the_page() {
    let world = World::new().await;
    let xml = text(&world, "/api/xml/metadata?op=AuthenticateRequest").await;
    let request = "<AuthenticateRequest xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" \
        xmlns=\"http://schemas.datacontract.org/2004/07/Evo.HostedSuite.Core.ServiceModel\">\n\
        <CustomerName>String</CustomerName>\n<Password>String</Password>\n<UserName>String</UserName>\n\
        </AuthenticateRequest>";
    assert!(xml.contains(request), "{xml}");
    let list = text(&world, "/api/xml/metadata?op=ListClientsRequest").await;
    let texts = "<CategoryIds xmlns:d2p1=\"http://schemas.microsoft.com/2003/10/Serialization/Arrays\">\n\
        <d2p1:string>String</d2p1:string>\n</CategoryIds>";
    assert!(list.contains(texts), "{list}");
    assert!(list.contains("<d2p1:KeyValueOfstringstring>\n<d2p1:Key>String</d2p1:Key>"), "{list}");
    let jsv = text(&world, "/api/jsv/metadata?op=AuthenticateRequest").await;
    assert!(jsv.contains("{\nCustomerName: String,\nUserName: String,\nPassword: String\n}"), "{jsv}");
    let csv = text(&world, "/api/csv/metadata?op=ListCallRecordsRequest").await;
    assert!(csv.contains(REQUEST) && csv.contains("Content-Type: text/csv"), "{csv}");
}

#[tokio::test]
async fn requests_in_xml_have_the_members_of_what_they_extend_first() {
    let world = World::new().await;
    let page = text(&world, "/api/xml/metadata?op=ListCallRecordsRequest").await;
    let request = page.split_once("<ListCallRecordsRequest").unwrap().1.split_once("</ListCall").unwrap().0;
    let names: Vec<_> =
        request.lines().skip(1).filter_map(|line| line.strip_prefix('<')?.split('>').next()).collect();
    let expected = "CustomerName Password UserName DisableStats ItemsPerPage Page SortDir SortField CallRecordId \
        CallType CenterId ClientId EndDate MaxCallDuration MinCallDuration StartDate";
    assert_eq!(names.join(" "), expected);
}

#[tokio::test]
async fn unknown_operations_have_no_page_and_no_operation_is_the_index() {
    let world = World::new().await;
    assert_eq!(world.server.get("/api/json/metadata?op=Nothing").send().await.status, 404);
    let index = world.server.get("/api/metadata").send().await;
    for path in ["/api/xml/metadata", "/api/types"] {
        assert_eq!(world.server.get(path).send().await.body, index.body, "{path}");
    }
    let redirect = world.server.get("/api/metadata/").send().await;
    assert_eq!((redirect.status.as_u16(), redirect.header("location")), (308, "/api/metadata"));
}

#[tokio::test]
async fn a_host_is_no_markup() {
    let world = World::new().await;
    let asking = world.server.without_host(Method::GET, "/api/json/metadata?op=ListCentersRequest");
    let page = asking.header("host", "<script>").send().await;
    assert_eq!(page.status, 400);
    assert!(!page.text().contains("<script>"));
}
