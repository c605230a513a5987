//! Webhooks, received by the library of the Standard Webhooks specification, unmodified.

use std::{
    io::{BufRead, BufReader, Lines, Write},
    path::Path,
    process::{Child, ChildStdout, Stdio},
    time::Duration,
};

use serde_json::{Map, Value, json};
use testkit::{clients, sipp::Sipp};

use crate::{
    directory,
    harness::{Process, Setup, Yeti, vonage},
    scene::{RECORDED, Scene},
};

/// A receiver, and what it prints.
struct Receiver {
    process: Child,
    told: Lines<BufReader<ChildStdout>>,
}

impl Receiver {
    fn start(script: &str) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/webhooks").join(script);
        let mut command = clients::python(script).unwrap();
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let told = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, told }
    }

    fn next(&mut self) -> Value {
        serde_json::from_str(&self.told.next().unwrap().unwrap()).unwrap()
    }

    fn tell(&mut self, line: &str) {
        writeln!(self.process.stdin.as_mut().unwrap(), "{line}").unwrap();
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// Registers a hook of the office; gives its secret.
async fn register(server: &Process, url: &str, types: &[&str]) -> String {
    let hook = json!({ "url": url, "types": types });
    let register = reqwest::Client::new().post(format!("http://{}/v1/webhooks", server.http));
    let answer = register.bearer_auth("office-token").json(&hook).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let hook: Value = answer.json().await.unwrap();
    hook["secret"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_specifications_library_verifies_what_is_sent() {
    let private = [("TRUNKLINE__MEDIA__ALLOW_PRIVATE_URLS", "true")];
    let setup = Setup::new(&directory::text(1, 2), &private);
    let server = setup.start();
    let mut receiver = Receiver::start("receiver.py");
    let secret = register(&server, &format!("http://127.0.0.1:{}/", receiver.next()), &["export"]).await;
    receiver.tell(&secret);
    Yeti::login(&server).await.export().await;
    for kind in ["trunkline.export.created", "trunkline.export.completed"] {
        let told = receiver.next();
        assert_eq!(
            (&told["event"]["type"], &told["tamperedIsRefused"]),
            (&json!(kind), &json!(true)),
            "{told}"
        );
    }
}

const CALLS: u32 = 4;
const TYPES: [&str; 2] = ["call", "leg.ended"];
/// Receivers, by their trouble.
const PATHS: [&str; 5] = ["/well", "/fails", "/hangs", "/lies", "/down"];

/// The ids of the events that the office has of its calls.
async fn events(server: &Process) -> Vec<String> {
    let path = format!("/v1/events?limit=1000&type={}", TYPES.join(","));
    let page: Value = vonage::get(server, &path).await.json().await.unwrap();
    page["events"].as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn receivers_in_trouble_lose_nothing_keep_the_order_and_hold_up_nobody() {
    let scene = Scene::with(&[
        ("TRUNKLINE__MEDIA__ALLOW_PRIVATE_URLS", "true"),
        ("TRUNKLINE__MEDIA__MODE", "direct"),
    ]);
    let mut receiver = Receiver::start("troubled.py");
    let ports = receiver.next();
    let mut secrets = Map::new();
    for path in PATHS {
        let port = if path == "/down" { &ports[1] } else { &ports[0] };
        let secret = register(&scene.server, &format!("http://127.0.0.1:{port}{path}"), &TYPES).await;
        secrets.insert(path.to_owned(), secret.into());
    }
    receiver.tell(&Value::from(secrets).to_string());
    let trunk = scene.first(Sipp::scenario("uas-answer").calls(1_000).without_messages()).await;
    let calls = scene.caller("uac-answered").calls(CALLS).talk(Duration::ZERO).without_messages();
    calls.spawn().await.unwrap().wait().await.unwrap();
    scene.server.wait_for_metric(RECORDED, CALLS.into()).await;
    drop(trunk);
    let expected = events(&scene.server).await;
    assert!(expected.len() > 3 * CALLS as usize, "{expected:?}");
    let (mut told, mut is_open) = (Vec::<(String, String)>::new(), false);
    while told.len() < PATHS.len() * expected.len() {
        let taken = receiver.next();
        told.push((taken["path"].as_str().unwrap().to_owned(), taken["id"].as_str().unwrap().to_owned()));
        let well = told.iter().filter(|(path, _)| path == "/well").count();
        if well == expected.len() && !std::mem::replace(&mut is_open, true) {
            receiver.tell("open");
        }
    }
    for path in PATHS {
        let own: Vec<_> = told.iter().filter(|(of, _)| of == path).map(|(_, id)| id.clone()).collect();
        assert_eq!(own, expected, "{path}");
    }
    let first = |path: &str| told.iter().position(|(of, _)| of == path).unwrap();
    let well = told.iter().rposition(|(path, _)| path == "/well").unwrap();
    assert!(well < first("/hangs") && well < first("/down"), "who is well waits for nobody: {told:?}");
}
