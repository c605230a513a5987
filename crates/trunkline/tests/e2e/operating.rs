//! What operators do: check and change the configuration, put files back, and see what is wrong.

use std::{fs, process::Command};

use crate::{
    harness::{Records, wait_until},
    scene::Scene,
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_trunkline");

/// What a command says on standard error, and whether it was done.
fn told(arguments: &[&str], scene: &Scene) -> (bool, String) {
    let output =
        Command::new(PROGRAM).args(arguments).arg("--config").arg(scene.setup.config()).output().unwrap();
    (output.status.success(), String::from_utf8(output.stderr).unwrap())
}

fn change(scene: &Scene, from: &str, to: &str) {
    let text = fs::read_to_string(scene.setup.config()).unwrap();
    assert!(text.contains(from));
    fs::write(scene.setup.config(), text.replace(from, to)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_cannot_work_is_refused_before_and_while_the_server_runs() {
    let scene = Scene::new();
    assert_eq!(told(&["config", "check"], &scene), (true, String::new()));
    change(&scene, "no_answer_seconds = 3", "no_answer_seconds = 0");
    let mistake = "[sip] no_answer_seconds: found 0, accepted: 1 to 3600";
    for command in [&["config", "check"][..], &["reload"], &["serve"]] {
        let (done, said) = told(command, &scene);
        assert!(!done && said.contains(mistake), "{command:?}: {said}");
    }
    scene.server.signal("HUP");
    wait_until("the server says so too", async || scene.setup.log().contains(mistake)).await;
    assert_eq!(scene.server.get("/readyz").await, "ok\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_takes_over_what_it_can_and_names_the_rest() {
    let scene = Scene::new();
    change(&scene, "no_answer_seconds = 3", "no_answer_seconds = 4");
    change(&scene, "[log]", "[history]\nmin_free_mb = 1000000\n\n[log]");
    assert_eq!(told(&["reload"], &scene), (true, String::new()));
    wait_until("new calls are refused", async || scene.server.get("/readyz").await == "disk_full\n").await;
    assert!(
        scene.setup.log().contains("after_a_restart=\"[sip] no_answer_seconds\""),
        "{}",
        scene.setup.log()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_goes_to_a_file_has_no_colours() {
    let scene = Scene::new();
    assert!(scene.setup.log().contains("found in the data folder"));
    assert!(!scene.setup.log().contains('\u{1b}'));
}

/// Files that were there are not: nobody starts on what is left without being told so.
#[tokio::test(flavor = "multi_thread")]
async fn a_data_folder_that_lacks_what_was_there_is_refused() {
    let mut scene = Scene::new();
    let trunk = scene.first(testkit::sipp::Sipp::scenario("uas-answer")).await;
    scene.caller("uac-answered").spawn().await.unwrap().wait().await.unwrap();
    trunk.wait().await.unwrap();
    scene.only_call().await;
    scene.server.signal("TERM");
    assert_eq!(scene.server.ended().await, Some(0));
    for file in ["history.db", "directory.db"] {
        let path = scene.setup.data().join(file);
        let kept = fs::read(&path).unwrap();
        fs::write(&path, b"").unwrap();
        let (done, said) = told(&["serve"], &scene);
        assert!(!done && said.contains(file) && said.contains("--accept-loss"), "{said}");
        for left in ["-wal", "-shm"] {
            let _ = fs::remove_file(scene.setup.data().join(format!("{file}{left}")));
        }
        fs::write(&path, kept).unwrap();
    }
    scene.server = scene.setup.start();
    assert_eq!(Records::all(&scene.server).await.len(), 1);
}
