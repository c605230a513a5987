//! Somebody sets the wall clock while calls go on (libfaketime).

use std::{path::Path, time::Duration};

use testkit::sipp::Sipp;

use crate::{harness::Records, scene::Scene};

const CALLS: u32 = 5;
const PLACES: [&str; 3] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/faketime/libfaketimeMT.so.1",
];

/// A server whose wall clock goes by a file.
fn setting(file: &Path) -> Scene {
    let library = PLACES.into_iter().find(|path| Path::new(path).exists());
    let library = library.expect("Debian's package libfaketime is not there");
    std::fs::write(file, "+0").unwrap();
    Scene::with(&[
        ("LD_PRELOAD", library),
        ("FAKETIME_TIMESTAMP_FILE", file.display().to_string().leak()),
        ("FAKETIME_CACHE_DURATION", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ("TRUNKLINE__MEDIA__MODE", "direct"),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_set_changes_no_length_of_calls_that_a_crash_interrupts() {
    for set_by in ["+1h", "-1h", "+1d"] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("faketime");
        let mut scene = setting(&file);
        let trunk = scene.first(Sipp::scenario("uas-answer").calls(2 * CALLS).without_messages()).await;
        let callers = |scene: &Scene| {
            let callers = scene.caller("uac-answered").calls(CALLS).rate(50).talk(Duration::from_secs(60));
            callers.without_messages().spawn()
        };
        let before = callers(&scene).await.unwrap();
        scene.wait_for_live(CALLS as usize).await;
        std::fs::write(&file, set_by).unwrap();
        scene.server.wait_for_metric("trunkline_clock_steps", 1).await;
        let after = callers(&scene).await.unwrap();
        scene.wait_for_live(2 * CALLS as usize).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        scene.server = scene.setup.start_after(scene.server);
        drop((before, after, trunk));
        let records = Records::all(&scene.server).await;
        assert_eq!(records.len() as u32, 2 * CALLS);
        for record in records {
            let length = record["DurationInSeconds"].as_f64().unwrap();
            assert!((1.0..8.0).contains(&length), "the clock was set by {set_by}: {record}");
        }
    }
}
