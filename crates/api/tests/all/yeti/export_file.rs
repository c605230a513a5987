//! The file of an export.

use std::{io::Read, time::Duration};

use bytes::Bytes;
use call::event::Side;
use flate2::read::GzDecoder;
use parquet::file::reader::{FileReader, SerializedFileReader};
use serde_json::{Value, json};

use super::{CARRIER, OFFICE};
use crate::harness::{Answer, NOW, Server, Talk};

const HEADER: &str = "Time Start,Time Connect,Time End,Success,Duration,Src Name In,Src Prefix In,Dst Prefix In,From Domain,To Domain,Ruri Domain,Lega Disconnect Code,Lega Disconnect Reason,Auth Orig Ip,Auth Orig Port,Src Prefix Routing,Dst Prefix Routing,Destination Prefix,Destination Initial Interval,Destination Next Interval,Destination Initial Rate,Destination Next Rate,Destination Fee,Customer Price,Customer Duration,Orig Call,Local Tag,Lega User Agent,Diversion In";

/// The finished export of an account under filters, and its file as it was sent.
pub(super) async fn download(server: &Server, account: &str, filters: Value, more: Value) -> (Value, Answer) {
    let mut attributes = more;
    attributes["filters"] = json!({ "time_start_gteq": "2026-01-02", "time_start_lt": "2026-01-03" });
    if let (Some(all), Value::Object(some)) = (attributes["filters"].as_object_mut(), filters) {
        all.extend(some);
    }
    let account = json!({ "data": { "type": "accounts", "id": account } });
    let data =
        json!({ "type": "cdr-exports", "attributes": attributes, "relationships": { "account": account } });
    let created = server.yeti_post("ann", "/cdr-exports", json!({ "data": data })).await;
    let id = created.json()["data"]["id"].as_str().unwrap().to_owned();
    let path = format!("/cdr-exports/{id}");
    loop {
        let export = server.yeti_get("ann", &path).send().await.json()["data"].clone();
        if export["attributes"]["status"] != "Pending" {
            return (export, server.yeti_get("ann", &format!("{path}/download")).send().await);
        }
        tokio::task::yield_now().await;
    }
}

pub(super) fn unzipped(answer: &Answer) -> String {
    let mut text = String::new();
    GzDecoder::new(answer.body.as_slice()).read_to_string(&mut text).unwrap();
    text
}

/// The rows of an export, without the header.
async fn rows(server: &Server, account: &str, filters: Value, more: Value) -> Vec<String> {
    let (export, file) = download(server, account, filters, more).await;
    let text = unzipped(&file);
    let (header, rest) = text.split_once('\n').unwrap();
    assert_eq!(header, HEADER);
    let rows: Vec<_> = rest.lines().map(str::to_owned).collect();
    assert_eq!(export["attributes"]["rows-count"], rows.len());
    rows
}

/// A call from extension 101 to the United States: answered after 4.25 s, talked on for 65.5 s.
async fn talked(server: &Server) {
    let talk = Talk {
        began_at: NOW - Duration::from_micros(3_600_000_001),
        answered_after: Duration::from_millis(4_250),
        talked: Duration::from_millis(65_500),
    };
    server.talked_call(server.phone("acme-101"), server.outside("acme-trunk", "+14155550199"), talk).await;
}

/// A call from extension 102 to nobody: busy.
async fn busy(server: &Server) {
    let called = server.outside("acme-trunk", "493012345678");
    let spec = server.call(server.phone("acme-102"), called, NOW - Duration::from_secs(60));
    let call = server.switch.place(spec.caller_name("Ben \"B\" Roe, jr.")).unwrap();
    call.after(Duration::from_secs(2)).busy();
    server.until(|registry| registry.has_ended(call.id())).await;
}

const TALKED: &str = r#""2026-01-02 10:59:59.999999+00","2026-01-02 11:00:04.249999+00","2026-01-02 11:01:09.749999+00","t","66",,"101","+14155550199","acme-101.example","acme-101.example","acme-101.example","200","OK","198.51.100.1","5062","101","+14155550199","","60","6","0.06","0.03","0.01","0.0876","66","id@acme-101","tag-acme-101","acme-101/1.0","#;
const BUSY: &str = r#""2026-01-02 11:59:00.000000+00",,"2026-01-02 11:59:02.000000+00","f","0","Ben ""B"" Roe, jr.","102","493012345678","acme-102.example","acme-102.example","acme-102.example","486","Busy Here","198.51.100.1","5062","102","493012345678","","60","6","0.06","0.03","0.01","0",,"id@acme-102","tag-acme-102","acme-102/1.0","#;

#[tokio::test]
async fn the_file_holds_the_accounts_own_calls_newest_first() {
    let server = Server::start().await;
    talked(&server).await;
    busy(&server).await;
    let incoming = Talk {
        began_at: NOW - Duration::from_secs(30),
        answered_after: Duration::from_secs(5),
        talked: Duration::ZERO,
    };
    server.talked_call(server.outside("acme-trunk", "+1"), server.phone("acme-101"), incoming).await;
    assert_eq!(rows(&server, OFFICE, json!({}), json!({})).await, [BUSY, TALKED]);
    let carrier = rows(&server, CARRIER, json!({}), json!({})).await;
    assert_eq!(carrier.len(), 1);
    assert!(carrier[0].contains("\"t\",\"0\",,\"+1\",\"101\""), "{}", carrier[0]);
}

/// What the INVITE says of the caller is in columns that a request has to name.
#[tokio::test]
async fn a_request_chooses_the_columns() {
    let server = Server::start().await;
    talked(&server).await;
    let talk = Talk {
        began_at: NOW - Duration::from_secs(60),
        answered_after: Duration::from_secs(5),
        talked: Duration::from_secs(10),
    };
    let (caller, called) = (server.identified_phone("acme-102"), server.outside("acme-trunk", "+1"));
    server.talked_call(caller, called, talk).await;
    let fields = json!(["src_prefix_in", "pai_in", "ppi_in", "privacy_in", "rpid_in", "rpid_privacy_in"]);
    let (_, file) = download(&server, OFFICE, json!({}), json!({ "fields": fields })).await;
    let expected = "Src Prefix In,Pai In,Ppi In,Privacy In,Rpid In,Rpid Privacy In\n\
                    \"102\",\"<sip:a@x>\",\"<sip:b@x>\",\"id\",\"<sip:c@x>\",\"full\"\n\"101\",,,,,\n";
    assert_eq!(unzipped(&file), expected);
    let more = json!({ "fields": fields, "format": "parquet" });
    let (_, file) = download(&server, OFFICE, json!({}), more).await;
    let file = SerializedFileReader::new(Bytes::from(file.body)).unwrap();
    let columns = file.metadata().file_metadata().schema_descr().columns().iter();
    let names: Vec<_> = columns.map(|column| column.name().to_owned()).collect();
    assert_eq!(json!(names), fields);
}

#[tokio::test]
async fn the_file_is_sent_compressed_under_its_name() {
    let server = Server::start().await;
    let (export, file) = download(&server, OFFICE, json!({}), json!({})).await;
    assert_eq!(file.status, 200);
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    let disposition = format!("attachment; filename=\"{}.csv.gz\"", export["id"].as_str().unwrap());
    assert_eq!(file.header("content-disposition"), disposition);
    assert_eq!(file.header("content-encoding"), "");
    assert_eq!(file.header("content-length"), file.body.len().to_string());
    assert_eq!(unzipped(&file), format!("{HEADER}\n"));
}

#[tokio::test]
async fn filters_keep_the_rows_that_they_describe() {
    let server = Server::start().await;
    talked(&server).await;
    busy(&server).await;
    let cases = [
        (json!({ "success_eq": true }), &[TALKED][..]),
        (json!({ "success_eq": false }), &[BUSY]),
        (json!({ "duration_eq": 66 }), &[TALKED]),
        (json!({ "duration_eq": 65 }), &[]),
        (json!({ "duration_gteq": 1 }), &[TALKED]),
        (json!({ "duration_lteq": 0 }), &[BUSY]),
        (json!({ "duration_gteq": 0, "duration_lteq": 66 }), &[BUSY, TALKED]),
        (json!({ "src_prefix_routing_eq": "101" }), &[TALKED]),
        (json!({ "src_prefix_routing_eq": "10" }), &[]),
        (json!({ "dst_prefix_routing_eq": "14155550199" }), &[TALKED]),
        (json!({ "dst_prefix_routing_eq": "+493012345678" }), &[BUSY]),
        (json!({ "time_start_gteq": "2026-01-02 11:59:00" }), &[BUSY]),
        (json!({ "time_start_lt": "2026-01-02 11:59:00" }), &[TALKED]),
        (json!({ "time_start_gteq": "9999-12-31", "time_start_lt": "0001-01-01" }), &[]),
    ];
    for (filters, expected) in cases {
        assert_eq!(rows(&server, OFFICE, filters.clone(), json!({})).await, expected, "{filters}");
    }
}

#[tokio::test]
async fn times_are_written_in_the_form_and_zone_that_were_asked_for() {
    let server = Server::start().await;
    talked(&server).await;
    let cases = [
        (json!({ "time-format": "with_timezone" }), "2026-01-02 10:59:59.999999+00"),
        (json!({ "time-format": "without_timezone" }), "2026-01-02 10:59:59.999999"),
        (json!({ "time-format": "round_to_seconds" }), "2026-01-02 10:59:59"),
        (json!({ "time-zone-name": "" }), "2026-01-02 10:59:59.999999+00"),
        (json!({ "time-zone-name": "Europe/Kyiv" }), "2026-01-02 12:59:59.999999+02"),
        (json!({ "time-zone-name": "asia/kolkata" }), "2026-01-02 16:29:59.999999+05:30"),
        (json!({ "time-zone-name": "America/St_Johns" }), "2026-01-02 07:29:59.999999-03:30"),
        (
            json!({ "time-zone-name": "America/New_York", "time-format": "round_to_seconds" }),
            "2026-01-02 05:59:59",
        ),
    ];
    for (more, expected) in cases {
        let rows = rows(&server, OFFICE, json!({}), more.clone()).await;
        assert!(rows[0].starts_with(&format!("\"{expected}\",")), "{more}: {}", rows[0]);
    }
}

#[tokio::test]
async fn a_zone_moves_no_call_into_or_out_of_the_export() {
    let server = Server::start().await;
    talked(&server).await;
    let bounds = json!({ "time_start_gteq": "2026-01-02 10:00:00", "time_start_lt": "2026-01-02 11:00:00" });
    for zone in ["UTC", "Europe/Kyiv", "America/New_York"] {
        let rows = rows(&server, OFFICE, bounds.clone(), json!({ "time-zone-name": zone })).await;
        assert_eq!(rows.len(), 1, "{zone}");
    }
}

#[tokio::test]
async fn a_file_that_is_gone_is_not_found_without_a_body() {
    let server = Server::start().await;
    let (export, _) = download(&server, OFFICE, json!({}), json!({})).await;
    let id = export["id"].as_str().unwrap();
    std::fs::remove_file(server.folder.path().join(format!("history/exports/{id}.csv.gz"))).unwrap();
    let path = format!("/cdr-exports/{id}/download");
    let answer = server.yeti_get("ann", &path).send().await;
    assert_eq!((answer.status.as_u16(), answer.text()), (404, ""));
    assert_eq!([answer.header("content-type"), answer.header("content-disposition")], ["", ""]);
}

#[tokio::test]
async fn a_call_that_goes_on_is_not_in_the_file() {
    let server = Server::start().await;
    let talk = Talk {
        began_at: NOW - Duration::from_secs(30),
        answered_after: Duration::from_secs(5),
        talked: Duration::ZERO,
    };
    let call = server.live_call(server.phone("acme-101"), server.outside("acme-trunk", "1"), talk).await;
    assert_eq!(rows(&server, OFFICE, json!({}), json!({})).await.len(), 0);
    call.end(Side::Termination);
    server.until(|registry| registry.has_ended(call.id())).await;
    assert_eq!(rows(&server, OFFICE, json!({}), json!({})).await.len(), 1);
}

/// The rows of a Parquet file as JSON, each column by its name.
fn parquet_rows(file: &Answer) -> Vec<Value> {
    let reader = SerializedFileReader::new(Bytes::from(file.body.clone())).unwrap();
    reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_json_value()).collect()
}

#[tokio::test]
async fn a_parquet_file_has_the_same_columns_with_types_of_their_own() {
    let server = Server::start().await;
    talked(&server).await;
    busy(&server).await;
    let (export, file) = download(&server, OFFICE, json!({}), json!({ "format": "parquet" })).await;
    let id = export["id"].as_str().unwrap();
    assert_eq!(export["attributes"]["format"], "parquet");
    assert_eq!(file.header("content-type"), "application/vnd.apache.parquet");
    assert_eq!(file.header("content-disposition"), format!("attachment; filename=\"{id}.parquet\""));
    let rows = parquet_rows(&file);
    let names: Vec<_> = rows[0].as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        names,
        HEADER.split(',').map(|title| title.to_lowercase().replace(' ', "_")).collect::<Vec<_>>()
    );
    let [busy, talked] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!(busy["success"], false);
    assert_eq!(busy["time_connect"], Value::Null);
    assert_eq!(busy["src_name_in"], "Ben \"B\" Roe, jr.");
    assert_eq!(busy["customer_duration"], Value::Null);
    assert_eq!(talked["time_start"], "2026-01-02 10:59:59.999999 +00:00");
    assert_eq!(talked["success"], true);
    assert_eq!(talked["duration"], 66);
    assert_eq!(talked["customer_price"], "0.087600000000");
    assert_eq!(talked["auth_orig_ip"], "198.51.100.1");
    assert_eq!(talked["lega_disconnect_code"], 200);
}

#[tokio::test]
async fn an_unknown_file_format_is_refused_with_those_that_there_are() {
    let server = Server::start().await;
    let data = json!({ "type": "cdr-exports",
        "attributes": { "format": "xlsx", "filters": { "time_start_gteq": "2026-01-02", "time_start_lt": "2026-01-03" } },
        "relationships": { "account": { "data": { "type": "accounts", "id": OFFICE } } } });
    let answer = server.yeti_post("ann", "/cdr-exports", json!({ "data": data })).await;
    assert_eq!(answer.status, 422);
    let error = &answer.json()["errors"][0];
    assert_eq!(error["detail"], "format - is not included in the list: csv, parquet");
    assert_eq!(error["source"]["pointer"], "/data/attributes/format");
}
