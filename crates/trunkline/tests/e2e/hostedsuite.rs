//! Records that tell the truth: what HostedSuite's clients read of a call is what was done on the wire, as
//! SIPp's own log has it, within fifty milliseconds.

mod clients;
mod held;
mod transferred;
mod types;
mod unanswered;
mod worked;

use std::time::Duration;

use call::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use testkit::sipp::{Direction, Sipp, SippOutcome};

use crate::{
    harness::Records,
    scene::{RECORDED, Scene},
};

/// How far a time may be from what was done on the wire.
const TOLERANCE: Duration = Duration::from_millis(50);
const RING: Duration = Duration::from_millis(300);
/// Who calls in from the network, and the number that is called.
const CALLER: &str = "+14155550111";
const CALLED: &str = "+12125550100";

/// What the record tells: as it is shown, and the instants of its interactions, which are shown in whole
/// seconds, as they are kept.
struct Told {
    record: Value,
    kept: Vec<Timestamp>,
}

/// Somebody in the network who calls the office's number and talks until the other side hangs up.
fn from_outside(scene: &Scene, scenario: &str) -> Sipp {
    let caller = Sipp::scenario(scenario).target(scene.server.sip).port(scene.first_trunk);
    caller.calling(CALLED).key("caller", CALLER).key("caller_name", "Ada")
}

/// The only record there is.
async fn told(scene: &Scene) -> Told {
    scene.server.wait_for_metric(RECORDED, 1).await;
    let mut records = Records::all(&scene.server).await;
    assert_eq!(records.len(), 1);
    Told { record: records.remove(0), kept: kept_instants(scene) }
}

/// The instants of the interactions of the only record, as they lie on disk.
fn kept_instants(scene: &Scene) -> Vec<Timestamp> {
    let database = rusqlite::Connection::open(scene.setup.data().join("history.db")).unwrap();
    let record: Vec<u8> = database.query_one("SELECT record FROM calls", [], |row| row.get(0)).unwrap();
    let Kept { interactions } = rmp_serde::from_slice(&record).unwrap();
    interactions.iter().map(|kept| Timestamp::from_micros(kept.at)).collect()
}

/// What lies on disk of a record, as far as it is looked at here.
#[derive(Deserialize)]
struct Kept {
    #[serde(rename = "i", default)]
    interactions: Vec<KeptInteraction>,
}

#[derive(Deserialize)]
struct KeptInteraction {
    /// In microseconds.
    #[serde(rename = "t")]
    at: i64,
}

impl Told {
    #[track_caller]
    fn text(&self, member: &str) -> &str {
        self.record[member].as_str().unwrap_or_else(|| panic!("no text {member} in {}", self.record))
    }

    /// A length in microseconds.
    #[track_caller]
    fn length(&self, member: &str) -> i64 {
        let seconds = self.record[member].as_f64();
        let seconds = seconds.unwrap_or_else(|| panic!("no number {member} in {}", self.record));
        (seconds * 1e6).round() as i64
    }

    /// The lengths are those on the wire, and the parts are exactly the whole.
    #[track_caller]
    fn assert_spent(&self, whole: Duration, parts: [(&str, Duration); 4]) {
        self.assert_length("DurationInSeconds", whole);
        parts.iter().for_each(|(member, wire)| self.assert_length(member, *wire));
        let sum: i64 = parts.iter().map(|(member, _)| self.length(member)).sum();
        assert_eq!(self.length("DurationInSeconds"), sum, "{}", self.record);
    }

    #[track_caller]
    fn assert_length(&self, member: &str, wire: Duration) {
        let (told, wire) = (self.length(member), wire.as_micros() as i64);
        let off = (told - wire).unsigned_abs();
        assert!(off <= TOLERANCE.as_micros() as u64, "{member}: {told} µs told, {wire} on the wire");
    }

    /// It began with the second that was on the wire.
    #[track_caller]
    fn assert_start(&self, wire: Timestamp) {
        assert_shown(self.text("StartTime"), wire);
    }

    /// The interactions in order: what, who (as the description says), and when on the wire.
    #[track_caller]
    fn assert_interactions(&self, expected: &[(&str, &str, Timestamp)]) {
        let told = self.record["Interactions"].as_array().unwrap();
        let words: Vec<_> = told.iter().map(|it| it["Type"].as_str().unwrap()).collect();
        assert_eq!(words, expected.iter().map(|(word, ..)| *word).collect::<Vec<_>>());
        for ((told, kept), (word, who, wire)) in told.iter().zip(&self.kept).zip(expected) {
            let description = told["Description"].as_str().unwrap();
            assert!(description.contains(who), "{word} by {who}: {description}");
            assert_shown(told["StartTime"].as_str().unwrap(), *kept);
            let off = kept.as_micros().abs_diff(wire.as_micros());
            assert!(off <= TOLERANCE.as_micros() as u64, "{word}: {off} µs beside the wire");
        }
    }
}

/// A time in whole seconds is that of an instant, give or take the tolerance.
#[track_caller]
fn assert_shown(shown: &str, at: Timestamp) {
    let second = |at: Timestamp| {
        let at = jiff::Timestamp::from_second(at.as_seconds()).unwrap();
        at.strftime("%Y-%m-%d %H:%M:%S").to_string()
    };
    let accepted = [second(at - TOLERANCE), second(at + TOLERANCE)];
    assert!(accepted.iter().any(|accepted| accepted == shown), "{shown} is none of {accepted:?}");
}

/// When the messages that begin so were sent.
fn sent(outcome: &SippOutcome, start: &str) -> Vec<Timestamp> {
    let messages = outcome.messages.all(Direction::Sent, start);
    messages.map(|message| message.at).collect()
}
