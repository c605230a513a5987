//! `/cdrs/{id}/rec` and `/incoming-cdrs/{id}/rec`.

use std::time::Duration;

use call::{AccountId, LegId, command::RecordingKind, event::Side};
use live::LegAddress;
use serde_json::json;
use switch::simulated::SimulatedCall;

use super::records::{ago, list};
use crate::harness::{Answer, Server, Talk};

/// A server that records into a folder of its own.
async fn server(folder: &tempfile::TempDir) -> Server {
    let path = folder.path().to_owned();
    Server::start_with(|config| config.http.recordings = path).await
}

/// A call of the office to the carrier, one side of which is recorded in some pieces.
async fn recorded(server: &Server, side: Side, pieces: usize) -> SimulatedCall {
    let (caller, called) = (server.phone("acme-101"), server.outside("acme-trunk", "+14155550199"));
    let talk =
        Talk { began_at: ago(10), answered_after: Duration::from_secs(5), talked: Duration::from_secs(60) };
    let call = server.live_call(caller, called, talk).await;
    let access = server.directory().access_of_account(AccountId(1001)).unwrap();
    let caller = call.caller_leg().unwrap();
    let is_wanted = |leg: &LegId| (*leg == caller) == (side == Side::Origination);
    let leg_id = call.legs().into_iter().find(is_wanted).unwrap();
    let at = LegAddress { access: &access, account: AccountId(1001), call_id: call.id(), leg_id };
    for _ in 0..pieces {
        server.app.live.start_recording(at, RecordingKind::OnDemand).await.unwrap();
        server.app.live.stop_recording(at, RecordingKind::OnDemand).await.unwrap();
    }
    call.after(Duration::from_secs(1)).end(Side::Origination);
    server.until(|registry| registry.has_ended(call.id())).await;
    call
}

/// The names of the files that a call was recorded into.
async fn files(server: &Server, call: &SimulatedCall) -> Vec<String> {
    let record = server.app.history.record(vec![AccountId(1001)], call.id()).await.unwrap().unwrap();
    record.recordings.iter().map(|recording| recording.file.to_string()).collect()
}

/// A WAV file as the switch writes it, with these samples.
fn wav(samples: &[u8]) -> Vec<u8> {
    let size = |bytes: usize| u32::try_from(bytes).unwrap().to_le_bytes();
    let mut file = b"RIFF".to_vec();
    file.extend(size(36 + samples.len()));
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x02\0\x40\x1f\0\0\0\x7d\0\0\x04\0\x10\0data");
    file.extend(size(samples.len()));
    file.extend(samples);
    file
}

async fn rec(server: &Server, login: &str, kind: &str) -> Answer {
    let id = list(server, "ann", kind, "").await.ids[0].clone();
    server.yeti_get(login, &format!("{kind}/{id}/rec")).header("accept", "audio/wav").send().await
}

#[tokio::test]
async fn a_recording_is_sent_as_one_file_whatever_the_client_accepts() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(&folder).await;
    let call = recorded(&server, Side::Origination, 2).await;
    let files = files(&server, &call).await;
    assert_eq!(files.len(), 2);
    std::fs::write(folder.path().join(&files[0]), wav(b"one one ")).unwrap();
    std::fs::write(folder.path().join(&files[1]), wav(b"two ")).unwrap();
    assert_eq!(list(&server, "ann", "/cdrs", "").await.data[0]["attributes"]["rec"], json!(true));
    let answer = rec(&server, "ann", "/cdrs").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, wav(b"one one two "));
    assert_eq!(answer.header("content-type"), "audio/wav");
    assert_eq!(answer.header("content-length"), answer.body.len().to_string());
    let id = &list(&server, "ann", "/cdrs", "").await.ids[0];
    assert_eq!(answer.header("content-disposition"), format!("attachment; filename=\"{id}.wav\""));
}

#[tokio::test]
async fn every_part_of_a_recording_can_be_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(&folder).await;
    let call = recorded(&server, Side::Origination, 2).await;
    for (file, samples) in files(&server, &call).await.iter().zip([b"one one ", b"two two "]) {
        std::fs::write(folder.path().join(file), wav(samples)).unwrap();
    }
    let whole = wav(b"one one two two ");
    let id = list(&server, "ann", "/cdrs", "").await.ids[0].clone();
    let path = format!("/cdrs/{id}/rec");
    for first in 0..whole.len() {
        for last in [first, first + 1, first + 9, whole.len() - 1] {
            let asked = server.yeti_get("ann", &path).header("range", &format!("bytes={first}-{last}"));
            let answer = asked.send().await;
            let last = last.min(whole.len() - 1);
            assert_eq!((answer.status.as_u16(), answer.body.as_slice()), (206, &whole[first..=last]));
            assert_eq!(answer.header("content-range"), format!("bytes {first}-{last}/{}", whole.len()));
        }
    }
    let ask = async |name: &str, value: &str| {
        server.yeti_get("ann", &path).header("range", "bytes=0-3").header(name, value).send().await
    };
    let etag = ask("x", "y").await.header("etag").to_owned();
    assert_eq!(ask("if-range", &etag).await.body, b"RIFF");
    assert_eq!(ask("if-range", "\"another\"").await.body, whole);
    assert_eq!(ask("if-none-match", &etag).await.status, 304);
    let beyond = server.yeti_get("ann", &path).header("range", "bytes=900-").send().await;
    assert_eq!((beyond.status.as_u16(), beyond.header("content-range")), (416, "bytes */60"));
    let several = server.yeti_get("ann", &path).header("range", "bytes=0-1,4-5").send().await;
    assert_eq!((several.status.as_u16(), several.body), (200, whole));
    let head = server.request(axum::http::Method::HEAD, &format!("{}{path}", super::BASE));
    let head = head.header("authorization", &server.yeti_token("ann")).send().await;
    assert_eq!(
        (head.header("content-length"), head.header("accept-ranges"), head.text()),
        ("60", "bytes", "")
    );
}

#[tokio::test]
async fn a_recording_is_not_sent_to_whom_the_profile_denies_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(&folder).await;
    let call = recorded(&server, Side::Origination, 1).await;
    std::fs::write(folder.path().join(&files(&server, &call).await[0]), wav(b"one ")).unwrap();
    assert_eq!(rec(&server, "ann", "/cdrs").await.status, 200);
    server.change_directory(|text| {
        let ann = "login = \"ann\"\nprofile = 7";
        let profile = "[[profiles]]\nid = 7\ndeny = [\"recordings\"]\n";
        format!("{}\n{profile}", text.replacen("login = \"ann\"", ann, 1))
    });
    assert_eq!(list(&server, "ann", "/cdrs", "").await.data[0]["attributes"]["rec"], json!(false));
    let answer = rec(&server, "ann", "/cdrs").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (404, ""));
}

#[tokio::test]
async fn a_recording_of_the_other_partys_leg_is_not_ones_own() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(&folder).await;
    recorded(&server, Side::Origination, 1).await;
    assert_eq!(list(&server, "ann", "/incoming-cdrs", "").await.data[0]["attributes"]["rec"], json!(false));
    let answer = rec(&server, "ann", "/incoming-cdrs").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (404, ""));
}

#[tokio::test]
async fn a_trunk_is_recorded_for_whom_it_carries_the_call() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(&folder).await;
    let call = recorded(&server, Side::Termination, 1).await;
    std::fs::write(folder.path().join(&files(&server, &call).await[0]), wav(b"both")).unwrap();
    assert_eq!(rec(&server, "ann", "/cdrs").await.body, wav(b"both"));
    assert_eq!(rec(&server, "ann", "/incoming-cdrs").await.status, 404);
}

#[tokio::test]
async fn without_a_recording_or_its_file_nothing_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(&folder).await;
    recorded(&server, Side::Origination, 0).await;
    let answer = rec(&server, "ann", "/cdrs").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (404, ""));
    assert_eq!(answer.header("content-type"), "");
    recorded(&server, Side::Origination, 1).await;
    assert_eq!(rec(&server, "ann", "/cdrs").await.status, 404);
}

#[tokio::test]
async fn strangers_find_no_record() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(&folder).await;
    recorded(&server, Side::Origination, 1).await;
    let answer = rec(&server, "gil", "/cdrs").await;
    assert_eq!(answer.json()["errors"][0]["title"], "Record not found");
}
