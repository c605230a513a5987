//! `kill -9` in the middle of what is done to sealed days: every answer is as before, or as after it.
//!
//! `TRUNKLINE_KILL_ROUNDS=200` makes two hundred rounds of it, and prints a table.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use call::AccountId;
use history::{
    Keep, OpenOptions, Retention, SqliteHistory,
    sqlite::{back_up, check, restore},
};

use crate::{
    calls::at,
    sealing::{Answers, DAY, ask, assert_whole, calls, copy, open},
    sealing_store::later,
    support::{options, store},
};

/// Says to the test program that it is the child that is to be killed, at what, and in which folder.
const CHILD: &str = "TRUNKLINE_KILLED_AT";

/// How often a child is killed, if not as often as usual.
const ROUNDS: &str = "TRUNKLINE_KILL_ROUNDS";

/// Calls that are sealed, folded, deleted or taken over.
const CALLS: u64 = 1_200;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    Sealing,
    Folding,
    Deletion,
    Import,
    Backup,
}

const WORKS: [Work; 5] = [Work::Sealing, Work::Folding, Work::Deletion, Work::Import, Work::Backup];

impl Work {
    fn of(name: &str) -> Self {
        WORKS.into_iter().find(|work| format!("{work:?}") == name).unwrap()
    }

    /// A store on which it has not begun.
    async fn prepare(self, folder: &Path) {
        let history = open(folder);
        match self {
            Self::Sealing => store(&history, calls(CALLS)).await,
            Self::Folding | Self::Deletion | Self::Backup => {
                for portion in calls(CALLS).chunks(CALLS as usize / 4) {
                    store(&history, portion.to_vec()).await;
                    history.seal_before(later()).await.unwrap();
                }
            }
            Self::Import => {}
        }
        // A few that are hot, and that nothing is to happen to.
        history.import(calls(CALLS + 9).split_off(CALLS as usize)).await.unwrap();
    }

    fn open(self, folder: &Path) -> SqliteHistory {
        match self {
            Self::Deletion => {
                let keep = Keep { calls: Some(1), recordings: None };
                let retention = Retention { usual: Keep::default(), accounts: [(AccountId(1), keep)].into() };
                let retention = Arc::new(move || retention.clone());
                let now = Arc::new(|| at(10 * DAY));
                SqliteHistory::open(OpenOptions { retention, now, ..options(folder) }).unwrap()
            }
            Self::Import => {
                let now = Arc::new(|| at(10 * DAY));
                SqliteHistory::open(OpenOptions { now, ..options(folder) }).unwrap()
            }
            Self::Sealing | Self::Folding | Self::Backup => open(folder),
        }
    }

    async fn carry_out(self, history: &SqliteHistory, folder: &Path) {
        match self {
            Self::Sealing => drop(history.seal_before(later()).await.unwrap()),
            Self::Folding => drop(history.fold_before(later()).await.unwrap()),
            Self::Deletion => drop(history.delete_expired().await.unwrap()),
            Self::Import => {
                for portion in calls(CALLS).chunks(CALLS as usize / 5) {
                    history.import(portion.to_vec()).await.unwrap();
                }
            }
            Self::Backup => back_up(folder, &beside(folder), |_, _, _| {}).unwrap(),
        }
    }

    /// What may be answered after a kill: of the work's beginning, of its end, or of something between them.
    fn assert_allowed(self, found: &Answers, before: &Answers, after: &Answers) {
        match self {
            Self::Sealing | Self::Folding | Self::Backup => assert_eq!(found, before),
            // Parts go one after the other: each call is there or gone, and the balances stay.
            Self::Deletion => {
                assert_eq!(found.balances, before.balances);
                assert!(found.pages[0].iter().all(|record| before.pages[0].contains(record)));
                assert!(after.pages[0].iter().all(|record| found.pages[0].contains(record)));
            }
            Self::Import => {
                assert!(found.pages[0].iter().all(|record| after.pages[0].contains(record)));
                assert!(before.pages[0].iter().all(|record| found.pages[0].contains(record)));
            }
        }
    }
}

/// The folder of the backup.
fn beside(folder: &Path) -> PathBuf {
    folder.join("backup")
}

/// The child works, and says so when it is begun; it is killed at some moment, is gone on with, and ends as it would
/// have.
#[tokio::test]
async fn after_kill_9_in_the_middle_of_sealing_folding_deletion_import_or_backup_nothing_is_lost_or_doubled()
{
    if let Ok(work) = env::var(CHILD) {
        let (name, folder) = work.split_once(':').unwrap();
        return work_until_killed(Work::of(name), Path::new(folder)).await;
    }
    let rounds: u32 =
        env::var(ROUNDS).ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(WORKS.len() as u32);
    for work in WORKS {
        let rounds = rounds.div_ceil(WORKS.len() as u32);
        let within = try_out(work, rounds).await;
        println!("| {work:?} | {rounds} | {within} | 0 | 0 |");
    }
}

/// Gives in how many rounds the work was not done when the child was killed.
async fn try_out(work: Work, rounds: u32) -> u32 {
    let template = tempfile::tempdir().unwrap();
    work.prepare(template.path()).await;
    let before = ask(&open(template.path())).await;
    let (after, takes) = run_through(work, template.path()).await;
    let mut within = 0;
    for round in 0..rounds {
        let folder = tempfile::tempdir().unwrap();
        copy(template.path(), folder.path());
        let moment = takes.mul_f64(f64::from(round * 37 % rounds.max(1)) / f64::from(rounds));
        within += u32::from(!kill_at(work, folder.path(), moment));
        assert_whole(folder.path());
        let found = ask(&open(folder.path())).await;
        work.assert_allowed(&found, &before, &after);
        let history = work.open(folder.path());
        work.carry_out(&history, folder.path()).await;
        assert_eq!(ask(&history).await, after, "{work:?}, round {round}, gone on with");
        drop(history);
        assert_whole(folder.path());
        assert_no_strays(folder.path());
        if work == Work::Backup {
            assert_restorable(&beside(folder.path()), &after).await;
        }
    }
    within
}

/// What is answered when nothing comes between, and how long it takes in a process of its own.
async fn run_through(work: Work, template: &Path) -> (Answers, Duration) {
    let folder = tempfile::tempdir().unwrap();
    copy(template, folder.path());
    let began = Instant::now();
    assert!(kill_at(work, folder.path(), Duration::MAX));
    let takes = began.elapsed();
    assert_whole(folder.path());
    (ask(&open(folder.path())).await, takes)
}

/// Each file is one that a part lists: those that nothing lists are swept by a start.
fn assert_no_strays(folder: &Path) {
    drop(open(folder));
    let parts = check(folder, |_, _, _| {}).unwrap().parts as usize;
    for kind in ["calls", "records"] {
        assert_eq!(crate::sealing::sealed_files(folder, kind).len(), parts);
    }
}

async fn assert_restorable(backup: &Path, expected: &Answers) {
    let restored = tempfile::tempdir().unwrap();
    restore(backup, restored.path(), |_, _, _| {}).unwrap();
    assert_whole(restored.path());
    assert_eq!(&ask(&open(restored.path())).await, expected);
}

async fn work_until_killed(work: Work, folder: &Path) {
    let history = work.open(folder);
    say("begun");
    work.carry_out(&history, folder).await;
    say("done");
    // The child ends when it is killed, or when nobody listens any more.
    let mut line = String::new();
    let _ = std::io::stdin().read_line(&mut line);
}

fn say(word: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "child: {word}").unwrap();
    out.flush().unwrap();
}

/// Kills the child so long after it has begun, or when it is done; whether it was.
fn kill_at(work: Work, folder: &Path, moment: Duration) -> bool {
    let name = "killed::after_kill_9_in_the_middle_of_sealing_folding_deletion_import_or_backup_nothing_is_lost_or_doubled";
    let mut child = Command::new(env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture"])
        .env(CHILD, format!("{work:?}:{}", folder.display()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(said.any(|line| line.contains("child: begun")));
    let (sender, done) = std::sync::mpsc::channel();
    let listener = std::thread::spawn(move || {
        if said.any(|line| line.contains("child: done")) {
            let _ = sender.send(());
        }
    });
    let was_done = match moment {
        Duration::MAX => done.recv().is_ok(),
        moment => done.recv_timeout(moment).is_ok(),
    };
    child.kill().unwrap();
    child.wait().unwrap();
    listener.join().unwrap();
    was_done
}
