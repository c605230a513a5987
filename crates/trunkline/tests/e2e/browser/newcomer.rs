//! Who has only a browser: `phone.mjs` says what is done.

use std::process::Stdio;

use testkit::clients;

use crate::demo::Demo;

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_calls_from_a_browser_by_the_link_that_the_demo_prints() {
    let demo = Demo::start(&["--rate", "0"]).await;
    let mut node = clients::node().unwrap();
    node.stdin(Stdio::piped());
    node.env("TRUNKLINE_CLIENTS", clients::folder().unwrap());
    node.envs(demo.variables().into_iter().map(|(name, value)| (format!("TRUNKLINE_{name}"), value)));
    let call = tokio::task::spawn_blocking(move || {
        let mut call = node.spawn().unwrap();
        let script = include_str!("phone.mjs");
        std::io::Write::write_all(&mut call.stdin.take().unwrap(), script.as_bytes()).unwrap();
        call.wait().unwrap().success()
    });
    assert!(call.await.unwrap(), "what it stumbled over is printed above");
}
