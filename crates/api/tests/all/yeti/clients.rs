//! Clients that others wrote, unchanged, against the server on a socket: they log in, list, filter and page,
//! draw a chart, make an export and fetch its file. What they do is said in `tests/clients`.

use std::{path::Path, process::Command, time::Duration};

use super::{BASE, OFFICE};
use crate::harness::{NOW, PASSWORD, Server, Talk};

/// What the office has paid for twice since.
const SEATS: &str = r#"
[[services]]
account = 1001
name = "Ten seats"
type = "Hosted PBX"
initial_price = "50"
renew_price = "9.90"
renew_period = "month"
starts_at = 2025-10-31T08:00:00Z
"#;

/// A server with three calls that the office sent.
async fn server() -> Server {
    let server = Server::start().await;
    server.change_directory(|text| format!("{text}{SEATS}"));
    for (caller, minutes) in [("acme-101", 90), ("acme-102", 60), ("acme-101", 30)] {
        let talk = Talk {
            began_at: NOW - Duration::from_secs(60 * minutes),
            answered_after: Duration::from_secs(5),
            talked: Duration::from_secs(60),
        };
        let (caller, called) = (server.phone(caller), server.outside("acme-trunk", "+14155550199"));
        server.talked_call(caller, called, talk).await;
    }
    server
}

/// Runs a script with node; it fails at the first thing that is not as it should be.
async fn run(script: &str) {
    let server = server().await;
    let base = format!("http://{}{BASE}", server.serve().await);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(script);
    let mut node = Command::new("node");
    node.arg(path).env("CLIENTS", testkit::clients::folder().unwrap()).env("BASE", base);
    node.env("LOGIN", "ann").env("PASSWORD", PASSWORD).env("ACCOUNT", OFFICE);
    let output = tokio::task::spawn_blocking(move || node.output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn devour_client_as_the_portal_sets_it_up() {
    run("devour.mjs").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kitsu() {
    run("kitsu.mjs").await;
}
