//! Schemathesis, unmodified, tries dialects by their descriptions, with what is described and with what is not: nothing
//! makes the server fail, no status comes that is not described, and what `/v1` answers is as it is described.

use std::time::Duration;

use testkit::clients::schemathesis;

use crate::{
    directory::{CUSTOMER, LOGIN, PASSWORD},
    harness::Yeti,
    scene::Scene,
};

const HOOKS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/e2e/described/hooks.py");
/// Seconds for each dialect.
const TIME: &str = "--max-time=15";
/// Nothing is answered more slowly than that.
const PATIENCE: Duration = Duration::from_secs(300);

/// Tries a dialect; what it says if it finds something.
async fn attempt(scene: &Scene, document: &str, checks: &str, more: &[&str]) -> Result<(), String> {
    let mut tries = schemathesis().unwrap();
    tries.arg("run").arg(format!("http://{}/openapi/{document}.json", scene.server.http));
    tries.args(["--checks", checks, TIME, "--seed=1", "--no-color", "--no-shrink", "--max-failures=3"]);
    tries
        .args(["--generation-database=none", "--phases=examples,coverage,fuzzing", "--warnings=off"])
        .args(more);
    tries.env("SCHEMATHESIS_HOOKS", HOOKS).env("BODY_LOGIN", format!("{CUSTOMER}:{LOGIN}:{PASSWORD}"));
    tries.current_dir(scene.setup.data());
    let done = tokio::task::spawn_blocking(move || tries.output().unwrap());
    let output = tokio::time::timeout(PATIENCE, done).await.expect("it ends in time").unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() { Ok(()) } else { Err(said) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dialect_answers_as_it_is_described_whatever_is_sent() {
    // Whoever tries everything also tries wrong credentials.
    let scene = Scene::with(&[("TRUNKLINE__GUARD__EXEMPT_NETWORKS", "[\"127.0.0.0/8\"]")]);
    let bearer = "Authorization: Bearer office-token";
    let all =
        "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";
    let statuses = "not_a_server_error,status_code_conformance";
    attempt(&scene, "v1", all, &["-H", bearer]).await.unwrap_or_else(|said| panic!("{said}"));
    attempt(&scene, "vonage", statuses, &["-H", bearer]).await.unwrap_or_else(|said| panic!("{said}"));
    attempt(&scene, "hostedsuite", statuses, &[]).await.unwrap_or_else(|said| panic!("{said}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn yetis_dialect_answers_as_it_is_described_whatever_is_sent() {
    let scene = Scene::with(&[("TRUNKLINE__GUARD__EXEMPT_NETWORKS", "[\"127.0.0.0/8\"]")]);
    // A session that is ended would end what can be tried; a gateway that is not there is a 500 by contract yeti.md 6.13.
    let token = format!("Authorization: {}", Yeti::login(&scene.server).await.token());
    let ended = "--exclude-operation-id=delete_api_rest_customer_v1_auth";
    let missing = "--exclude-operation-id=post_api_rest_customer_v1_call_auth";
    let more = ["-H", &token, ended, missing];
    let tried = attempt(&scene, "yeti", "not_a_server_error,status_code_conformance", &more).await;
    tried.unwrap_or_else(|said| panic!("{said}"));
}
