//! How long a page of the lists of live calls takes, Vonage's and the native one, the whole request: router, token,
//! selection, JSON.
//!
//! `cargo bench -p api --bench live_list -- [calls] [requests]`; without numbers, 10,000 live calls of one
//! account and 2,000 requests of each kind.

#![allow(clippy::print_stdout, reason = "the figures are its output")]

use std::{
    env,
    sync::Arc,
    time::{Duration, Instant},
};

use api::{ApiConfig, Dialects};
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use call::{AccountId, Registry};
use directory::{Directory, DirectoryFile, Tokens};
use history::{OpenOptions, SqliteHistory};
use http_body_util::BodyExt;
use http_core::{
    App,
    config::{SigningKeys, StaticToken},
};
use live::Live;
use switch::{
    Clock, SystemClock, event_channel,
    simulated::{CallSpec, Party, SimulatedSwitch},
};
use tower::ServiceExt;

const DIRECTORY: &str = include_str!("../tests/all/harness/directory.toml");
const ACCOUNT: AccountId = AccountId(1001);
const CALLS: &str = "/cc/accounts/1001/calls";

struct Bench {
    switch: SimulatedSwitch,
    live: Arc<Live>,
    router: Router,
    phone: Party,
    outside: Party,
    began: i64,
    // Gone when dropped.
    _folder: tempfile::TempDir,
}

#[tokio::main]
async fn main() {
    let mut numbers = env::args().skip(1).filter_map(|text| text.parse::<usize>().ok());
    let (calls, requests) = (numbers.next().unwrap_or(10_000), numbers.next().unwrap_or(2_000));
    let bench = Bench::new();
    bench.fill(calls).await;
    println!("{calls} live calls of one account, {requests} requests of each kind, in microseconds");
    let middle = bench.began + (calls / 20) as i64;
    let kinds = [
        ("newest 100", "page_size=100".to_owned()),
        ("100 in the middle, oldest first", format!("order=asc&page_size=100&page={}", calls / 200)),
        ("100 of those in a time", format!("start_time={middle}&order=asc")),
        ("100 of one extension", "extension=101&order=asc".to_owned()),
        ("a number that one call has", "extension=%2B14150000007".to_owned()),
        (
            "a time and a number, ordered, page 2",
            format!("start_time={middle}&extension=101&order=desc&page=1"),
        ),
    ];
    for (name, query) in kinds {
        bench.measure(name, &format!("{CALLS}?{query}"), requests).await;
    }
    for (name, query) in NATIVE {
        bench.measure(name, &format!("/v1/calls?{query}"), requests).await;
    }
}

/// What is asked of the native list.
const NATIVE: [(&str, &str); 7] = [
    ("native: newest 100", "limit=100"),
    ("native: oldest 100", "limit=100&order=oldest"),
    ("native: 100 with a part of a number", "limit=100&text=14150000007"),
    ("native: 100 by the number that is called", "limit=100&order=to"),
    ("native: how many by state", "limit=1&group_by=state"),
    ("native: how many by trunk", "limit=1&group_by=trunk"),
    ("native: 100 of one extension", "limit=100&extension=101"),
];

impl Bench {
    fn new() -> Self {
        let directory = Directory::in_memory().expect("memory takes a directory");
        let file = DirectoryFile::parse("directory.toml", DIRECTORY).expect("the directory is right");
        directory.apply(&file).expect("memory takes the entries");
        let known = directory.snapshot();
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let history =
            Arc::new(SqliteHistory::open(OpenOptions::new(folder.path())).expect("it can be opened"));
        let clock = Arc::new(SystemClock::default());
        let (sink, source) = event_channel(1_000_000);
        let switch = SimulatedSwitch::builder(sink).clock(clock.clone()).seed(1).build();
        let live = Live::start(source, Arc::new(switch.clone()), history.clone(), clock.clone());
        let mut config = ApiConfig::new(SigningKeys::new(vec![1; 32]));
        config.http.tokens = vec![StaticToken::of("token", ACCOUNT)].into();
        let (tokens, phones) = (Tokens::in_memory().expect("memory takes tokens"), known.clone());
        let source = Arc::new(move || known.clone());
        let app = App::new(live.clone(), history, source, config.http.clone(), Arc::new(tokens));
        let owner = |id| phones.account(AccountId(id)).expect("it is in the directory").owner();
        Self {
            switch,
            live,
            router: api::router(Dialects::new(app, &config)),
            phone: Party::phone(owner(1001), 1, "Ann Lee", "101"),
            outside: Party::behind_trunk(owner(1009), 1, "acme-trunk", "+14155550199"),
            began: clock.now().as_seconds() - 10_000,
            _folder: folder,
        }
    }

    /// Answered calls, ten of which begin in each second.
    async fn fill(&self, calls: usize) {
        for number in 0..calls {
            let outside = Party { number: format!("+1415{number:07}").into(), ..self.outside.clone() };
            let age = Duration::from_secs(10_000 - (number as u64 / 10).min(9_000));
            let spec = CallSpec::new(self.phone.clone(), outside).started_ago(age);
            self.switch.place(spec).expect("the switch takes calls").ring().answer();
        }
        let is_there = |registry: &Registry| {
            registry.calls_of(ACCOUNT).filter(|call| call.answered_at().is_some()).count() == calls
        };
        while !is_there(&self.live.snapshot()) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn measure(&self, name: &str, uri: &str, requests: usize) {
        let mut times = Vec::with_capacity(requests);
        let mut bytes = 0;
        for _ in 0..requests {
            let request =
                Request::get(uri).header("host", "example.org").header("authorization", "Bearer token");
            let request = request.body(Body::empty()).expect("it is a request");
            let began = Instant::now();
            let response = self.router.clone().oneshot(request).await.expect("the router answers all");
            assert_eq!(response.status(), StatusCode::OK, "{uri}");
            bytes = response.into_body().collect().await.expect("the body is whole").to_bytes().len();
            times.push(began.elapsed());
        }
        times.sort_unstable();
        let at = |part: usize| times[(times.len() * part / 1_000).min(times.len() - 1)].as_micros();
        println!("{name:40} median {:6}  p99 {:6}  most {:6}  ({bytes} bytes)", at(500), at(990), at(1_000));
    }
}
