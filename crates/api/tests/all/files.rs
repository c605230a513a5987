//! What clients are told when no more files can be opened.

use std::{collections::HashSet, env, process::Command};

use call::AccountId;
use http_core::config::StaticToken;

use crate::{
    harness::Server,
    log::{DIALECTS, ask},
};

/// Says to the test program that it is the child that may not open files any more.
const CHILD: &str = "TRUNKLINE_TEST_WITHOUT_FILES";

/// The child asks until a question of each dialect has found no connection to the database that is open already.
#[tokio::test(flavor = "multi_thread")]
async fn without_files_to_open_every_dialect_puts_questions_off_and_that_is_counted() {
    if env::var_os(CHILD).is_some() {
        return ask_without_files().await;
    }
    let name = "files::without_files_to_open_every_dialect_puts_questions_off_and_that_is_counted";
    let mut child = Command::new(env::current_exe().unwrap());
    let output = child.args(["--exact", name, "--nocapture"]).env(CHILD, "").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

async fn ask_without_files() {
    let token = StaticToken::of("acme-office", AccountId(1001));
    let server = Server::start_with(|config| config.http.tokens = vec![token].into()).await;
    let own = std::process::id().to_string();
    assert!(Command::new("prlimit").args(["--pid", &own, "--nofile=0:"]).status().unwrap().success());
    let (mut put_off, mut told) = (HashSet::new(), 0);
    while put_off.len() < DIALECTS.len() {
        let [one, two, three, four] = DIALECTS.map(|dialect| ask(&server, dialect));
        let answers: [_; 4] = tokio::join!(one, two, three, four).into();
        for (dialect, answer) in DIALECTS.into_iter().zip(answers) {
            // The native dialect is asked for a call that is not there.
            assert!([200, 404, 503].contains(&answer.status.as_u16()), "{dialect}: {}", answer.text());
            if answer.status == 503 {
                put_off.insert(dialect);
                told += 1;
            }
        }
    }
    let metrics = server.get("/metrics").from([127, 0, 0, 1]).send().await;
    let counted = format!("trunkline_history_unanswered_without_files_total {told}\n");
    assert!(metrics.text().contains(&counted), "{counted} in {}", metrics.text());
}
