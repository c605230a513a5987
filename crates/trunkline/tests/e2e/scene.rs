//! A server with its SIPp peers: phones of the office, trunks of the carrier.

use call::Timestamp;
use serde_json::{Value, json};
use testkit::{
    heard::Heard,
    sipp::{Direction, Sipp, SippOutcome, SippRun},
};

use crate::{
    directory::{self, SECRET},
    harness::{Process, Records, Row, Setup, Yeti, free_port, vonage, wait_until},
};

/// The outside number that tests dial.
pub const OUTSIDE: &str = "+14155550100";
/// The metric that counts stored records.
pub const RECORDED: &str = "trunkline_calls_recorded_total";

/// A server and the ports of its trunks.
pub struct Scene {
    pub setup: Setup,
    pub server: Process,
    pub first_trunk: u16,
    pub second_trunk: u16,
}

impl Scene {
    /// A server with the given variables in its environment.
    pub fn with(variables: &[(&'static str, &'static str)]) -> Self {
        let (first_trunk, second_trunk) = (free_port(), free_port());
        let setup = Setup::new(&directory::text(first_trunk, second_trunk), variables);
        let server = setup.start();
        Self { setup, server, first_trunk, second_trunk }
    }

    /// A server.
    pub fn new() -> Self {
        Self::with(&[])
    }

    /// Phone 1001, calling the outside number.
    pub fn caller(&self, scenario: &str) -> Sipp {
        Sipp::scenario(scenario).target(self.server.sip).credentials("1001", SECRET).calling(OUTSIDE)
    }

    /// The first trunk, taking calls.
    pub async fn first(&self, scenario: Sipp) -> SippRun {
        scenario.port(self.first_trunk).spawn().await.unwrap()
    }

    /// A phone of the office that is registered and takes calls.
    pub async fn phone(&self, extension: &str, scenario: Sipp) -> SippRun {
        let phone = scenario.spawn().await.unwrap();
        let register = Sipp::scenario("uac-register").target(self.server.sip);
        let register = register.credentials(extension, SECRET).key("contact", phone.address());
        register.spawn().await.unwrap().wait().await.unwrap();
        phone
    }

    /// Phone 1001 talks to 1003 and is transferred out by a program: the two that talk then, until dropped.
    pub async fn transferred_out(&self) -> [SippRun; 2] {
        let colleague = self.phone("1003", Sipp::scenario("uas-talk")).await;
        let trunk = self.first(Sipp::scenario("uas-talk")).await;
        let caller = self.caller("uac-talk").calling("1003").spawn().await.unwrap();
        let talks = async || vonage::calls(&self.server).await.iter().any(|call| call["status"] == "on-call");
        wait_until("the two talk", talks).await;
        let call = vonage::calls(&self.server).await.remove(0);
        let path = format!("/cc/accounts/1234/calls/{}", call["call_id"].as_str().unwrap());
        let leg = vonage::leg(&self.server, &path, 1003).await;
        let order = json!({ "state": "active", "to": { "destination": OUTSIDE, "type": "pstn" } });
        let (status, answer) = vonage::put(&self.server, &leg, &order).await;
        assert_eq!(status, 200, "{answer}");
        colleague.wait().await.unwrap();
        let goes_out = async || trunk.messages().unwrap().first(Direction::Received, "ACK").is_some();
        wait_until("the outside party has answered", goes_out).await;
        [caller, trunk]
    }

    /// What the dialects say of the only call there was.
    pub async fn only_call(&self) -> Seen {
        self.all_calls(1).await.remove(0)
    }

    /// What the dialects say of all calls that the office originated and there were, so many, oldest first.
    pub async fn all_calls(&self, count: u64) -> Vec<Seen> {
        self.server.wait_for_metric(RECORDED, count).await;
        let yeti = Yeti::login(&self.server).await;
        let (mut rows, records) = (yeti.export().await, Records::all(&self.server).await);
        rows.sort_by(|one, other| one["Time Start"].cmp(&other["Time Start"]));
        // What was sent on within a call has rows of its own, and began later.
        let mut tags = std::collections::HashSet::new();
        rows.retain(|row| tags.insert(row["Local Tag"].clone()));
        assert_eq!((rows.len() as u64, records.len() as u64), (count, count));
        rows.into_iter().zip(records).map(|(row, record)| Seen { row, record }).collect()
    }

    /// How the Vonage dialect shows the call now; `None` if it does not.
    pub async fn shown_status(&self, seen: &Seen) -> Option<String> {
        let path = format!("/cc/accounts/1234/calls/{}", seen.text("Id"));
        let answer = vonage::get(&self.server, &path).await;
        let call: Value = answer.json().await.unwrap();
        call["status"].as_str().map(str::to_owned)
    }

    /// The keys that parties have pressed, as the journal of unfinished calls has them: no dialect tells of them.
    pub fn pressed(&self) -> String {
        let path = self.setup.data().join("history.db");
        let journal = rusqlite::Connection::open(path).unwrap();
        let mut rows = journal
            .prepare("SELECT CAST(events AS TEXT) FROM journal JOIN unfinished USING (first) ORDER BY first")
            .unwrap();
        let rows: Vec<String> = rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let events = rows.concat();
        let keys = events.split("\"digit_received\"").skip(1);
        keys.filter_map(|event| event.split("\"digit\":\"").nth(1)?.chars().next()).collect()
    }

    /// Waits until parties have pressed these keys.
    pub async fn until_pressed(&self, keys: &str) {
        wait_until(&format!("{keys} is told"), async || self.pressed() == keys).await;
    }

    /// The channels of the recording of the only call there was, as the customer API sends it: what the party
    /// said, and what it heard.
    pub async fn recorded(&self) -> [Heard; 2] {
        self.server.wait_for_metric(RECORDED, 1).await;
        let wav = Yeti::login(&self.server).await.recording().await;
        let channels = Heard::channels(wav.as_slice()).unwrap();
        channels.try_into().unwrap_or_else(|other: Vec<_>| panic!("{} channels", other.len()))
    }

    /// Waits until so many calls are live.
    pub async fn wait_for_live(&self, count: usize) {
        let live = async || vonage::calls(&self.server).await.len() == count;
        wait_until(&format!("{count} calls are live"), live).await;
    }
}

/// One call, as two dialects tell of it.
pub struct Seen {
    pub row: Row,
    pub record: Value,
}

impl Seen {
    /// A column of the export.
    pub fn column(&self, name: &str) -> &str {
        self.row.get(name).unwrap_or_else(|| panic!("the export has no column {name}"))
    }

    /// The code and reason toward the caller.
    pub fn outcome(&self) -> (&str, &str) {
        (self.column("Lega Disconnect Code"), self.column("Lega Disconnect Reason"))
    }

    /// A text of the call record.
    pub fn text(&self, member: &str) -> &str {
        self.record[member].as_str().unwrap_or_else(|| panic!("the record has no text {member}"))
    }

    /// A length of the call record in seconds.
    pub fn seconds(&self, member: &str) -> f64 {
        self.record[member].as_f64().unwrap_or_else(|| panic!("the record has no number {member}"))
    }

    /// What the parties did, in order.
    pub fn interactions(&self) -> Vec<&str> {
        let list = self.record["Interactions"].as_array().unwrap();
        list.iter().map(|interaction| interaction["Type"].as_str().unwrap()).collect()
    }

    /// The parts of the call's length make up the whole.
    pub fn assert_times_add_up(&self) {
        let parts = ["RingTimeInSeconds", "TalkTimeInSeconds", "HoldTimeInSeconds", "TransferTimeInSeconds"];
        let sum: f64 = parts.iter().map(|part| self.seconds(part)).sum();
        let whole = self.seconds("DurationInSeconds");
        assert!((sum - whole).abs() < 0.001, "{sum} of {whole}: {}", self.record);
    }

    /// An instant of the export lies where the messages on the wire say, give or take 20 ms.
    pub fn assert_between(&self, column: &str, earliest: Timestamp, latest: Timestamp) {
        let at = self.instant(column).as_micros();
        let (earliest, latest) = (earliest.as_micros() - 20_000, latest.as_micros() + 20_000);
        assert!((earliest..=latest).contains(&at), "{column}: {earliest} <= {at} <= {latest}");
    }

    fn instant(&self, column: &str) -> Timestamp {
        let text = self.column(column).replacen(' ', "T", 1);
        let instant: jiff::Timestamp =
            text.parse().unwrap_or_else(|error| panic!("{column}: {text}: {error}"));
        Timestamp::from_micros(instant.as_microsecond())
    }
}

/// When a message was first or last seen by a peer.
pub trait When {
    fn first_sent(&self, start: &str) -> Timestamp;
    fn last_sent(&self, start: &str) -> Timestamp;
    fn last_received(&self, start: &str) -> Timestamp;
}

impl When for SippOutcome {
    fn first_sent(&self, start: &str) -> Timestamp {
        let found = self.messages.first(testkit::sipp::Direction::Sent, start);
        found.unwrap_or_else(|| panic!("no {start} was sent")).at
    }

    fn last_sent(&self, start: &str) -> Timestamp {
        let found = self.messages.last(testkit::sipp::Direction::Sent, start);
        found.unwrap_or_else(|| panic!("no {start} was sent")).at
    }

    fn last_received(&self, start: &str) -> Timestamp {
        let found = self.messages.last(testkit::sipp::Direction::Received, start);
        found.unwrap_or_else(|| panic!("no {start} was received")).at
    }
}
