//! SIPVicious, unmodified, looks for users and guesses secrets: it is kept out before it learns anything, phones at
//! another address go on calling, and log and metrics tell of it.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr},
    path::Path,
    process::Command,
};

use testkit::{clients::attacker, sipp::Sipp};

use crate::{directory::SECRET, scene::Scene};

const FILTER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../contrib/fail2ban/filter.d/trunkline.conf");
/// Users that the scanners look for; four of them are there.
const USERS: &str = "980-1100";
/// Requests after which a scanner is kept out.
const MOST: u64 = 50;
/// Scanners give up when nothing has been answered for so long, in seconds.
const PATIENCE: &str = "--maximumtime=2";
/// Where the scanners are: SIPVicious binds to no address that it is told.
const ATTACKER: &str = "127.0.0.1";
/// Where the phones are.
const OFFICE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// What an attacker prints, and how many failures were counted for it.
async fn attack(scene: &Scene, program: &str, options: &[&str]) -> (String, u64) {
    let before = offences(scene).await;
    let mut attacker = attacker(program).unwrap();
    attacker.args(["-p", &scene.server.sip.port().to_string()]).args(options).arg(ATTACKER);
    attacker.env("HOME", scene.setup.data());
    let output = tokio::task::spawn_blocking(move || attacker.output().unwrap()).await.unwrap();
    let [said, warned] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(!warned.contains("Traceback"), "{warned}");
    (format!("{said}{warned}"), offences(scene).await - before)
}

/// Failures that were counted so far.
async fn offences(scene: &Scene) -> u64 {
    let mut sum = 0;
    for kind in ["wrong-secret", "unproved"] {
        sum += scene.server.metric(&format!("trunkline_guard_offences_total{{kind=\"{kind}\"}}")).await;
    }
    sum
}

/// svwar is told nothing of any user.
async fn finds_nobody(scene: &Scene, method: &str) -> u64 {
    let (told, counted) = attack(scene, "svwar", &["--force", "-m", method, "-e", USERS, PATIENCE]).await;
    assert!(told.contains("found nothing"), "{method}:\n{told}");
    assert!((1..MOST).contains(&counted), "{method} was answered {counted} times:\n{told}");
    counted
}

/// svcrack does not get to the right secret, and it is all the same to it whether there is such a user.
async fn guesses_nothing(scene: &Scene, user: &str, words: &Path) {
    let (told, counted) =
        attack(scene, "svcrack", &["-u", user, "-d", words.to_str().unwrap(), PATIENCE]).await;
    assert!(told.contains("found nothing"), "{user}:\n{told}");
    let guesses = guard_lines(scene).iter().filter(|line| line.contains("wrong-secret")).count();
    assert!((10..MOST).contains(&counted) && guesses >= 10, "{user}: {counted} failures, {guesses} guesses");
    is_kept_out(scene).await;
}

/// The attacker is kept out; the operator lets it in again.
async fn is_kept_out(scene: &Scene) {
    assert!(scene.server.metric("trunkline_guard_blocked").await > 0);
    assert!(scene.server.metric("trunkline_guard_refused_total").await > 0);
    let last = guard_lines(scene).pop().unwrap();
    assert!(last.contains(ATTACKER) && last.contains("kept out for"), "{last}");
    calls(scene).await;
    let url = format!("http://{}/v1/blocks/{ATTACKER}", scene.server.http);
    assert!(reqwest::Client::new().delete(url).send().await.unwrap().status().is_success());
}

fn guard_lines(scene: &Scene) -> Vec<String> {
    let log = scene.setup.log();
    log.lines().filter(|line| line.contains("guard: ")).map(str::to_owned).collect()
}

/// Phone 1001 calls its colleague; both are in the office.
async fn calls(scene: &Scene) {
    let colleague = Sipp::scenario("uas-answer").at(OFFICE).spawn().await.unwrap();
    let register = Sipp::scenario("uac-register").at(OFFICE).target(scene.server.sip);
    let register = register.credentials("1003", SECRET).key("contact", colleague.address());
    register.spawn().await.unwrap().wait().await.unwrap();
    let caller = scene.caller("uac-answered").at(OFFICE).calling("1003").spawn().await.unwrap();
    caller.wait().await.unwrap();
    colleague.wait().await.unwrap();
}

/// Lines that the filter finds, of a file with nothing but lines that it is to find.
fn found_by_fail2ban(log: &Path) -> String {
    let output = Command::new("fail2ban-regex").arg(log).arg(FILTER).output();
    let output = output.expect("scripts/test installs fail2ban");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    text.lines().find(|line| line.starts_with("Lines:")).unwrap_or_else(|| panic!("{text}")).to_owned()
}

async fn all_attack(scene: &Scene) {
    let words = scene.setup.data().join("words.txt");
    let guesses: String = (0..3_000).map(|number| format!("guess-{number}\n")).collect();
    fs::write(&words, format!("{guesses}{SECRET}\n")).unwrap();
    // svwar gives up by itself where users who are not there are asked for a digest like others.
    finds_nobody(scene, "REGISTER").await;
    finds_nobody(scene, "INVITE").await;
    finds_nobody(scene, "OPTIONS").await;
    is_kept_out(scene).await;
    guesses_nothing(scene, "1001", &words).await;
    guesses_nothing(scene, "nobody", &words).await;
    let (map, counted) = attack(scene, "svmap", &[]).await;
    assert!(map.contains(ATTACKER) && counted == 1, "svmap finds a server, and no more than that:\n{map}");
}

/// fail2ban's filter finds each line of the guard, and no other.
fn fail2ban_finds_all(scene: &Scene) {
    let (lines, log) = (guard_lines(scene), scene.setup.data().join("guard.log"));
    assert!(lines.len() > 40, "{}", lines.len());
    fs::write(&log, lines.join("\n") + "\n").unwrap();
    let count = lines.len();
    let expected = format!("Lines: {count} lines, 0 ignored, {count} matched, 0 missed");
    let found = found_by_fail2ban(&log);
    assert!(found.starts_with(&expected), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn scanners_and_guessers_are_kept_out_within_fifty_tries_and_told_nothing() {
    let scene = Scene::new();
    all_attack(&scene).await;
    fail2ban_finds_all(&scene);
}

#[tokio::test(flavor = "multi_thread")]
async fn fail2ban_finds_the_lines_of_a_log_in_json_too() {
    let scene = Scene::with(&[("TRUNKLINE__LOG__FORMAT", "json")]);
    finds_nobody(&scene, "OPTIONS").await;
    fail2ban_finds_all(&scene);
}
