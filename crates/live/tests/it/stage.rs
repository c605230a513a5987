//! A switch, a store, and the live calls between them.

use std::{path::Path, sync::Arc, time::Duration};

use call::{AccountId, CustomerId, EventKind, Registry, party::Owner};
use directory::{
    Access, Snapshot,
    model::{Account, Billing, CallingRules, Customer, HiddenFields, KeepDays, Limits},
    snapshot::Entries,
};
use history::{Happening, OpenOptions, SpillFile, SqliteHistory};
use live::{Feed, FeedItem, Live, LiveOptions};
use switch::{
    EventSink, SimulatedSwitch, SystemClock, event_channel,
    simulated::{Builder, Party},
};
use tempfile::TempDir;

/// How many accounts there are, each of a customer of its own; they are numbered from 1.
pub const ACCOUNTS: u32 = 4;
/// Events that may wait for the writer before calls are refused.
const BACKLOG: usize = 100_000;

pub struct Stage {
    pub switch: SimulatedSwitch,
    pub live: Arc<Live>,
    pub history: Arc<SqliteHistory>,
    pub folder: TempDir,
    pub sink: EventSink,
    snapshot: Snapshot,
}

impl Stage {
    pub fn new() -> Self {
        Self::with(|switch| switch)
    }

    /// The switch is made as `configure` says.
    pub fn with(configure: impl FnOnce(Builder) -> Builder) -> Self {
        Self::set(configure, |folder| Some(SpillFile::open(folder).unwrap().0))
    }

    /// Without a spill file.
    pub fn without_spill() -> Self {
        Self::set(|switch| switch, |_| None)
    }

    fn set(
        configure: impl FnOnce(Builder) -> Builder,
        spill: impl FnOnce(&Path) -> Option<SpillFile>,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let history = Arc::new(SqliteHistory::open(OpenOptions::new(folder.path())).unwrap());
        let (sink, source) = event_channel(BACKLOG);
        let switch = configure(SimulatedSwitch::builder(sink.clone())).build();
        let clock = Arc::new(SystemClock::default());
        let spill = spill(folder.path());
        let options = LiveOptions { spill, flush: Duration::from_millis(100), ..LiveOptions::default() };
        let live = Live::start_with(source, Arc::new(switch.clone()), history.clone(), clock, options);
        Self { switch, live, history, folder, sink, snapshot: Snapshot::new(entries()) }
    }

    pub fn feed_of(&self, account: u32) -> Feed {
        self.live.subscribe(&self.access(account))
    }

    /// Waits until the live calls are so.
    pub async fn sees(&self, is_so: impl Fn(&Registry) -> bool) {
        assert!(self.live.settle(Duration::from_secs(20), is_so).await, "they are not");
    }

    /// Waits until all that the switch has told is written.
    pub async fn written(&self) {
        while self.live.health().backlog > 0 {
            tokio::task::yield_now().await;
        }
    }

    /// The store as a crash at this moment leaves it.
    pub async fn crash(self) -> TempDir {
        self.written().await;
        let copy = tempfile::tempdir().unwrap();
        for file in std::fs::read_dir(self.folder.path()).unwrap().map(Result::unwrap) {
            // What connections share in memory is gone with them.
            let is_shared = file.file_name().to_string_lossy().ends_with("-shm");
            if file.file_type().unwrap().is_file() && !is_shared {
                std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
            }
        }
        copy
    }

    pub fn access(&self, account: u32) -> Access {
        self.snapshot.access_of_account(AccountId(account)).unwrap()
    }

    /// A counter or a gauge, as operators see it.
    pub fn metric(&self, name: &str) -> u64 {
        let text = self.live.metrics().encode(0, &self.switch, &*self.history);
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no {name} in {text}"))
    }
}

/// Reads on until an event for which it holds; gives all up to that.
pub async fn until(feed: &mut Feed, is_last: impl Fn(&EventKind) -> bool) -> Vec<EventKind> {
    let mut told = Vec::new();
    loop {
        let next = tokio::time::timeout(Duration::from_secs(10), feed.next()).await;
        let Ok(Some(FeedItem::Event(entry))) = next else { panic!("after {told:?} comes {next:?}") };
        let Happening::Call(event) = &entry.what else { continue };
        told.push(event.kind.clone());
        if is_last(&event.kind) {
            return told;
        }
    }
}

pub fn phone(account: u32, id: u32) -> Party {
    let owner = Owner { customer: CustomerId(account), account: AccountId(account), center: None };
    Party::phone(owner, id, "somebody", &format!("1{id:03}"))
}

fn entries() -> Entries {
    let account = |id: u32| Account {
        id: AccountId(id),
        uuid: uuid::Uuid::from_u128(id.into()),
        customer: CustomerId(id),
        center: None,
        name: format!("account {id}").as_str().into(),
        limits: Limits::default(),
        billing: Billing::default(),
        calling: CallingRules::default(),
        rings: Vec::new(),
    };
    let customer = |id: u32| Customer {
        id: CustomerId(id),
        name: format!("customer {id}").as_str().into(),
        keep: KeepDays::default(),
        hidden: HiddenFields::default(),
    };
    Entries {
        realm: "test".into(),
        customers: (1..=ACCOUNTS).map(customer).collect(),
        accounts: (1..=ACCOUNTS).map(account).collect(),
        ..Entries::default()
    }
}
