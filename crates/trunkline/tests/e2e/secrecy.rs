//! Secrets, phone numbers and names do not reach the log, however much is logged; what is kept is its owner's alone.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use testkit::sipp::Sipp;

use crate::{
    directory::{PASSWORD, SECRET},
    scene::{OUTSIDE, Scene},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_log_tells_no_secret_no_number_and_no_name() {
    let scene = Scene::new();
    let phone = scene.phone("1002", Sipp::scenario("uas-answer")).await;
    let named = |scenario| scene.caller(scenario).key("caller_name", "Rumpelstilzchen");
    named("uac-answered").calling("1002").spawn().await.unwrap().wait().await.unwrap();
    phone.wait().await.unwrap();
    let trunk = scene.first(Sipp::scenario("uas-busy")).await;
    named("uac-expect-486").spawn().await.unwrap().wait().await.unwrap();
    trunk.wait().await.unwrap();
    scene.server.wait_for_metric(crate::scene::RECORDED, 2).await;
    crate::harness::Yeti::login(&scene.server).await.export().await;
    crate::harness::Records::all(&scene.server).await;
    crate::harness::vonage::calls(&scene.server).await;

    let log = scene.setup.log();
    assert!(log.lines().count() > 10, "the test sees the log");
    let digits = OUTSIDE.trim_start_matches('+');
    for word in
        [PASSWORD, SECRET, "office-token", "Rumpelstilzchen", "Desk 100", digits, "sip:1001", "sip:1002"]
    {
        let line = log.lines().find(|line| line.contains(word));
        assert!(line.is_none(), "{word:?} is in the log: {line:?}");
    }
}

/// Files and folders in a folder that others than their owner may do something with.
fn open_to_others(folder: &Path) -> Vec<String> {
    let entries: Vec<_> = fs::read_dir(folder).unwrap().map(Result::unwrap).collect();
    let inner =
        entries.iter().filter(|entry| entry.path().is_dir()).flat_map(|it| open_to_others(&it.path()));
    let own = entries.iter().filter(|entry| entry.metadata().unwrap().permissions().mode() & 0o077 != 0);
    own.map(|entry| entry.path().display().to_string()).chain(inner).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_is_its_owners_alone() {
    let scene = Scene::new();
    let phone = scene.phone("1002", Sipp::scenario("uas-answer")).await;
    scene.caller("uac-answered").calling("1002").spawn().await.unwrap().wait().await.unwrap();
    phone.wait().await.unwrap();
    scene.server.wait_for_metric(crate::scene::RECORDED, 1).await;
    crate::harness::Yeti::login(&scene.server).await.export().await;
    let data = scene.setup.data();
    assert_eq!(data.metadata().unwrap().permissions().mode() & 0o007, 0);
    assert!(data.join("history.db").exists());
    assert_eq!(open_to_others(&data), Vec::<String>::new());
}
