//! A switch with two customers' directory.

use std::{net::SocketAddr, ops::RangeInclusive, sync::Arc, time::Duration};

use call::{AccountId, CustomerId, DeviceId, Number, TrunkId, party::Transport};
use directory::{
    Snapshot,
    model::{
        Account, Billing, CallingRules, Customer, Device, DidNumber, Extension, HiddenFields, KeepDays,
        Limits, PrefixRoute, SpendingLimits, Trunk, TrunkIdentity, TrunkSource, Ways,
    },
    notices::LimitNotice,
    snapshot::Entries,
};
use parking_lot::RwLock;
use switch::{Clock, ManualClock, SystemClock, event_channel};
use switch_sip::{MediaMode, SipConfig, SipSwitch, Usage, media::MediaConfig};
use tokio::sync::broadcast;

use super::{
    Agent,
    agent::PATIENCE,
    digest::{md5, sha256},
    story::Story,
};

pub const REALM: &str = "test";
/// The account with the phones, and that of the carriers.
pub const OFFICE: AccountId = AccountId(10);
pub const CARRIER: AccountId = AccountId(20);

/// A switch, its directory, and what it tells.
pub struct Office {
    pub switch: Arc<SipSwitch>,
    pub story: Story,
    pub server: SocketAddr,
    directory: Arc<RwLock<Arc<Snapshot>>>,
    /// A clock that stands still until it is moved, if the switch has one.
    moved: Option<Arc<ManualClock>>,
}

/// Media that go through the switch, by these ports.
pub fn anchored_media(ports: RangeInclusive<u16>) -> MediaMode {
    let here = "127.0.0.1".parse().unwrap();
    MediaMode::Anchored(MediaConfig { address: here, advertised: here, ports })
}

/// A directory with phones `a` (1001), `b` (1002), and `c` and `d` (both 1003); 1004 has none.
fn entries() -> Entries {
    let account = |id: AccountId, customer, name: &str| Account {
        id,
        uuid: uuid::Uuid::from_u128(id.0.into()),
        customer: CustomerId(customer),
        center: None,
        name: name.into(),
        limits: Limits::default(),
        billing: Billing::default(),
        calling: CallingRules::default(),
        rings: Vec::new(),
    };
    let extension = |number: &str, name: Option<&str>, devices: &[u32]| Extension {
        account: OFFICE,
        number: number.into(),
        name: name.map(Arc::from),
        devices: devices.iter().map(|id| DeviceId(*id)).collect(),
    };
    Entries {
        realm: REALM.into(),
        customers: [1, 2]
            .map(|id| Customer {
                id: CustomerId(id),
                name: id.to_string().into(),
                keep: KeepDays::default(),
                hidden: HiddenFields::default(),
            })
            .into(),
        accounts: vec![account(OFFICE, 1, "office"), account(CARRIER, 2, "carrier")],
        devices: vec![device(1, "a"), device(2, "b"), device(3, "c"), device(4, "d")],
        extensions: vec![
            extension("1001", Some("Ann"), &[1]),
            extension("1002", None, &[2]),
            extension("1003", None, &[3, 4]),
            extension("1004", None, &[]),
        ],
        numbers: vec![DidNumber {
            number: "+14155550100".into(),
            account: OFFICE,
            extension: "1002".into(),
            screen_pop: Some("Sales".into()),
        }],
        ..Entries::default()
    }
}

pub fn secret(user: &str) -> String {
    format!("secret-of-{user}")
}

fn device(id: u32, user: &str) -> Device {
    let a1 = format!("{user}:{REALM}:{}", secret(user));
    Device {
        id: DeviceId(id),
        account: OFFICE,
        mac: [0, 0, 0, 0, 0, u8::try_from(id).unwrap()],
        sip_user: user.into(),
        ha1_md5: md5(&a1).into(),
        ha1_sha256: sha256(&a1).into(),
        caller_id: (user == "a").then(|| Number::from("+14155550199")),
        caller_name: None,
        spending: SpendingLimits::default(),
        limits: Limits::default(),
        ways: Ways::default(),
        rings: Vec::new(),
        encryption: None,
    }
}

impl Office {
    pub async fn open() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut SipConfig)) -> Self {
        Self::build(Arc::new(SystemClock::default()), change).await
    }

    /// A switch for whom no time passes but what it is given.
    pub async fn without_time(change: impl FnOnce(&mut SipConfig)) -> Self {
        let clock = Arc::new(ManualClock::at(SystemClock::default().now()));
        Self { moved: Some(clock.clone()), ..Self::build(clock, change).await }
    }

    pub async fn with_clock(clock: Arc<ManualClock>) -> Self {
        Self::build(clock, |_| {}).await
    }

    pub async fn build(clock: Arc<dyn Clock>, change: impl FnOnce(&mut SipConfig)) -> Self {
        let any = Some("127.0.0.1:0".parse().unwrap());
        // A trunk of these tests is busy, not silent, if it takes its time.
        let trunk_silence = Duration::from_secs(30);
        let mut config = SipConfig { udp: any, tcp: any, trunk_silence, ..SipConfig::default() };
        change(&mut config);
        let directory = Arc::new(RwLock::new(Arc::new(Snapshot::new(entries()))));
        let read = directory.clone();
        let (sink, source) = event_channel(10_000);
        let source_of = Arc::new(move || read.read().clone());
        let switch = SipSwitch::start(config, source_of, sink, clock).await.unwrap();
        let server = switch.local_addr(Transport::Udp).unwrap();
        Self { switch, story: Story::new(source), server, directory, moved: None }
    }

    pub fn change(&self, change: impl FnOnce(&mut Entries)) {
        let mut entries = self.directory.read().entries().clone();
        change(&mut entries);
        *self.directory.write() = Arc::new(Snapshot::new(entries));
    }

    /// What is told from now on of limits that bite, until the directory changes.
    pub fn limits(&self) -> broadcast::Receiver<LimitNotice> {
        self.directory.read().notices().subscribe()
    }

    /// Lets time pass.
    pub fn pass(&self, time: Duration) {
        self.moved.as_ref().expect("time is given by the test").advance(time);
    }

    /// Waits for what comes of time alone: lets it pass until that is there.
    pub async fn hasten<T>(&self, coming: impl Future<Output = T>) -> T {
        let clock = self.moved.as_ref().expect("time is given by the test");
        tokio::pin!(coming);
        loop {
            tokio::select! {
                biased;
                came = &mut coming => return came,
                () = tokio::time::sleep(Duration::from_millis(50)) => clock.advance(Duration::from_secs(5)),
            }
        }
    }

    /// Waits until everything is given back that was in use when it was used like this, as long as the slowest
    /// transaction takes.
    pub async fn is_back_at(&self, before: Usage) {
        let is_back = async {
            while self.switch.usage() != before {
                self.moved.iter().for_each(|clock| clock.advance(Duration::from_secs(40)));
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, is_back).await;
        assert!(waited.is_ok(), "{:?} is left of {before:?}", self.switch.usage());
    }

    /// A phone that is not registered.
    pub async fn phone(&self, user: &str) -> Agent {
        Agent::new(self.server, user, &secret(user)).await
    }

    /// A phone that is registered.
    pub async fn registered(&self, user: &str) -> Agent {
        let phone = self.phone(user).await;
        assert_eq!(phone.register().await.status(), 200);
        phone
    }

    /// The far end of a new trunk that carries every number; `id` orders the trunks.
    pub async fn trunk(&self, id: u32) -> Agent {
        let agent = Agent::new(self.server, &format!("trunk{id}"), "").await;
        let at = agent.address();
        self.change(|entries| {
            entries.trunks.push(Trunk {
                id: TrunkId(id),
                account: CARRIER,
                name: agent.user.as_str().into(),
                host: at.ip().to_string().into(),
                port: at.port(),
                transport: Transport::Udp,
                sources: vec![TrunkSource { net: at.ip().into(), port: Some(at.port()) }],
                routes: vec![PrefixRoute {
                    prefix: String::new(),
                    priority: u16::try_from(id).unwrap(),
                    strip: 0,
                    prepend: String::new(),
                }],
                accepted_transports: Vec::new(),
                transit: false,
                customers: Vec::new(),
                limits: Limits::default(),
                auth: None,
                registration: None,
                probe: None,
                identity: TrunkIdentity::None,
                encryption: None,
            });
        });
        agent
    }
}

/// Short enough to wait for, long enough not to be met by chance.
pub const SHORT: Duration = Duration::from_millis(400);
