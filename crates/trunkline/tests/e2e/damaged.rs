//! A bit of a sealed file flips while the server runs.

use std::{fs, path::Path, process::Command};

use serde_json::{Value, json};

use crate::{
    directory::{CUSTOMER, LOGIN, PASSWORD},
    harness::{Process, Yeti, vonage, wait_until},
    scene::Scene,
};

/// A call on each of two days, as Asterisk writes them.
const MASTER_CSV: &str = r#""Main","1001","+14155550199","phones","""Ada"" <1001>","PJSIP/1001-1","PJSIP/out-2","Dial","","2026-01-01 10:00:00","2026-01-01 10:00:06","2026-01-01 10:01:06",66,60,"ANSWERED","DOCUMENTATION"
"Main","1002","+14155550199","phones","","PJSIP/1002-3","","Dial","","2026-01-02 10:00:00","","2026-01-02 10:00:09",9,0,"BUSY","DOCUMENTATION"
"#;

/// What the file is told as, in the log and in the metrics.
const TOLD: &str = "calls/day=2026-01-01/part-";

fn run(scene: &Scene, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trunkline"));
    let output = command.args(arguments).arg("--config").arg(scene.setup.config()).output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    (output.status.success(), said)
}

/// A server that has taken over the calls of two days, which are sealed.
async fn with_two_days(folder: &Path) -> Scene {
    let mut scene = Scene::new();
    scene.server.signal("TERM");
    scene.server.ended().await;
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    fs::write(path("Master.csv"), MASTER_CSV).unwrap();
    fs::write(path("mapping.toml"), "outside = 9001\n").unwrap();
    let (file, mapping) = (path("Master.csv"), path("mapping.toml"));
    let (done, said) = run(&scene, &["import", "--format", "asterisk", "--mapping", &mapping, &file]);
    assert!(done, "{said}");
    scene.server = scene.setup.start();
    scene
}

/// Flips a bit in the rows of the first day, where the server has them open.
fn flip(scene: &Scene) {
    let day = scene.setup.data().join("calls/day=2026-01-01");
    let file = fs::read_dir(day).unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
}

async fn read(answer: reqwest::Response) -> (u16, Value) {
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// What each dialect and the interface of our own answer when asked for the calls of a day of January 2026.
async fn ask(server: &Process, yeti: &Yeti<'_>, day: u32) -> [(u16, Value); 4] {
    let (day, next) = (format!("2026-01-0{day}"), format!("2026-01-0{}", day + 1));
    let filters =
        format!("filter%5Btime_start_gteq%5D={day}T00:00:00Z&filter%5Btime_start_lt%5D={next}T00:00:00Z");
    let logs = format!("start:gte={day}%2000:00:00&start:lte={day}%2023:59:59");
    let body = json!({
        "StartDate": format!("{day} 00:00:00"), "EndDate": format!("{next} 00:00:00"),
        "CustomerName": CUSTOMER, "UserName": LOGIN, "Password": PASSWORD,
    });
    let records = reqwest::Client::new().post(format!("http://{}/api/calls.json", server.http)).json(&body);
    [
        read(yeti.get(&format!("cdrs?{filters}")).await).await,
        read(vonage::get(server, &format!("/t/vbc.prod/reports/accounts/1234/call-logs?{logs}")).await).await,
        read(records.send().await.unwrap()).await,
        read(vonage::get(server, &format!("/v1/history?from={day}T00:00:00Z&until={next}T00:00:00Z")).await)
            .await,
    ]
}

/// That each has answered with its one call.
fn assert_found([yeti, vonage, hosted, native]: &[(u16, Value); 4]) {
    assert_eq!(
        (yeti.0, vonage.0, hosted.0, native.0),
        (200, 200, 200, 200),
        "{yeti:?} {vonage:?} {hosted:?} {native:?}"
    );
    let found =
        [&yeti.1["data"], &vonage.1["_embedded"]["call_logs"], &hosted.1["Items"], &native.1["calls"]];
    assert_eq!(found.map(|calls| calls.as_array().map(Vec::len)), [Some(1); 4], "{found:?}");
}

/// That each has said in its own words that the server failed, and nothing of its inside.
fn assert_refused(answers: &[(u16, Value); 4]) {
    let [yeti, vonage, hosted, native] = answers;
    assert_eq!(answers.each_ref().map(|(status, _)| *status), [500; 4], "{answers:?}");
    assert_eq!(yeti.1["errors"][0]["status"], "500");
    assert_eq!(vonage.1["message"], "The server failed");
    assert_eq!(hosted.1["ResponseStatus"]["ErrorCode"], "InternalServerError");
    assert_eq!(native.1["code"], "internal");
    for (_, body) in answers {
        assert!(!body.to_string().contains("part-"), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_bit_is_said_hurts_what_needs_it_alone_and_is_mended_by_a_restore() {
    let folder = tempfile::tempdir().unwrap();
    let mut scene = with_two_days(folder.path()).await;
    let backup = folder.path().join("backup");
    let (done, said) = run(&scene, &["backup", backup.to_str().unwrap()]);
    assert!(done, "{said}");
    let yeti = Yeti::login(&scene.server).await;
    for day in [1, 2] {
        assert_found(&ask(&scene.server, &yeti, day).await);
    }

    flip(&scene);
    assert_refused(&ask(&scene.server, &yeti, 1).await);
    assert_found(&ask(&scene.server, &yeti, 2).await);
    assert_eq!(scene.server.get("/readyz").await, "ok\n");
    assert_eq!(vonage::calls(&scene.server).await, Vec::<Value>::new());
    let metrics = scene.server.get("/metrics").await;
    let told = metrics
        .lines()
        .filter(|line| line.starts_with("trunkline_history_damaged{file="))
        .collect::<Vec<_>>();
    assert!(matches!(told[..], [line] if line.contains(TOLD) && line.ends_with(" 1")), "{told:?}");
    let log = scene.setup.log();
    let lines: Vec<_> = log.lines().filter(|line| line.contains("a sealed file is damaged")).collect();
    assert!(matches!(lines[..], [line] if line.contains(TOLD)), "it is said once: {lines:?}");
    assert!(!log.contains("4155550199") && !log.contains("Ada"), "{log}");
    let (done, said) = run(&scene, &["check"]);
    assert!(!done && said.contains(TOLD), "{said}");

    scene.server.signal("TERM");
    scene.server.ended().await;
    let (done, said) = run(&scene, &["restore", backup.to_str().unwrap()]);
    assert!(done && said.contains("1 sealed files were mended"), "{said}");
    scene.server = scene.setup.start();
    let yeti = Yeti::login(&scene.server).await;
    for day in [1, 2] {
        assert_found(&ask(&scene.server, &yeti, day).await);
    }
    let (done, said) = run(&scene, &["check"]);
    assert!(done, "{said}");
    wait_until("nothing is said any more", async || {
        !scene.server.get("/metrics").await.contains("trunkline_history_damaged{")
    })
    .await;
}
