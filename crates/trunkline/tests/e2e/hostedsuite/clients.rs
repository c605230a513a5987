//! ServiceStack's own clients, unmodified, against the server: pages to the end, a change, and refusals.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use testkit::{clients, sipp::Sipp};

use crate::{
    directory::{CUSTOMER, LOGIN, PASSWORD},
    scene::{RECORDED, Scene},
};

/// Three pages of three, the last one with less.
const CALLS: u32 = 7;

/// A server that has recorded some calls.
async fn with_records() -> Scene {
    let scene = Scene::new();
    let trunk = scene.first(Sipp::scenario("uas-answer").calls(CALLS)).await;
    scene.caller("uac-answered").calls(CALLS).spawn().await.unwrap().wait().await.unwrap();
    trunk.wait().await.unwrap();
    scene.server.wait_for_metric(RECORDED, u64::from(CALLS)).await;
    scene
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/hostedsuite").join(name)
}

/// Runs a client with the address of the server and the user's credentials; gives what it printed.
fn told(scene: &Scene, client: &mut Command) -> Value {
    let credentials = json!({ "CustomerName": CUSTOMER, "UserName": LOGIN, "Password": PASSWORD });
    let run = client
        .arg(format!("http://{}", scene.server.http))
        .arg(credentials.to_string())
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(run.status.success());
    // The client for Python says things of its own there.
    let printed = String::from_utf8(run.stdout).unwrap();
    serde_json::from_str(printed.lines().last().unwrap()).unwrap()
}

/// Every record came once, oldest first, on three pages.
#[track_caller]
fn assert_all(pages: &Value, [items, id, total, count]: [&str; 4]) {
    let pages = pages.as_array().unwrap();
    let sizes: Vec<_> = pages.iter().map(|page| page[items].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [3, 3, 1]);
    assert!(pages.iter().all(|page| page[total] == CALLS && page[count] == 3));
    let records = pages.iter().flat_map(|page| page[items].as_array().unwrap());
    let ids: std::collections::HashSet<_> = records.map(|record| record[id].as_str().unwrap()).collect();
    assert_eq!(ids.len(), CALLS as usize);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_for_javascript_gets_pages_changes_and_refusals() {
    let scene = with_records().await;
    let script = File::open(script("client.mjs")).unwrap();
    let told = told(&scene, clients::node().unwrap().stdin(script));
    let members = ["Items", "Id", "TotalCount", "TotalPages"];
    assert_all(&told["pages"], members);
    assert_eq!(told["samePages"], told["pages"]);
    assert_eq!(told["batch"][1]["Items"], told["pages"][1]["Items"]);
    assert_eq!(told["updated"]["Id"], told["pages"][0]["Items"][0]["Id"]);
    assert_eq!(told["updated"]["Notes"], "Rückruf “heute”");
    let code = |name: &str| told["refusals"][name]["errorCode"].clone();
    let fields = |name: &str| {
        let errors = told["refusals"][name]["errors"].as_array().unwrap();
        errors.iter().map(|error| error["fieldName"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(code("nobody"), "ArgumentNullException");
    assert_eq!(fields("nobody"), ["CustomerName", "UserName", "Password"]);
    assert_eq!((code("wrong"), fields("wrong").len()), (json!("Unauthorized"), 0));
    assert_eq!(code("client"), "UnauthorizedAccessException");
    assert_eq!((code("date"), fields("date")), (json!("FormatException"), vec![json!("StartDate")]));
    assert_eq!((code("sort"), fields("sort")), (json!("ArgumentException"), vec![json!("SortField")]));
    assert_eq!((code("page"), fields("page")), (json!("ArgumentOutOfRangeException"), vec![json!("Page")]));
    assert_eq!((code("type"), fields("type")), (json!("ArgumentException"), vec![json!("CallType")]));
    assert_eq!(code("unknown"), "NotFound");
    assert_ne!(told["refusals"]["operation"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_for_python_gets_pages_changes_and_refusals() {
    let scene = with_records().await;
    let told = told(&scene, &mut clients::python(script("client.py")).unwrap());
    let members = ["items", "id", "total_count", "total_pages"];
    assert_all(&told["pages"], members);
    assert_eq!(told["samePages"], told["pages"]);
    let first = &told["pages"][0]["items"][0];
    assert_eq!((&first["client_name"], &first["type"]), (&json!("Main"), &json!("Outgoing")));
    assert_eq!(first["interactions"][0]["type"], "Answer");
    assert!(first["duration_in_seconds"].as_f64().unwrap() > 0.0);
    assert_eq!((&told["updated"]["id"], &told["updated"]["notes"]), (&first["id"], &json!("Rückruf")));
    let refused = |name: &str| {
        let refusal = &told["refusals"][name];
        (refusal["status"].as_u64().unwrap(), refusal["code"].clone(), refusal["errors"].clone())
    };
    let missing = ["CustomerName", "UserName", "Password"].map(|name| json!(["ArgumentNullException", name]));
    assert_eq!(refused("nobody"), (400, json!("ArgumentNullException"), json!(missing)));
    assert_eq!(refused("wrong"), (401, json!("Unauthorized"), json!([])));
    assert_eq!(refused("client"), (403, json!("UnauthorizedAccessException"), json!([])));
    for (name, code, field) in [
        ("date", "FormatException", "StartDate"),
        ("sort", "ArgumentException", "SortField"),
        ("page", "ArgumentOutOfRangeException", "Page"),
        ("type", "ArgumentException", "CallType"),
    ] {
        assert_eq!(refused(name), (400, json!(code), json!([[code, field]])));
    }
    assert_eq!(refused("unknown").0, 404);
    assert_eq!(told["refusals"]["operation"]["status"], 404);
}
