//! The console of a demo in a real browser, Debian's Chromium: `console/walk.mjs` says what is done there.

use std::process::Stdio;

use testkit::clients;

use crate::demo::Demo;

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_walks_every_page() {
    let demo = Demo::start(&["--rate", "4"]).await;
    let mut node = clients::node().unwrap();
    node.stdin(Stdio::piped());
    node.env("TRUNKLINE_CLIENTS", clients::folder().unwrap());
    node.envs(demo.variables().into_iter().map(|(name, value)| (format!("TRUNKLINE_{name}"), value)));
    let walk = tokio::task::spawn_blocking(move || {
        let mut walk = node.spawn().unwrap();
        let script = include_str!("console/walk.mjs");
        std::io::Write::write_all(&mut walk.stdin.take().unwrap(), script.as_bytes()).unwrap();
        walk.wait().unwrap().success()
    });
    assert!(walk.await.unwrap(), "what it stumbled over is printed above");
}
