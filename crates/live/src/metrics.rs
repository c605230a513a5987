//! What is counted for operators, in Prometheus' terms.

mod heard;
mod process;
mod store;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use call::{Payer, TrunkId};
use history::History;
use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};
use switch::{EventFlow, Switch, Transcoded};

use self::{heard::Heard, process::Process};
use crate::{health::StoreHealth, readers::Readers};

/// Upper bounds of the journal latency's buckets, in seconds.
const JOURNAL_BUCKETS: [f64; 9] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0];

/// Counters of the one writer.
pub struct Metrics {
    pub(crate) started: Counter,
    pub(crate) answered: Counter,
    pub(crate) ended: Counter,
    pub(crate) recorded: Counter,
    pub(crate) stale_events: Counter,
    pub(crate) unexpected_events: Counter,
    pub(crate) failed_commits: Counter,
    pub(crate) journal_seconds: Histogram,
    pub(crate) clock_steps: Gauge,
    pub(crate) heard: Heard,
    interrupted: Gauge,
    flow: EventFlow,
    health: Arc<StoreHealth>,
    readers: Arc<Readers>,
    event_readers: Gauge,
    events_logged: Counter,
    lost_notices: Counter,
    since_commit: Gauge<f64, AtomicU64>,
    behind: Gauge<f64, AtomicU64>,
    spilled: Counter,
    free_bytes: Gauge,
    backlog: Gauge,
    late_answers: Counter,
    refused: Family<ReasonLabel, Counter>,
    media_packets: Family<FateLabel, Counter>,
    transcoding: Family<PairLabel, Gauge>,
    transcoded: Family<PairLabel, Counter>,
    quarantined: Gauge,
    active: Gauge,
    registrations: Gauge,
    trunks_up: Family<TrunkLabel, Gauge>,
    trunks_registered: Family<TrunkLabel, Gauge>,
    in_use: Family<UseLabel, Gauge>,
    database_bytes: Gauge,
    wal_bytes: Gauge,
    exports_waiting: Gauge,
    exports_refused: Counter,
    exports_expired: Counter,
    without_files: Counter,
    backed_up: Gauge,
    store: Arc<store::OwnFigures>,
    datagrams_dropped: Counter,
    longest_wait: Gauge<f64, AtomicU64>,
    requests_refused: Counter,
    stops: Family<LimitLabel, Counter>,
    pub(crate) calls_cut: Counter,
    accounts_stopped: Gauge,
    devices_stopped: Gauge,
    pub(crate) spending_minutes: Gauge,
    process: Process,
    registry: Registry,
    process_registry: Registry,
}

impl Metrics {
    /// Of the writer that `flow` leads to.
    pub(crate) fn new(flow: EventFlow, health: Arc<StoreHealth>, readers: Arc<Readers>) -> Self {
        let mut metrics = Self {
            flow,
            health,
            readers,
            event_readers: Gauge::default(),
            events_logged: Counter::default(),
            lost_notices: Counter::default(),
            since_commit: Gauge::default(),
            behind: Gauge::default(),
            spilled: Counter::default(),
            free_bytes: Gauge::default(),
            backlog: Gauge::default(),
            late_answers: Counter::default(),
            refused: Family::default(),
            media_packets: Family::default(),
            transcoding: Family::default(),
            transcoded: Family::default(),
            started: Counter::default(),
            answered: Counter::default(),
            ended: Counter::default(),
            recorded: Counter::default(),
            stale_events: Counter::default(),
            unexpected_events: Counter::default(),
            failed_commits: Counter::default(),
            journal_seconds: Histogram::new(JOURNAL_BUCKETS),
            clock_steps: Gauge::default(),
            heard: Heard::default(),
            interrupted: Gauge::default(),
            quarantined: Gauge::default(),
            active: Gauge::default(),
            registrations: Gauge::default(),
            trunks_up: Family::default(),
            trunks_registered: Family::default(),
            in_use: Family::default(),
            database_bytes: Gauge::default(),
            wal_bytes: Gauge::default(),
            exports_waiting: Gauge::default(),
            exports_refused: Counter::default(),
            exports_expired: Counter::default(),
            without_files: Counter::default(),
            backed_up: Gauge::default(),
            store: Arc::default(),
            datagrams_dropped: Counter::default(),
            longest_wait: Gauge::default(),
            requests_refused: Counter::default(),
            stops: Family::default(),
            calls_cut: Counter::default(),
            accounts_stopped: Gauge::default(),
            devices_stopped: Gauge::default(),
            spending_minutes: Gauge::default(),
            process: Process::default(),
            registry: Registry::with_prefix("trunkline"),
            process_registry: Registry::default(),
        };
        metrics.register();
        metrics.register_store();
        metrics.heard.register(&mut metrics.registry);
        metrics.process.register(&mut metrics.process_registry);
        metrics
    }
}

impl Metrics {
    /// These may spend nothing now.
    pub(crate) fn tell_stopped<'a>(&self, payers: impl Iterator<Item = &'a Payer>) {
        let (accounts, devices): (Vec<&Payer>, Vec<&Payer>) =
            payers.partition(|payer| matches!(payer, Payer::Account(_)));
        self.accounts_stopped.set(gauged(accounts.len()));
        self.devices_stopped.set(gauged(devices.len()));
    }

    /// An account or a phone has reached what its calls may cost.
    pub(crate) fn stopped(&self, limit: &'static str) {
        self.stops.get_or_create(&LimitLabel { limit }).inc();
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("calls_started", "Calls accepted", self.started.clone());
        registry.register("calls_answered", "Calls answered by the called party", self.answered.clone());
        registry.register("calls_ended", "Calls that are over", self.ended.clone());
        registry.register("calls_recorded", "Call records stored", self.recorded.clone());
        registry.register("events_stale", "Events that came twice or too late", self.stale_events.clone());
        registry.register("events_unexpected", "Events that fitted nothing", self.unexpected_events.clone());
        registry.register(
            "journal_failures",
            "Commits that failed and were repeated",
            self.failed_commits.clone(),
        );
        registry.register("journal_seconds", "Time to make events durable", self.journal_seconds.clone());
        registry.register(
            "clock_steps",
            "How often the wall clock was set since the start",
            self.clock_steps.clone(),
        );
        registry.register(
            "calls_interrupted_at_start",
            "Calls that the run before left unfinished, recorded as interrupted",
            self.interrupted.clone(),
        );
        registry.register(
            "history_quarantined",
            "Events and records that could not be stored and were put aside",
            self.quarantined.clone(),
        );
        registry.register("calls_active", "Calls that go on", self.active.clone());
        registry.register("registrations", "Contacts registered", self.registrations.clone());
        registry.register("trunk_up", "Whether a trunk that is watched answers", self.trunks_up.clone());
        registry.register(
            "trunk_registered",
            "Whether we are registered at a trunk where we are to be",
            self.trunks_registered.clone(),
        );
        registry.register(
            "media_packets",
            "Packets of media that have come, by what became of them",
            self.media_packets.clone(),
        );
        registry.register(
            "transcoded_streams",
            "Streams that are made of one codec another",
            self.transcoding.clone(),
        );
        registry.register(
            "streams_transcoded",
            "Streams that were made of one codec another",
            self.transcoded.clone(),
        );
        registry.register("switch_in_use", "What the switch holds for calls", self.in_use.clone());
        registry.register(
            "spending_limits_reached",
            "How often accounts have reached what their calls may cost",
            self.stops.clone(),
        );
        registry.register(
            "accounts_stopped",
            "Accounts that have spent all that they may",
            self.accounts_stopped.clone(),
        );
        registry.register(
            "devices_stopped",
            "Phones that have spent all that they may",
            self.devices_stopped.clone(),
        );
        registry.register(
            "spending_minutes",
            "Minutes with calls that are remembered for bounds of what calls may cost, of all who have some",
            self.spending_minutes.clone(),
        );
        registry.register("calls_cut_off", "Calls cut off for what they cost", self.calls_cut.clone());
    }

    fn register_store(&mut self) {
        let registry = &mut self.registry;
        registry.register("event_readers", "Programs that read events", self.event_readers.clone());
        registry.register(
            "events_logged",
            "Events in the event log, ever since the store was made",
            self.events_logged.clone(),
        );
        registry.register(
            "notices_lost",
            "Events beside calls that were not kept, as too many waited",
            self.lost_notices.clone(),
        );
        registry.register("events_backlog", "Events that are not durable yet", self.backlog.clone());
        registry.register(
            "last_commit_seconds",
            "Time since the history last took something; a heartbeat comes twice a second",
            self.since_commit.clone(),
        );
        registry.register(
            "history_behind_seconds",
            "How long events have been in the spill file that the history has not taken; 0 if there are none",
            self.behind.clone(),
        );
        registry.register("events_spilled", "Events written to the spill file", self.spilled.clone());
        registry.register(
            "disk_free_bytes",
            "Room on the disk of the history; -1 if not known",
            self.free_bytes.clone(),
        );
        registry.register(
            "answers_before_commit",
            "Answers and ends acknowledged before they were durable, as that took too long",
            self.late_answers.clone(),
        );
        registry.register("calls_refused", "Calls refused before they began", self.refused.clone());
        registry.register("database_bytes", "Size of the history's database", self.database_bytes.clone());
        registry.register("wal_bytes", "Size of its write-ahead log", self.wal_bytes.clone());
        registry.register(
            "exports_waiting",
            "Exports that wait or are being made",
            self.exports_waiting.clone(),
        );
        registry.register(
            "exports_refused",
            "Exports refused as their account had too many",
            self.exports_refused.clone(),
        );
        registry.register(
            "exports_expired",
            "Exports whose files were removed as they were old",
            self.exports_expired.clone(),
        );
        registry.register(
            "history_unanswered_without_files",
            "Questions to the history that were not answered as no more files can be opened",
            self.without_files.clone(),
        );
        registry.register(
            "backed_up_timestamp_seconds",
            "When a backup was last made, in seconds since 1970; 0 if none was",
            self.backed_up.clone(),
        );
        registry.register_collector(Box::new(self.store.clone()));
        registry.register(
            "udp_drops",
            "Datagrams of SIP that the kernel dropped as the receive buffer was full",
            self.datagrams_dropped.clone(),
        );
        registry.register(
            "sip_wait_seconds",
            "The longest that a message of SIP of the last seconds has waited to be handled",
            self.longest_wait.clone(),
        );
        registry.register(
            "requests_refused",
            "Requests of SIP other than calls refused as messages waited too long",
            self.requests_refused.clone(),
        );
    }

    /// How many calls the start has recorded as interrupted.
    pub fn tell_interrupted(&self, calls: usize) {
        self.interrupted.set(gauged(calls));
    }

    pub(crate) fn tell_quarantined(&self, history: &dyn History) {
        self.quarantined.set(i64::try_from(history.quarantined()).unwrap_or(i64::MAX));
    }

    /// The OpenMetrics text, with the gauges set to what holds now.
    pub fn encode(&self, active: usize, switch: &dyn Switch, history: &dyn History) -> String {
        self.look_at_store(switch, history);
        self.process.look();
        self.active.set(gauged(active));
        self.event_readers.set(gauged(self.readers.count()));
        set_counter(&self.lost_notices, self.flow.lost_notices());
        set_counter(&self.events_logged, *history.latest_event().borrow());
        self.backlog.set(i64::try_from(self.flow.backlog()).unwrap_or(i64::MAX));
        self.since_commit.set(self.health.since_commit().as_secs_f64());
        self.behind.set(self.health.behind_for().unwrap_or_default().as_secs_f64());
        set_counter(&self.spilled, self.health.spilled_events());
        let free = self.health.free_bytes().and_then(|free| i64::try_from(free).ok());
        self.free_bytes.set(free.unwrap_or(-1));
        set_counter(&self.late_answers, self.flow.late_answers());
        for (reason, count) in switch.refused() {
            set_counter(&self.refused.get_or_create(&ReasonLabel { reason }), count);
        }
        for (fate, count) in switch.media_packets() {
            set_counter(&self.media_packets.get_or_create(&FateLabel { fate }), count);
        }
        for Transcoded { from, to, now, ever } in switch.transcoded() {
            let label = PairLabel { from, to };
            self.transcoding.get_or_create(&label).set(gauged(now));
            set_counter(&self.transcoded.get_or_create(&label), ever);
        }
        let load = switch.load();
        self.longest_wait.set(load.longest_wait.as_secs_f64());
        set_counter(&self.requests_refused, load.requests_refused);
        self.registrations.set(gauged(switch.registration_count()));
        for (what, count) in switch.in_use() {
            self.in_use.get_or_create(&UseLabel { what }).set(gauged(count));
        }
        let trunks = switch.trunks();
        set(&self.trunks_up, trunks.iter().map(|trunk| (trunk.trunk, trunk.is_up)));
        set(&self.trunks_registered, trunks.iter().map(|trunk| (trunk.trunk, trunk.is_registered)));
        let mut out = String::new();
        let written = text::encode_registry(&mut out, &self.process_registry)
            .and_then(|()| text::encode(&mut out, &self.registry));
        written.expect("writing to a String cannot fail");
        out
    }

    fn look_at_store(&self, switch: &dyn Switch, history: &dyn History) {
        let figures = history.figures();
        let gauged = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        self.database_bytes.set(gauged(figures.stored_bytes));
        self.wal_bytes.set(gauged(figures.pending_bytes));
        self.exports_waiting.set(gauged(figures.exports_waiting));
        set_counter(&self.exports_refused, figures.exports_refused);
        set_counter(&self.exports_expired, figures.exports_expired);
        set_counter(&self.without_files, figures.unanswered_without_files);
        self.backed_up.set(figures.backed_up_at.map_or(0, |at| at.as_micros() / 1_000_000));
        self.store.show(figures.own);
        set_counter(&self.datagrams_dropped, switch.datagrams_dropped().unwrap_or_default());
    }
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct UseLabel {
    what: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ReasonLabel {
    reason: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct FateLabel {
    fate: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct PairLabel {
    from: &'static str,
    to: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct LimitLabel {
    limit: &'static str,
}

/// Shows a count that is kept elsewhere.
fn set_counter(counter: &Counter, count: u64) {
    counter.inner().store(count, Ordering::Relaxed);
}

fn gauged(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// By id: names and numbers of trunks are not for everybody who may read metrics.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct TrunkLabel {
    trunk: u32,
}

/// Shows these trunks and no others; those for which nothing is known are left out.
fn set(gauges: &Family<TrunkLabel, Gauge>, states: impl Iterator<Item = (TrunkId, Option<bool>)>) {
    gauges.clear();
    for (trunk, state) in states {
        if let Some(state) = state {
            gauges.get_or_create(&TrunkLabel { trunk: trunk.0 }).set(state.into());
        }
    }
}
