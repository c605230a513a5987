//! Encodings of bodies.

use std::io::{Read, Write};

use axum::http::Method;
use flate2::{
    Compression,
    read::GzDecoder,
    write::{GzEncoder, ZlibEncoder},
};
use serde_json::json;

use crate::harness::{Answer, Asking, PASSWORD, Server};

use super::path;

const AUTH: &str = "/api/rest/customer/v1/auth";

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn deflate(content: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

async fn log_in(server: &Server, encoding: &str, body: Vec<u8>) -> Answer {
    let asked =
        server.post(AUTH).header("content-type", "application/json").header("content-encoding", encoding);
    asked.body(body).await
}

#[tokio::test]
async fn packed_bodies_are_read_in_every_encoding_that_is_told() {
    let server = Server::start().await;
    let body = json!({ "auth": { "login": "ann", "password": PASSWORD } }).to_string().into_bytes();
    let zstd = zstd::encode_all(body.as_slice(), 3).unwrap();
    let cases =
        [("gzip", gzip(&body)), ("deflate", deflate(&body)), ("zstd", zstd), ("identity", body.clone())];
    for (encoding, packed) in cases {
        let answer = log_in(&server, encoding, packed).await;
        assert_eq!(answer.status, 201, "{encoding}: {}", answer.text());
    }
}

#[tokio::test]
async fn other_encodings_are_refused_with_those_that_are_taken_on_every_route() {
    let server = Server::start().await;
    for encoding in ["br", "gzip, gzip", "x", ""] {
        for route in api::routes() {
            let asked =
                server.request(route.method.clone(), &path(&route)).header("content-encoding", encoding);
            let answer = asked.body("{}").await;
            assert_eq!(answer.status, 415, "{} {} {encoding}", route.method, route.path);
            assert_eq!(answer.header("accept-encoding"), "gzip, deflate, zstd");
            assert!(!answer.text().is_empty());
        }
    }
}

#[tokio::test]
async fn a_body_that_is_torn_or_too_large_when_unpacked_is_refused() {
    let server = Server::start().await;
    let torn = gzip(&[b' '; 1_000])[..20].to_vec();
    assert_eq!(log_in(&server, "gzip", torn).await.status, 400);
    assert_eq!(log_in(&server, "gzip", b"no gzip".to_vec()).await.status, 400);
    let bomb = gzip(&vec![b' '; 64 << 20]);
    assert!(bomb.len() < 1 << 17);
    for path in [AUTH, "/api/calls", "/token", "/api/batch", "/api/json/reply/ListCallRecordsRequest"] {
        let kind = if path == "/token" { "application/x-www-form-urlencoded" } else { "application/json" };
        let asked = server.post(path).header("content-encoding", "gzip").header("content-type", kind);
        let answer = asked.body(bomb.clone()).await;
        assert!(
            matches!(answer.status.as_u16(), 400 | 404 | 413),
            "{path}: {} {}",
            answer.status,
            answer.text()
        );
    }
}

fn countries<'a>(server: &'a Server, token: &str) -> Asking<'a> {
    server.request(Method::GET, "/api/rest/customer/v1/countries").header("authorization", token)
}

#[tokio::test]
async fn long_answers_are_packed_for_those_who_take_it() {
    let server = Server::start().await;
    let token = server.yeti_token("ann");
    let plain = countries(&server, &token).send().await;
    assert_eq!(plain.header("content-encoding"), "");
    let packed = countries(&server, &token).header("accept-encoding", "gzip").send().await;
    assert_eq!((packed.header("content-encoding"), packed.header("etag")), ("gzip", plain.header("etag")));
    let mut unpacked = Vec::new();
    GzDecoder::new(packed.body.as_slice()).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain.body);
    let packed = countries(&server, &token).header("accept-encoding", "gzip;q=0.5, zstd").send().await;
    assert_eq!(packed.header("content-encoding"), "zstd");
    assert_eq!(zstd::decode_all(packed.body.as_slice()).unwrap(), plain.body);
    let varies: Vec<_> = packed.headers.get_all("vary").iter().collect();
    assert!(varies.iter().any(|vary| *vary == "accept-encoding"), "{varies:?}");
}

#[tokio::test]
async fn a_known_answer_is_not_sent_again_however_it_was_packed() {
    let server = Server::start().await;
    let token = server.yeti_token("ann");
    let etag =
        countries(&server, &token).header("accept-encoding", "gzip").send().await.header("etag").to_owned();
    let asked = countries(&server, &token).header("accept-encoding", "gzip").header("if-none-match", &etag);
    assert_eq!(asked.send().await.status, 304);
}
