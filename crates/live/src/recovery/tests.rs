//! Whatever is done to the wall clock: a call that a crash interrupts has lasted as long as it did.

use std::{sync::Arc, time::Duration};

use call::{
    AccountId, CallEvent, CallId, CustomerId, EventKind, Number,
    event::{CallStarted, Origin},
    party::Owner,
};
use history::{Batch, Journal, OpenOptions, Records, SqliteHistory};
use proptest::{collection::vec, prelude::*};
use switch::{CallClock, Clock, ManualClock};
use tempfile::TempDir;

use super::recover;
use crate::pulse::Pulse;

const OWNER: Owner = Owner { customer: CustomerId(1), account: AccountId(1), center: None };
const DAY: i64 = 86_400_000_000;

#[derive(Clone, Debug)]
enum Act {
    /// Time passes.
    Pass {
        millis: u64,
    },
    /// Somebody sets the wall clock.
    Set {
        micros: i64,
    },
    Beat,
    /// It is told in the spill file that the run goes on.
    Spill,
    /// A call begins; the writer takes its event so much later.
    Call {
        late_millis: u64,
    },
    /// Power is lost, comes back, and the server is started again.
    Crash,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        3 => (0..7_200_000_u64).prop_map(|millis| Act::Pass { millis }),
        3 => (-2 * DAY..2 * DAY).prop_map(|micros| Act::Set { micros }),
        3 => Just(Act::Beat),
        2 => Just(Act::Spill),
        4 => (0..20_u64).prop_map(|late_millis| Act::Call { late_millis }),
        2 => Just(Act::Crash),
    ];
    vec(act, 1..30)
}

/// A call that goes on: its id, and when it began by the monotonic clock.
struct Going(CallId, Duration);

struct Place {
    folder: TempDir,
    clock: Arc<ManualClock>,
    history: Option<SqliteHistory>,
    pulse: Pulse,
    number: u128,
    began: Duration,
    last_sign: Duration,
    going: Vec<Going>,
}

impl Place {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::at(call::Timestamp::from_seconds(1_767_268_800)));
        let folder = tempfile::tempdir().unwrap();
        let history = Some(SqliteHistory::open(OpenOptions::new(folder.path())).unwrap());
        let (pulse, began) = (Pulse::start(clock.clone()), clock.monotonic());
        Self { folder, clock, history, pulse, number: 1, began, last_sign: began, going: Vec::new() }
    }

    fn history(&self) -> &SqliteHistory {
        self.history.as_ref().unwrap()
    }

    fn pass(&self, millis: u64) {
        self.clock.advance(Duration::from_millis(millis));
    }

    async fn beat(&mut self) {
        let beat = self.pulse.beat();
        self.history().heartbeat(beat).await.unwrap();
        self.last_sign = self.clock.monotonic();
    }

    async fn spill(&mut self) {
        let (taken_at, run) = (Some(self.pulse.run().now()), Some(self.history().run()));
        self.history().append(Batch { taken_at, run, ..Batch::default() }).await.unwrap();
        self.last_sign = self.clock.monotonic();
    }

    async fn call(&mut self, late_millis: u64) {
        let id = CallId::from_uuid(uuid::Uuid::from_u128(self.number));
        self.number += 1;
        let (clock, began) = (CallClock::start(self.clock.clone()), self.clock.monotonic());
        let event = Arc::new(CallEvent { call_id: id, at: clock.now(), kind: started() });
        self.pass(late_millis);
        let taken_at = Some(self.pulse.run().now());
        let batch = Batch { taken_at, events: vec![event.into()], ..Batch::default() };
        self.history().append(batch).await.unwrap();
        self.last_sign = self.clock.monotonic();
        self.going.push(Going(id, began));
    }

    /// Ends the run and checks the records of its calls.
    async fn crash(&mut self) {
        self.history = None;
        self.history = Some(SqliteHistory::open(OpenOptions::new(self.folder.path())).unwrap());
        assert_eq!(recover(self.history()).await.unwrap(), self.going.len());
        for Going(id, began) in std::mem::take(&mut self.going) {
            let record = self.history().record(vec![AccountId(1)], id).await.unwrap().unwrap();
            let (length, true_length) =
                (record.ended_at.since(record.started_at), self.last_sign.saturating_sub(began));
            assert!(length.abs_diff(true_length) <= Duration::from_millis(20), "{length:?} {true_length:?}");
            assert!(length <= self.last_sign.saturating_sub(self.began), "longer than the run");
        }
        self.pulse = Pulse::start(self.clock.clone());
        self.began = self.clock.monotonic();
        self.beat().await;
    }

    async fn act(&mut self, act: Act) {
        match act {
            Act::Pass { millis } => self.pass(millis),
            Act::Set { micros } => self.clock.set_wall(micros),
            Act::Beat => self.beat().await,
            Act::Spill => self.spill().await,
            Act::Call { late_millis } => self.call(late_millis).await,
            Act::Crash => self.crash().await,
        }
    }
}

fn started() -> EventKind {
    EventKind::CallStarted(Arc::new(CallStarted {
        origination: OWNER,
        origin: Origin::Invite,
        caller: Number::from("1"),
        caller_name: None,
        dialed: Number::from("2"),
    }))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_interrupted_call_has_lasted_as_long_as_it_did_whatever_the_clock(acts in acts()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut place = Place::new();
            place.beat().await;
            for act in acts {
                place.act(act).await;
            }
            place.crash().await;
        });
    }
}

/// The clock was a day ahead while the server ran for two seconds; later a crash interrupts calls.
#[tokio::test]
async fn a_run_whose_clock_was_a_day_ahead_lengthens_no_later_call() {
    let mut place = Place::new();
    place.clock.set_wall(DAY);
    place.crash().await;
    place.pass(2_000);
    place.beat().await;
    place.clock.set_wall(-DAY);
    place.crash().await;
    place.call(0).await;
    place.pass(3_000);
    place.beat().await;
    place.crash().await;
}
