//! Random calls and random verbs on the simulated switch for a while, after which nothing may be left of them: no
//! call, no slot, no row of the journal, no memory. Short here; `TRUNKLINE_SOAK_SECONDS` makes it longer.

mod cast;
mod churn;

use std::time::Duration;

use call::AccountId;
use churn::{Churn, Outcome};
use history::{Journal, RecordQuery, Records};
use live::{Feed, FeedItem};

use crate::stage::{ACCOUNTS, Stage};

/// The same seed makes the same choices.
const SEED: u64 = 7;
/// How many KiB the memory may grow between a first fifth of the time and the end.
const SLACK: u64 = 16_384;

fn length() -> Duration {
    let seconds = std::env::var("TRUNKLINE_SOAK_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(2))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_random_calls_with_random_verbs_everything_is_back_where_it_began() {
    let stage = Stage::with(|switch| switch.resolver(cast::resolve).manners(cast::manner).seed(SEED));
    let readers: Vec<_> = (1..4).map(|account| tokio::spawn(read(stage.feed_of(account)))).collect();
    let mut churn = Churn::new(stage.switch.clone(), stage.live.clone(), SEED);
    churn.turn(length() / 5).await;
    let memory_before = memory();
    churn.turn(length() * 4 / 5).await;
    let grown = memory().saturating_sub(memory_before);
    assert!(grown < SLACK, "the memory in use grew by {grown} KiB");
    // Asked before the stop, which ends what is left.
    assert_eq!(stage.switch.call_count(), 0, "calls are up in the switch");
    assert_eq!(stage.switch.parked_count(), 0, "parking slots are taken");
    stage.live.stop(Duration::ZERO).await;
    check_nothing_is_left(&stage, churn.outcome()).await;
    for reader in readers {
        reader.abort();
    }
}

/// Reads what one account may see, as one who never stops.
async fn read(mut feed: Feed) {
    while let Some(FeedItem::Event(_) | FeedItem::Gap(_)) = feed.next().await {}
}

async fn check_nothing_is_left(stage: &Stage, outcome: Outcome) {
    assert!(outcome.calls > 100, "{outcome:?}");
    assert!(outcome.obeyed > 500, "{outcome:?}");
    assert!(outcome.merged > 0 && outcome.most_at_once > 10, "{outcome:?}");
    let accounts = (1..=ACCOUNTS).map(AccountId).collect();
    let all = RecordQuery { count: true, ..RecordQuery::newest(accounts, 0) };
    assert_eq!(stage.live.snapshot().len(), 0);
    assert_eq!(stage.history.unfinished().await.unwrap().len(), 0);
    assert_eq!(stage.history.quarantined(), 0);
    assert_eq!(stage.metric("trunkline_events_unexpected_total"), 0);
    assert_eq!(stage.metric("trunkline_events_stale_total"), 0);
    assert_eq!(stage.metric("trunkline_calls_started_total"), outcome.calls);
    let records = stage.history.search(all).await.unwrap().total;
    assert_eq!(records, Some(outcome.calls - outcome.merged));
}

/// What the process has in memory, in KiB.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    resident.trim().strip_suffix("kB").unwrap().trim().parse().unwrap()
}
