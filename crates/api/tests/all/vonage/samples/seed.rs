//! A server with the account, the phone and the times of the vendor's samples.

use std::{sync::Arc, time::Duration};

use api::{ApiConfig, Dialects};
use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use call::{
    AccountId, CallEvent, CallId, CallRecord, EventKind, LegId, Number, Timestamp,
    event::{CallRouted, CallStarted, EndCause, LegDirection, LegEnd, LegOffer, Origin, Releaser, Side},
    party::{Endpoint, Owner, Transport},
};
use directory::{Directory, DirectoryFile, Snapshot};
use history::{Batch, Journal, OpenOptions, SqliteHistory};
use http_body_util::BodyExt;
use http_core::{
    App,
    config::{SigningKeys, StaticToken},
};
use live::Live;
use switch::{
    ManualClock, Registration, event_channel,
    simulated::{Party, SimulatedSwitch},
};
use tempfile::TempDir;
use tower::ServiceExt;

const ENDED_AT: Timestamp = Timestamp::from_seconds(1_595_959_736);
const REGISTERED_AT: Timestamp = Timestamp::from_seconds(1_595_937_421);
const DIRECTORY: &str = r#"
realm = "sip.test"

[[customers]]
name = "Acme"

[[accounts]]
id = 1234
name = "Acme"
customer = "Acme"

[[accounts]]
id = 1235
name = "Carrier"
customer = "Acme"

[[devices]]
sip_user = "phone"
account = 1234
mac = "79-5C-7D-28-1B-B3"
secret = "s"

[[extensions]]
account = 1234
number = "1234"
devices = ["phone"]
"#;

pub struct Seed {
    router: Router,
    history: Arc<SqliteHistory>,
    switch: SimulatedSwitch,
    directory: Arc<Snapshot>,
    _folder: TempDir,
}

impl Seed {
    /// The server, a second after the samples' call ended.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let history = Arc::new(SqliteHistory::open(OpenOptions::new(folder.path().join("history"))).unwrap());
        let clock = Arc::new(ManualClock::at(ENDED_AT + Duration::from_secs(1)));
        let directory = directory();
        let (sink, source) = event_channel(1_000);
        let owner = directory.account(AccountId(1234)).unwrap().owner();
        let resolver = move |_, _: &_| vec![Party::phone(owner, 1, "phone", "1234567890")];
        let switch = SimulatedSwitch::builder(sink).clock(clock.clone()).resolver(resolver).build();
        let live = Live::start(source, Arc::new(switch.clone()), history.clone(), clock);
        let known = directory.clone();
        let tokens = Arc::new(directory::Tokens::in_memory().unwrap());
        let config = config();
        let source = Arc::new(move || known.clone());
        let app = App::new(live, history.clone(), source, config.http.clone(), tokens);
        Self { router: api::router(Dialects::new(app, &config)), history, switch, directory, _folder: folder }
    }

    /// The body of a good answer.
    pub async fn get(&self, path: &str) -> String {
        let (status, body) = self.send(Method::GET, path, "").await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body
    }

    pub async fn post(&self, path: &str, body: &'static str) -> (StatusCode, String) {
        self.send(Method::POST, path, body).await
    }

    async fn send(&self, method: Method, path: &str, body: &'static str) -> (StatusCode, String) {
        let request = Request::builder().method(method).uri(path).header(header::HOST, "example.org");
        let request = request.header(header::AUTHORIZATION, "Bearer token").body(Body::from(body)).unwrap();
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (parts.status, String::from_utf8(body.to_vec()).unwrap())
    }

    /// Stores the record of a call with the values of the sample: its call and leg have the same id.
    pub async fn remember_the_samples_call(&self, id: &str) {
        let call: CallId = id.parse().unwrap();
        let events = self.events(call, id.parse().unwrap());
        let record = CallRecord::project(call, &events).unwrap();
        self.history.append(Batch { records: vec![Arc::new(record)], ..Batch::default() }).await.unwrap();
    }

    fn owner(&self, account: u32) -> Owner {
        self.directory.account(AccountId(account)).unwrap().owner()
    }

    fn events(&self, call_id: CallId, leg: LegId) -> Vec<Arc<CallEvent>> {
        let (caller, called): (Number, Number) = ("1235551111".into(), "1234567890".into());
        let started = CallStarted {
            origination: self.owner(1235),
            origin: Origin::Invite,
            caller: caller.clone(),
            caller_name: None,
            dialed: called.clone(),
        };
        let routed = CallRouted::new(Some(self.owner(1234)), caller, called.clone());
        let offer = LegOffer {
            side: Side::Termination,
            direction: LegDirection::Outgoing,
            owner: self.owner(1234),
            endpoint: Endpoint::Device { id: self.directory.entries().devices[0].id, name: "phone".into() },
            from: "1231112222".into(),
            to: called,
            sip: None,
            route: None,
        };
        let end = LegEnd::new(Releaser::Party, EndCause::Busy, None);
        let kinds = [
            EventKind::CallStarted(Arc::new(started)),
            EventKind::CallRouted(Arc::new(routed)),
            EventKind::LegOffered { leg, offer: Arc::new(offer) },
            EventKind::LegEnded { leg, end },
        ];
        kinds.map(|kind| Arc::new(CallEvent { call_id, at: ENDED_AT, kind })).to_vec()
    }

    /// Registers the phone as the sample shows it.
    pub fn register_the_samples_device(&self) {
        self.switch.register(Registration {
            device: self.directory.entries().devices[0].id,
            account: AccountId(1234),
            contact: "sip:phone@150.24.83.17".into(),
            source: ([150, 24, 83, 17], 5060).into(),
            transport: Transport::Udp,
            user_agent: None,
            requested_at: REGISTERED_AT,
            registered_at: REGISTERED_AT,
            expires_at: REGISTERED_AT + Duration::from_secs(3_600),
        });
    }
}

fn config() -> ApiConfig {
    let mut config = ApiConfig::new(SigningKeys::new(Vec::new()));
    config.http.tokens = vec![StaticToken::of("token", AccountId(1234))].into();
    config
}

fn directory() -> Arc<Snapshot> {
    let directory = Directory::in_memory().unwrap();
    directory.apply(&DirectoryFile::parse("directory.toml", DIRECTORY).unwrap()).unwrap();
    directory.snapshot()
}
