//! Three softphones and a program that do what lines of text say.

use std::{collections::BTreeMap, time::Duration};

use serde_json::json;
use testkit::{
    baresip::{Answering, Baresip, Setup},
    sipp::{Sipp, SippRun},
};

use crate::{
    directory::SECRET,
    harness::{vonage, wait_until},
    scene::{Scene, Seen},
};

/// Longer than any test.
const LIMIT: Duration = Duration::from_secs(120);

/// The phones and the server.
pub struct Stage {
    scene: Scene,
    phones: BTreeMap<String, Phone>,
}

struct Phone {
    line: Line,
    /// How many lines of its ladder have been waited for.
    awaited: usize,
}

enum Line {
    /// It does as it is told.
    Softphone(Baresip),
    /// It does as its scenario says.
    Scripted(SippRun),
}

impl Stage {
    pub fn new(scene: Scene) -> Self {
        Self { scene, phones: BTreeMap::new() }
    }

    /// Does what a line says, and waits until it has been done.
    ///
    /// `A`, `B` and `C` are the phones of the extensions 1001 to 1003. A line begins with one of them, or with
    /// `program` for a client of the API:
    ///
    /// | line | |
    /// | --- | --- |
    /// | `B is there` | registers |
    /// | `B is there as SCENARIO` | the same, as a phone that does by itself what a scenario of SIPp says |
    /// | `A calls 1002`, `B rings`, `B answers`, `B refuses`, `A talks` | |
    /// | `B holds`, `B resumes`, `B hangs up`, `B refers to 1003` | |
    /// | `A takes INVITE sendonly` | waits for such a request and its answer, after those waited for before |
    /// | `program places 1001 to 1003` | click-to-dial |
    /// | `program parks 1002` | whom that extension talks to |
    pub async fn carry_out(&mut self, line: &str) {
        let words: Vec<_> = line.split(' ').collect();
        match words.as_slice() {
            ["program", "places", from, "to", to] => self.place(from, to).await,
            ["program", "parks", from] => self.park(from).await,
            [name, "is", "there"] => self.register(name).await,
            [name, "is", "there", "as", scenario] => self.register_script(name, scenario).await,
            [name, verb @ ..] => self.phone(name).does(verb).await,
            [] => panic!("an empty line"),
        }
    }

    async fn register(&mut self, name: &str) {
        let (user, tone) = match name {
            "A" => ("1001", 400),
            "B" => ("1002", 700),
            _ => ("1003", 1_100),
        };
        let answering = Answering::ByHand;
        let setup = Setup { server: self.scene.server.sip, user, secret: SECRET, tone, answering };
        let softphone = Baresip::start(setup).await.unwrap();
        self.add(name, Line::Softphone(softphone));
    }

    async fn register_script(&mut self, name: &str, scenario: &str) {
        let domain = self.scene.server.sip;
        let scenario = Sipp::scenario(scenario).target(domain).credentials("1002", SECRET);
        let scenario = scenario.key("domain", domain).then_calling("1003").time_limit(LIMIT);
        let run = self.scene.phone("1002", scenario).await;
        self.add(name, Line::Scripted(run));
    }

    fn add(&mut self, name: &str, line: Line) {
        self.phones.insert(name.to_owned(), Phone { line, awaited: 0 });
    }

    fn phone(&mut self, name: &str) -> &mut Phone {
        self.phones.get_mut(name).unwrap_or_else(|| panic!("no phone {name} is there"))
    }

    async fn place(&self, from: &str, to: &str) {
        let party = |number: &str| json!({ "destination": number, "type": "extension" });
        let call = json!({ "from": party(from), "to": party(to), "type": "click2dial" });
        vonage::post(&self.scene.server, "/cc/accounts/1234/calls", &call).await;
    }

    async fn park(&self, from: &str) {
        let calls = vonage::calls(&self.scene.server).await;
        let path = format!("/cc/accounts/1234/calls/{}", calls[0]["call_id"].as_str().unwrap());
        let from = json!({ "destination": from, "type": "extension" });
        let order = json!({ "state": "parked", "from": from });
        assert_eq!(vonage::put(&self.scene.server, &path, &order).await.0, 200);
    }

    /// What the phones sent and received, and what the records say, so many, a block of text for each.
    pub async fn end(self, records: usize) -> Vec<String> {
        let no_call = async || vonage::calls(&self.scene.server).await.is_empty();
        wait_until("no call is live", no_call).await;
        let is_settled = async || self.phones.values().all(Phone::is_settled);
        wait_until("all requests are answered", is_settled).await;
        let ladders =
            self.phones.iter().map(|(name, phone)| format!("{name}\n{}", phone.ladder().join("\n")));
        let mut blocks: Vec<_> = ladders.collect();
        blocks.extend(self.scene.all_calls(records as u64).await.iter().map(record));
        blocks
    }
}

impl Phone {
    async fn does(&mut self, verb: &[&str]) {
        if let ["takes", request @ ..] = verb {
            return self.takes(&request.join(" ")).await;
        }
        let Line::Softphone(phone) = &mut self.line else { panic!("its scenario says what it does") };
        match verb {
            ["calls", number] => phone.dial(number).await.unwrap(),
            ["rings"] => drop(phone.expect("CALL_INCOMING").await.unwrap()),
            ["answers"] => phone.accept().await.unwrap(),
            ["refuses"] | ["hangs", "up"] => phone.hang_up().await.unwrap(),
            ["talks"] => drop(phone.expect("CALL_ESTABLISHED").await.unwrap()),
            ["holds"] => phone.hold().await.unwrap(),
            ["resumes"] => phone.resume().await.unwrap(),
            ["refers", "to", number] => phone.transfer(number).await.unwrap(),
            _ => panic!("no phone can do {verb:?}"),
        }
    }

    fn ladder(&self) -> Vec<String> {
        match &self.line {
            Line::Softphone(phone) => phone.ladder(),
            Line::Scripted(run) => run.messages().unwrap().ladder(),
        }
    }

    /// Waits for a request that the phone accepts.
    async fn takes(&mut self, request: &str) {
        let wanted = format!("< {request} 200");
        let found = || self.ladder().iter().skip(self.awaited).position(|line| *line == wanted);
        wait_until(&format!("{wanted} in {:?}", self.ladder()), async || found().is_some()).await;
        self.awaited += found().unwrap() + 1;
    }

    fn is_settled(&self) -> bool {
        !self.ladder().iter().any(|line| line.ends_with("unanswered"))
    }
}

/// A call's record as text. Of its times, which are never twice the same, only what they are made of.
fn record(seen: &Seen) -> String {
    let mut lines = vec!["record".to_owned()];
    let texts = ["Type", "CallerNumber", "AnsweredBy", "TransferToNumber", "TransferToName"];
    let given = texts.iter().filter_map(|name| Some((name, seen.record[*name].as_str()?)));
    lines.extend(given.map(|(name, text)| format!("{name} {text}")));
    lines.push(format!("HoldCount {}", seen.record["HoldCount"]));
    let parts = ["Ring", "Talk", "Hold", "Transfer"];
    let spent = parts.into_iter().filter(|part| seen.seconds(&format!("{part}TimeInSeconds")) > 0.0);
    lines.push(format!("time {}", spent.collect::<Vec<_>>().join("+")));
    seen.assert_times_add_up();
    let interactions = seen.record["Interactions"].as_array().unwrap();
    lines.extend(interactions.iter().map(|interaction| {
        let text = |member: &str| interaction[member].as_str().unwrap();
        format!("{:<17}  {}", text("Type"), text("Description"))
    }));
    lines.join("\n")
}
