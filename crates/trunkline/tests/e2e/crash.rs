//! `kill -9` in the middle of calls loses none and doubles none.

use std::{collections::HashSet, time::Duration};

use call::AccountId;
use history::{EventLog, LogFilter, LogQuery, OpenOptions, SqliteHistory};
use reqwest::Response;
use testkit::sipp::Sipp;

use crate::{
    harness::{Process, Records, Yeti, vonage, wait_until},
    scene::{RECORDED, Scene},
};

const CALLS: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn every_call_that_was_up_or_over_has_exactly_one_record() {
    let mut scene = Scene::with(&[("TRUNKLINE__MEDIA__MODE", "direct")]);
    let trunk = scene.first(Sipp::scenario("uas-answer").calls(1_000).without_messages()).await;
    let ended = scene.caller("uac-answered").calls(5).talk(Duration::ZERO).without_messages();
    ended.spawn().await.unwrap().wait().await.unwrap();
    scene.server.wait_for_metric(RECORDED, 5).await;
    let talking = scene.caller("uac-answered").calls(CALLS as u32).rate(100).talk(Duration::from_secs(20));
    let talking = talking.without_messages().spawn().await.unwrap();
    let all_talk = async || {
        let calls = vonage::calls(&scene.server).await;
        calls.len() == CALLS && calls.iter().all(|call| call["status"] == "on-call")
    };
    wait_until("50 calls are talked on", all_talk).await;
    // A crash ends them at the last heartbeat, which comes twice a second: the last of them is to have talked at one.
    tokio::time::sleep(Duration::from_millis(600)).await;
    let live: HashSet<String> = ids(&vonage::calls(&scene.server).await, "call_id");

    let restarted = scene.setup.start_after(scene.server);
    scene.server = restarted;
    drop((talking, trunk));

    let records = Records::all(&scene.server).await;
    assert_eq!(records.len(), CALLS + 5, "one record for each call");
    let recorded = ids(&records, "Id");
    assert_eq!(recorded.len(), CALLS + 5, "none is doubled");
    assert!(live.is_subset(&recorded), "none is lost");
    let interrupted = records.iter().filter(|record| live.contains(record["Id"].as_str().unwrap()));
    for record in interrupted {
        assert_eq!(record["Interactions"].as_array().unwrap().len(), 2, "answered and interrupted: {record}");
        assert!(record["TalkTimeInSeconds"].as_f64().unwrap() > 0.0, "{record}");
    }
    assert_eq!(vonage::calls(&scene.server).await.len(), 0);
    assert_eq!(Yeti::login(&scene.server).await.export().await.len(), CALLS + 5);
}

fn ids(items: &[serde_json::Value], member: &str) -> HashSet<String> {
    items.iter().map(|item| item[member].as_str().unwrap().to_owned()).collect()
}

/// What a program has read of the events, and where it goes on.
#[derive(Default)]
struct EventReader {
    after: Option<String>,
    events: Vec<serde_json::Value>,
}

impl EventReader {
    /// Reads all there is until now, in small pages.
    async fn read_on(&mut self, server: &Process) {
        loop {
            let after = self.after.as_ref().map_or_else(String::new, |after| format!("&after={after}"));
            let answer = vonage::get(server, &format!("/v1/events?limit=23{after}")).await;
            let page: serde_json::Value = answer.json().await.unwrap();
            assert!(page["gap"].is_null(), "{page:#}");
            self.events.extend(page["events"].as_array().unwrap().iter().cloned());
            self.after = Some(page["next"].as_str().unwrap().to_owned());
            if page["is_last"] == true {
                return;
            }
        }
    }

    fn of_type<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a serde_json::Value> {
        self.events.iter().filter(move |event| event["type"] == name)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_was_away_over_a_crash_gets_every_event_once_and_in_order() {
    let mut scene = Scene::with(&[("TRUNKLINE__MEDIA__MODE", "direct")]);
    let trunk = scene.first(Sipp::scenario("uas-answer").calls(1_000).without_messages()).await;
    let ended = scene.caller("uac-answered").calls(3).talk(Duration::ZERO).without_messages();
    ended.spawn().await.unwrap().wait().await.unwrap();
    scene.server.wait_for_metric(RECORDED, 3).await;
    let mut reader = EventReader::default();
    reader.read_on(&scene.server).await;
    assert_eq!(reader.of_type("trunkline.call.started").count(), 3);
    let talking = scene.caller("uac-answered").calls(20).rate(50).talk(Duration::from_secs(20));
    let talking = talking.without_messages().spawn().await.unwrap();
    wait_until("20 calls are up", async || vonage::calls(&scene.server).await.len() == 20).await;
    let live = ids(&vonage::calls(&scene.server).await, "call_id");

    let restarted = scene.setup.start_after(scene.server);
    scene.server = restarted;
    drop((talking, trunk));

    reader.read_on(&scene.server).await;
    let mut whole = EventReader::default();
    whole.read_on(&scene.server).await;
    assert_eq!(reader.events, whole.events);
    let numbers: Vec<u64> =
        whole.events.iter().map(|event| event["id"].as_str().unwrap().parse().unwrap()).collect();
    assert!(numbers.is_sorted_by(|one, next| one < next), "{numbers:?}");
    let interrupted: HashSet<_> =
        reader.of_type("trunkline.call.interrupted").map(|event| &event["subject"]).collect();
    assert_eq!(interrupted.len(), live.len(), "each call that was up ends once");
    assert!(interrupted.iter().all(|call| live.contains(call.as_str().unwrap())));
    assert_eq!(reader.of_type("trunkline.call.started").count(), 23);
}

/// A stream of events (Server-Sent Events), and the ids of what has come of it.
struct Stream {
    answer: Response,
    /// What has come of an event that is not whole yet.
    rest: String,
}

impl Stream {
    async fn open(server: &Process, last: Option<&str>) -> Self {
        let asking = reqwest::Client::new().get(format!("http://{}/v1/events?after=0", server.http));
        let asking = asking.bearer_auth("office-token").header("accept", "text/event-stream");
        let asking = last.into_iter().fold(asking, |asking, last| asking.header("last-event-id", last));
        Self { answer: asking.send().await.unwrap(), rest: String::new() }
    }

    /// Adds the ids of what comes, until it is enough or the stream breaks off.
    async fn read(&mut self, ids: &mut Vec<String>, is_enough: impl Fn(&[String]) -> bool) {
        while !is_enough(ids) {
            let Ok(Some(bytes)) = self.answer.chunk().await else { return };
            self.rest.push_str(std::str::from_utf8(&bytes).unwrap());
            while let Some((event, rest)) = self.rest.split_once("\n\n") {
                ids.extend(event.lines().find_map(|line| line.strip_prefix("id: ")).map(str::to_owned));
                self.rest = rest.to_owned();
            }
        }
    }
}

/// The numbers of the office's events in the journal of a server that is not there.
async fn journal(data: &std::path::Path) -> Vec<String> {
    let history = SqliteHistory::open(OpenOptions::new(data)).unwrap();
    let (mut after, mut numbers) = (0, Vec::new());
    loop {
        let query = LogQuery { filter: LogFilter::of(&[AccountId(1234)]), after, limit: 100 };
        let page = history.events(query).await.unwrap();
        if page.through == after {
            return numbers;
        }
        numbers.extend(page.entries.iter().map(|entry| entry.number.to_string()));
        after = page.through;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_a_crash_cuts_off_goes_on_where_it_was_and_is_the_journal() {
    let mut scene = Scene::with(&[("TRUNKLINE__MEDIA__MODE", "direct")]);
    let mut stream = Stream::open(&scene.server, None).await;
    let reading = tokio::spawn(async move {
        let mut ids = Vec::new();
        stream.read(&mut ids, |_| false).await;
        ids
    });
    let trunk = scene.first(Sipp::scenario("uas-answer").calls(1_000).without_messages()).await;
    // Calls begin and end all the time.
    let calls = scene.caller("uac-answered").calls(400).rate(50).talk(Duration::from_millis(500));
    let calls = calls.without_messages().spawn().await.unwrap();
    wait_until("calls are over", async || scene.server.metric(RECORDED).await > 20).await;

    let restarted = scene.setup.start_after(scene.server);
    scene.server = restarted;
    drop((calls, trunk));

    let mut ids = reading.await.unwrap();
    let read_before = ids.len();
    let mut whole = EventReader::default();
    whole.read_on(&scene.server).await;
    let last = whole.events.last().unwrap()["id"].as_str().unwrap().to_owned();
    let mut stream = Stream::open(&scene.server, ids.last().map(String::as_str)).await;
    stream.read(&mut ids, |ids| ids.last() == Some(&last)).await;
    assert!(read_before > 100 && ids.len() > read_before, "{read_before} of {}", ids.len());
    scene.server.tell_to_stop();
    scene.server.ended().await;
    assert_eq!(ids, journal(&scene.setup.data()).await);
}
