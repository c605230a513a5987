//! A short soak; the long one is a benchmark.

use std::time::Duration;

use live::soak::{Soak, run};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_random_calls_with_random_verbs_everything_is_back_where_it_began() {
    let folder = tempfile::tempdir().unwrap();
    let soak = Soak { length: Duration::from_secs(2), at_once: 60, seed: 7, ..Soak::new(folder.path()) };
    let outcome = run(soak).await.unwrap();
    assert!(outcome.calls > 100, "{outcome:?}");
    assert!(outcome.obeyed > 500, "{outcome:?}");
    assert!(outcome.merged > 0 && outcome.most_at_once > 10, "{outcome:?}");
}
