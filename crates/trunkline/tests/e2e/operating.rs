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

/// The status of a list of calls, for who has this token.
async fn status_for(token: &str, scene: &Scene) -> u16 {
    let url = format!("http://{}/cc/accounts/1234/calls", scene.server.http);
    reqwest::Client::new().get(url).bearer_auth(token).send().await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_and_a_network_that_are_taken_back_count_no_more_after_a_reload() {
    let scene = Scene::new();
    assert_eq!((status_for("office-token", &scene).await, status_for("new-token", &scene).await), (200, 401));
    change(&scene, "\"office-token\"", "\"new-token\"");
    change(&scene, "[http]", "[http]\noperator_networks = [\"10.0.0.0/8\"]");
    assert_eq!(told(&["reload"], &scene), (true, String::new()));
    wait_until("the new one counts", async || status_for("new-token", &scene).await == 200).await;
    assert_eq!(status_for("office-token", &scene).await, 401);
    assert!(scene.server.get("/metrics").await.contains("operator's networks"));
    assert!(!scene.setup.log().contains("after_a_restart"), "{}", scene.setup.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_an_account_that_is_not_there_is_refused_before_anything_is_taken() {
    let mut scene = Scene::new();
    scene.server.signal("TERM");
    assert_eq!(scene.server.ended().await, Some(0));
    change(&scene, "account = 9001", "account = 4711");
    let log = scene.setup.log();
    let (done, said) = told(&["serve"], &scene);
    assert!(!done && said.contains("[vonage] tokens: found account 4711"), "{said}");
    assert!(!said.contains("found in the data folder"), "{said}");
    assert_eq!(scene.setup.log(), log);
}

/// Lets the server open so many files.
fn allow_files(scene: &Scene, count: &str) {
    let of = scene.server.id().to_string();
    let done = Command::new("prlimit").args(["--pid", &of, &format!("--nofile={count}:")]).status().unwrap();
    assert!(done.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_files_to_open_calls_are_put_off_and_that_is_counted() {
    let scene = Scene::new();
    allow_files(&scene, &scene.server.usage().files.to_string());
    scene.caller("uac-expect-503").spawn().await.unwrap().wait().await.unwrap();
    allow_files(&scene, "1024");
    // Of the caller, or of each trunk that was tried: files that were open for a moment may be closed by now.
    let metrics = scene.server.get("/metrics").await;
    let counted = metrics.lines().find_map(|line| line.split_once("reason=\"open_files\"} "));
    assert!(counted.unwrap().1.parse::<u32>().unwrap() > 0);
    assert!(scene.setup.log().contains("no more files can be opened"));
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

/// What is only in the write-ahead log is known to be missing, to the last commit.
#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_has_lost_its_log_is_refused() {
    let mut scene = Scene::new();
    let trunk = scene.first(testkit::sipp::Sipp::scenario("uas-answer")).await;
    scene.caller("uac-answered").spawn().await.unwrap().wait().await.unwrap();
    trunk.wait().await.unwrap();
    scene.only_call().await;
    scene.server.signal("KILL");
    scene.server.ended().await;
    let wal = scene.setup.data().join("history.db-wal");
    let kept = fs::read(&wal).unwrap();
    fs::remove_file(&wal).unwrap();
    let database = scene.setup.data().join("history.db");
    let before = fs::read(&database).unwrap();
    let (done, said) = told(&["serve"], &scene);
    assert!(!done && said.contains("lacks what was there: found commit 0"), "{said}");
    fs::write(&database, before).unwrap();
    fs::write(&wal, kept).unwrap();
    let _ = fs::remove_file(scene.setup.data().join("history.db-shm"));
    scene.server = scene.setup.start();
    assert_eq!(Records::all(&scene.server).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_was_cut_off_begins_anew() {
    let mut scene = Scene::new();
    let trunk = scene.first(testkit::sipp::Sipp::scenario("uas-answer")).await;
    scene.caller("uac-answered").spawn().await.unwrap().wait().await.unwrap();
    trunk.wait().await.unwrap();
    scene.only_call().await;
    let backup = tempfile::tempdir().unwrap();
    let folder = backup.path().to_str().unwrap();
    let (done, said) = told(&["backup", folder], &scene);
    assert!(done, "{said}");
    scene.server.signal("TERM");
    assert_eq!(scene.server.ended().await, Some(0));

    let data = scene.setup.data();
    fs::remove_dir_all(&data).unwrap();
    // Nothing can be put where a folder is.
    fs::create_dir_all(data.join("directory.part")).unwrap();
    let (done, said) = told(&["restore", folder], &scene);
    assert!(!done && !data.join("history.db").exists(), "{said}");
    fs::remove_dir(data.join("directory.part")).unwrap();
    let (done, said) = told(&["restore", folder], &scene);
    assert!(done, "{said}");
    scene.server = scene.setup.start();
    assert_eq!(Records::all(&scene.server).await.len(), 1);
}

/// What a command prints, wherever to.
fn printed(arguments: &[&str], scene: &Scene) -> (bool, String) {
    let output =
        Command::new(PROGRAM).args(arguments).arg("--config").arg(scene.setup.config()).output().unwrap();
    let printed = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(printed).unwrap())
}

/// As Asterisk writes them: two calls, and a line of an account that nobody has.
const MASTER_CSV: &str = r#""Main","1001","+14155550199","phones","""Ada"" <1001>","PJSIP/1001-1","PJSIP/out-2","Dial","","2026-01-01 10:00:00","2026-01-01 10:00:06","2026-01-01 10:01:06",66,60,"ANSWERED","DOCUMENTATION"
"Main","1002","+14155550199","phones","","PJSIP/1002-3","","Dial","","2026-01-02 10:00:00","","2026-01-02 10:00:09",9,0,"BUSY","DOCUMENTATION"
"nobody","7","8","phones","","SIP/7-4","","Dial","","2026-01-02 11:00:00","","2026-01-02 11:00:01",1,0,"BUSY","DOCUMENTATION"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn calls_of_another_switch_are_taken_over_once_and_what_fits_nobody_is_told() {
    let mut scene = Scene::new();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("Master.csv"), MASTER_CSV).unwrap();
    fs::write(path("mapping.toml"), "outside = 9001\n").unwrap();
    let (file, mapping, reject) = (path("Master.csv"), path("mapping.toml"), path("reject.csv"));
    let arguments = ["import", "--format", "asterisk", "--mapping", &mapping, "--reject", &reject, &file];
    let (done, said) = printed(&arguments, &scene);
    assert!(!done && said.contains("in use by another process"), "{said}");
    scene.server.signal("TERM");
    assert_eq!(scene.server.ended().await, Some(0));

    let (done, said) = printed(&arguments, &scene);
    assert!(!done && said.contains("line 3: caller account: found \"nobody\", accepted: "), "{said}");
    assert!(said.contains("2 calls were taken over; 0 were there already"), "{said}");
    assert!(fs::read_to_string(&reject).unwrap().starts_with("nobody,7,8,phones"));
    let (_, said) = printed(&arguments, &scene);
    assert!(said.contains("0 calls were taken over; 2 were there already"), "{said}");
    fs::remove_file(&reject).unwrap();
    fs::write(&file, MASTER_CSV.lines().next().unwrap()).unwrap();
    assert!(printed(&arguments, &scene).0 && !fs::exists(&reject).unwrap(), "nothing was rejected");
    let (done, said) = printed(&["check"], &scene);
    assert!(done && said.contains("2 sealed parts of days"), "{said}");
    scene.server = scene.setup.start();
    scene.server.wait_for_metric("trunkline_history_sealed_days", 2).await;
}
