//! A store that is closed is one file, and says that it is closed.

use call::AccountId;
use history::{HistoryError, Journal, RecordQuery, Records, SqliteHistory, Upkeep};

use crate::{
    calls::{Script, at},
    support::{events, options, sqlite, store},
};

fn newest() -> RecordQuery {
    RecordQuery::newest(vec![AccountId(1)], 500)
}

#[tokio::test]
async fn a_closed_store_is_one_file_with_everything() {
    let place = sqlite();
    store(&place.history, (1..200).map(|number| Script::new(number, at(0), 1, 2).record())).await;
    let going = Script::new(200, at(0), 1, 2);
    place.history.append(events(going.events())).await.unwrap();
    assert_eq!(place.history.search(newest()).await.unwrap().records.len(), 199);
    place.history.close().await;
    for left in ["history.db-wal", "history.db-shm"] {
        assert!(!place.folder.path().join(left).exists(), "{left}");
    }
    assert!(matches!(place.history.search(newest()).await, Err(HistoryError::Closed)));
    assert!(matches!(place.history.append(events(going.events())).await, Err(HistoryError::Closed)));
    let copy = tempfile::tempdir().unwrap();
    std::fs::copy(place.folder.path().join("history.db"), copy.path().join("history.db")).unwrap();
    let history = SqliteHistory::open(options(copy.path())).unwrap();
    assert_eq!(history.search(newest()).await.unwrap().records.len(), 199);
    assert_eq!(history.unfinished().await.unwrap(), going.events());
}
