//! The demo, and what the README says of it.

mod readme;

use std::{
    collections::HashMap,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::sipp::Sipp;

use crate::harness::wait_until;

/// A demo on ports of its own.
pub struct Demo {
    child: Child,
    folder: TempDir,
}

impl Demo {
    /// Starts it, and waits until it has written its variables.
    pub async fn start(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let any = "127.0.0.1:0";
        let mut command = Command::new(env!("CARGO_BIN_EXE_trunkline"));
        command.args(["demo", "--http", any, "--sip", any, "--env-file"]);
        command.arg(folder.path().join("env")).args(options).stdout(Stdio::null());
        let demo = Self { child: command.spawn().unwrap(), folder };
        wait_until("the demo is up", async || demo.env_file().exists()).await;
        demo
    }

    fn env_file(&self) -> PathBuf {
        self.folder.path().join("env")
    }

    /// The variables, without `TRUNKLINE_`.
    pub fn variables(&self) -> HashMap<String, String> {
        let text = std::fs::read_to_string(self.env_file()).unwrap();
        let pairs = text.lines().filter_map(|line| line.strip_prefix("export TRUNKLINE_")?.split_once('='));
        pairs.map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned())).collect()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_takes_the_place_of_a_built_in_phone() {
    let demo = Demo::start(&["--rate", "0"]).await;
    let variables = demo.variables();
    let server = variables["SIP"].parse().unwrap();
    let phone = Sipp::scenario("uas-answer-then-bye").spawn().await.unwrap();
    let (user, secret) = (&variables["DEVICE_USER"], &variables["DEVICE_SECRET"]);
    let register = Sipp::scenario("uac-register").target(server).credentials(user, secret);
    register.key("contact", phone.address()).spawn().await.unwrap().wait().await.unwrap();

    let calls = format!("{}/cc/accounts/{}/calls", variables["URL"], variables["ACCOUNT"]);
    let wanted = json!({
        "type": "click2dial",
        "from": { "type": "extension", "destination": variables["EXTENSION"] },
        "to": { "type": "extension", "destination": "1002" },
    });
    let client = reqwest::Client::new();
    let placed = client.post(&calls).bearer_auth(&variables["TOKEN"]).json(&wanted).send().await.unwrap();
    assert_eq!(placed.status(), 200);
    phone.wait().await.unwrap();
    let none = || async {
        let listed = client.get(&calls).bearer_auth(&variables["TOKEN"]).send().await.unwrap();
        listed.json::<Value>().await.unwrap()["calls"] == json!([])
    };
    wait_until("the call is over", async || none().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_whose_time_is_up_stops_by_itself() {
    let mut demo = Demo::start(&["--for", "1", "--rate", "20"]).await;
    let ended = tokio::task::spawn_blocking(move || demo.child.wait().unwrap().success());
    assert!(ended.await.unwrap());
}
