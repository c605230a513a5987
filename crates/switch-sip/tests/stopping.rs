//! The threads of the switch, which have this process to themselves.

#![allow(clippy::unwrap_used, reason = "clippy takes only #[test] functions for tests")]

use std::{sync::Arc, time::Duration};

use directory::Snapshot;
use switch::{Switch, SystemClock, event_channel};
use switch_sip::{MediaMode, SipConfig, SipSwitch, media::MediaConfig};

/// The threads that the switch has in this process.
fn threads() -> Vec<String> {
    let names = std::fs::read_dir("/proc/self/task").unwrap().filter_map(|task| {
        // One that ends meanwhile has no name.
        std::fs::read_to_string(task.unwrap().path().join("comm")).ok()
    });
    let own = ["sip", "media-relay", "media-pacer", "sounds", "recorder"];
    names.map(|name| name.trim().to_owned()).filter(|name| own.contains(&name.as_str())).collect()
}

async fn start(recordings: &std::path::Path) -> Arc<SipSwitch> {
    let here = "127.0.0.1".parse().unwrap();
    let config = SipConfig {
        udp: "127.0.0.1:0".parse().ok(),
        media: MediaMode::Anchored(MediaConfig { address: here, advertised: here, ports: 47_000..=47_099 }),
        recordings: Some(recordings.to_owned()),
        ..SipConfig::default()
    };
    let directory = Arc::new(Snapshot::default());
    let (sink, _source) = event_channel(1);
    let clock = Arc::new(SystemClock::default());
    SipSwitch::start(config, Arc::new(move || directory.clone()), sink, clock).await.unwrap()
}

/// The kernel lists a thread for a moment after it has been joined.
async fn until(what: &str, is_so: impl Fn(&[String]) -> bool) {
    let comes = async {
        while !is_so(&threads()) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let came = tokio::time::timeout(Duration::from_secs(30), comes).await;
    assert!(came.is_ok(), "it never came about that {what}: {:?}", threads());
}

async fn until_no_thread_is_left() {
    until("no thread is left", <[String]>::is_empty).await;
}

#[tokio::test]
async fn every_thread_of_a_switch_ends_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let switch = start(folder.path()).await;
    assert!(threads().contains(&"sip".to_owned()), "{:?}", threads());
    switch.stop(Duration::ZERO).await;
    until("the SIP thread is gone", |threads| !threads.contains(&"sip".to_owned())).await;
    drop(switch);
    until_no_thread_is_left().await;
    // Whoever drops it without a stop gets rid of it too.
    drop(start(folder.path()).await);
    until_no_thread_is_left().await;
}
