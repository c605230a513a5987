//! Downloads of exports: whole, in parts, and under conditions; and exports that are deleted.

use axum::http::Method;
use history::ExportStatus;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{BASE, FOREIGN, JSON_API, OFFICE, UNKNOWN, refused};
use crate::harness::{Answer, Server};

/// An export that is done, by its id.
async fn done(server: &Server, login: &str, account: &str) -> String {
    let filters = json!({ "time_start_gteq": "2026-01-01", "time_start_lt": "2026-01-02" });
    let account = json!({ "data": { "type": "accounts", "id": account } });
    let data = json!({
        "type": "cdr-exports",
        "attributes": { "filters": filters },
        "relationships": { "account": account },
    });
    let created = server.yeti_post(login, "/cdr-exports", json!({ "data": data })).await;
    let id = created.json()["data"]["id"].as_str().unwrap().to_owned();
    while shown(server, login, &id).await["attributes"]["status"] == "Pending" {
        tokio::task::yield_now().await;
    }
    id
}

async fn shown(server: &Server, login: &str, id: &str) -> Value {
    server.yeti_get(login, &format!("/cdr-exports/{id}")).send().await.json()["data"].clone()
}

async fn download(server: &Server, id: &str, headers: &[(&str, &str)]) -> Answer {
    let asking = server.yeti_get("ann", &format!("/cdr-exports/{id}/download"));
    headers.iter().fold(asking, |asking, (name, value)| asking.header(name, value)).send().await
}

async fn delete(server: &Server, login: &str, id: &str) -> Answer {
    let path = format!("{BASE}/cdr-exports/{id}");
    let asking = server.delete(&path).header("authorization", &server.yeti_token(login));
    asking.header("accept", JSON_API).send().await
}

#[tokio::test]
async fn a_download_is_known_by_the_sha_256_of_the_file() {
    let server = Server::start().await;
    let id = done(&server, "ann", OFFICE).await;
    let whole = download(&server, &id, &[]).await;
    let hash: String = Sha256::digest(&whole.body).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(whole.header("etag"), format!("\"{hash}\""));
    assert_eq!(whole.header("accept-ranges"), "bytes");
    assert_eq!(whole.header("cache-control"), "no-cache");
    let known = download(&server, &id, &[("if-none-match", whole.header("etag"))]).await;
    assert_eq!((known.status.as_u16(), known.body.len()), (304, 0));
    assert_eq!(known.header("etag"), whole.header("etag"));
}

#[tokio::test]
async fn a_part_of_the_file_is_sent_as_it_is_asked_for() {
    let server = Server::start().await;
    let id = done(&server, "ann", OFFICE).await;
    let whole = download(&server, &id, &[]).await;
    let length = whole.body.len();
    let cases = [
        ("bytes=0-9".to_owned(), 0..10),
        (format!("bytes={}-", length - 7), length - 7..length),
        ("bytes=-5".to_owned(), length - 5..length),
        (format!("bytes=3-{}", length * 2), 3..length),
    ];
    for (range, expected) in cases {
        let part = download(&server, &id, &[("range", &range)]).await;
        assert_eq!(part.status, 206, "{range}");
        assert_eq!(part.body, whole.body[expected.clone()], "{range}");
        assert_eq!(part.header("content-length"), expected.len().to_string());
        let place = format!("bytes {}-{}/{length}", expected.start, expected.end - 1);
        assert_eq!(part.header("content-range"), place);
        for name in ["etag", "content-type", "content-disposition"] {
            assert_eq!(part.header(name), whole.header(name), "{name}");
        }
    }
}

#[tokio::test]
async fn parts_add_up_to_the_file() {
    let server = Server::start().await;
    let id = done(&server, "ann", OFFICE).await;
    let whole = download(&server, &id, &[]).await;
    let mut joined = Vec::new();
    while joined.len() < whole.body.len() {
        let range = format!("bytes={}-{}", joined.len(), joined.len() + 63);
        let part = download(&server, &id, &[("range", &range), ("if-range", whole.header("etag"))]).await;
        assert_eq!(part.status, 206);
        joined.extend(part.body);
    }
    assert_eq!(joined, whole.body);
}

#[tokio::test]
async fn a_part_of_another_file_is_answered_with_the_whole_file() {
    let server = Server::start().await;
    let id = done(&server, "ann", OFFICE).await;
    let whole = download(&server, &id, &[]).await;
    let weak = format!("W/{}", whole.header("etag"));
    for condition in ["\"another\"", &weak, "Fri, 02 Jan 2026 12:00:00 GMT"] {
        let answer = download(&server, &id, &[("range", "bytes=0-9"), ("if-range", condition)]).await;
        assert_eq!((answer.status.as_u16(), &answer.body), (200, &whole.body), "{condition}");
        assert_eq!(answer.header("content-range"), "");
    }
}

#[tokio::test]
async fn a_part_beyond_the_file_is_refused_with_its_length() {
    let server = Server::start().await;
    let id = done(&server, "ann", OFFICE).await;
    let length = download(&server, &id, &[]).await.body.len();
    for range in [format!("bytes={length}-"), "bytes=-0".to_owned()] {
        let answer = download(&server, &id, &[("range", &range)]).await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (416, 0), "{range}");
        assert_eq!(answer.header("content-range"), format!("bytes */{length}"));
    }
}

#[tokio::test]
async fn ranges_that_cannot_be_served_are_answered_with_the_whole_file() {
    let server = Server::start().await;
    let id = done(&server, "ann", OFFICE).await;
    let whole = download(&server, &id, &[]).await;
    for range in ["bytes=0-1,5-6", "bytes=9-5", "lines=0-1", "bytes=x"] {
        let answer = download(&server, &id, &[("range", range)]).await;
        assert_eq!((answer.status.as_u16(), &answer.body), (200, &whole.body), "{range}");
    }
}

#[tokio::test]
async fn head_tells_the_length_without_the_file() {
    let server = Server::start().await;
    let id = done(&server, "ann", OFFICE).await;
    let whole = download(&server, &id, &[]).await;
    let path = format!("{BASE}/cdr-exports/{id}/download");
    let asking = server.request(Method::HEAD, &path).header("authorization", &server.yeti_token("ann"));
    let head = asking.header("range", "bytes=0-3").send().await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), whole.body.len().to_string());
}

#[tokio::test]
async fn a_deleted_export_is_shown_as_such_and_has_no_file() {
    let server = Server::start().await;
    let id = done(&server, "ann", OFFICE).await;
    for _ in 0..2 {
        let answer = delete(&server, "ann", &id).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (204, ""));
    }
    assert_eq!(shown(&server, "ann", &id).await["attributes"]["status"], "Deleted");
    let gone = download(&server, &id, &[]).await;
    assert_eq!((gone.status.as_u16(), gone.text()), (404, ""));
    let listed = server.yeti_get("ann", "/cdr-exports?filter[status_eq]=Deleted").send().await.json();
    assert_eq!(listed["data"][0]["id"], id);
}

#[tokio::test]
async fn only_who_sees_an_export_can_delete_it() {
    let server = Server::start().await;
    let id = done(&server, "ann", OFFICE).await;
    let strange = server.directory().account_by_uuid(FOREIGN.parse().unwrap()).unwrap().id;
    for id in ["x", UNKNOWN] {
        let detail = format!("The record identified by {id} could not be found.");
        refused(&delete(&server, "ann", id).await, 404, 404, "Record not found", &detail);
    }
    let export = history::ExportId(id.parse().unwrap());
    assert_eq!(server.app.history.export(vec![strange], export).await.unwrap(), None);
    assert!(!server.app.history.delete_export(vec![strange], export, server.app.now()).await.unwrap());
    let office = server.directory().account_by_uuid(OFFICE.parse().unwrap()).unwrap().id;
    let kept = server.app.history.export(vec![office], export).await.unwrap().unwrap();
    assert_eq!(kept.status, ExportStatus::Completed);
}

#[tokio::test]
async fn what_is_known_of_the_file_is_told_if_it_is_asked_for() {
    let server = Server::start().await;
    let id = done(&server, "ann", OFFICE).await;
    let file = download(&server, &id, &[]).await;
    let more = "progress,rows-written,file-size,sha-256";
    let path = format!("/cdr-exports/{id}?fields[cdr-exports]=status,{more}");
    let shown = server.yeti_get("ann", &path).send().await.json()["data"]["attributes"].to_string();
    let hash = file.header("etag").trim_matches('"');
    let size = file.body.len();
    let expected = format!(
        r#"{{"status":"Completed","progress":100,"rows-written":0,"file-size":{size},"sha-256":"{hash}"}}"#
    );
    assert_eq!(shown, expected);
    let all = self::shown(&server, "ann", &id).await;
    assert!(more.split(',').all(|name| all["attributes"].get(name).is_none()), "{all}");
}

#[tokio::test]
async fn of_a_deleted_export_nothing_is_in_progress() {
    let server = Server::start().await;
    let id = done(&server, "ann", OFFICE).await;
    delete(&server, "ann", &id).await;
    let path = format!("/cdr-exports/{id}?fields[cdr-exports]=progress,status");
    let shown = server.yeti_get("ann", &path).send().await.json()["data"]["attributes"].to_string();
    assert_eq!(shown, r#"{"status":"Deleted","progress":null}"#);
}
