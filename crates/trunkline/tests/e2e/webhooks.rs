//! Webhooks, received by the library of the Standard Webhooks specification, unmodified.

use std::{
    io::{BufRead, BufReader, Lines, Write},
    path::Path,
    process::{Child, ChildStdout, Stdio},
};

use serde_json::{Value, json};
use testkit::clients;

use crate::{
    directory,
    harness::{Setup, Yeti},
};

/// A receiver, and what it prints.
struct Receiver {
    process: Child,
    told: Lines<BufReader<ChildStdout>>,
}

impl Receiver {
    fn start() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/webhooks/receiver.py");
        let mut command = clients::python(script).unwrap();
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let told = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, told }
    }

    fn next(&mut self) -> Value {
        serde_json::from_str(&self.told.next().unwrap().unwrap()).unwrap()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_specifications_library_verifies_what_is_sent() {
    let private = [("TRUNKLINE__MEDIA__ALLOW_PRIVATE_URLS", "true")];
    let setup = Setup::new(&directory::text(1, 2), &private);
    let server = setup.start();
    let mut receiver = Receiver::start();
    let hook = json!({ "url": format!("http://127.0.0.1:{}/", receiver.next()), "types": ["export"] });
    let register = reqwest::Client::new().post(format!("http://{}/v1/webhooks", server.http));
    let answer = register.bearer_auth("office-token").json(&hook).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let hook: Value = answer.json().await.unwrap();
    writeln!(receiver.process.stdin.as_mut().unwrap(), "{}", hook["secret"].as_str().unwrap()).unwrap();
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
