//! One generator of texts, filters and records for the searches of all dialects: lists, reports, lists of live calls and
//! exports of Yeti, call logs of Vonage and the native live list find what looking at each call letter by letter finds.
//! HostedSuite has no filter of texts; what its filters find is in `hostedsuite/property.rs`.

use std::time::Duration;

use call::{
    AccountId, Number,
    filter::{TextKind, TextOperator},
};
use history::export::ExportFormat;
use http_core::config::StaticToken;
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};
use switch::simulated::Party;
use testkit::texts::{TEXTS, passes};
use yeti::export::CdrFile;

use crate::harness::{NOW, Server, Talk};

/// The uuid of Acme's office.
const OFFICE: &str = crate::yeti::OFFICE;

/// The operators of lists, of reports, and what they mean.
const OPERATORS: [(&str, Option<&str>, TextOperator); 6] = [
    ("eq", Some("eq"), TextOperator::Is),
    ("not_eq", None, TextOperator::IsNot),
    ("start", Some("starts-with"), TextOperator::StartsWith),
    ("end", Some("ends-with"), TextOperator::EndsWith),
    ("cont", Some("contains"), TextOperator::Contains),
    ("cont_any", None, TextOperator::Contains),
];

/// A server with a finished call and one that goes on for each text: it is their `User-Agent` and the number called.
pub struct World {
    pub server: Server,
    texts: Vec<String>,
}

impl World {
    pub async fn of(texts: Vec<String>) -> Self {
        let token = StaticToken::of("acme-office", AccountId(1001));
        let server = Server::start_with(|config| config.http.tokens = vec![token].into()).await;
        for text in &texts {
            let (mut caller, called) = (server.phone("acme-101"), server.outside("acme-trunk", text));
            caller.sip.as_mut().unwrap().user_agent = Some(text.as_str().into());
            let caller = Party { number: text.as_str().into(), ..caller };
            let (answered_after, talked) = (Duration::from_secs(2), Duration::from_secs(10));
            let ago = |minutes: u64| NOW - Duration::from_secs(60 * minutes);
            let talk = Talk { began_at: ago(10), answered_after, talked };
            server.talked_call(caller.clone(), called.clone(), talk).await;
            server.live_call(caller, called, Talk { began_at: ago(1), ..talk }).await;
        }
        Self { server, texts }
    }

    /// How many of the texts pass a test, as they are or as they are routed.
    fn expected(&self, kind: TextKind, operator: TextOperator, value: &str) -> u64 {
        let values = [value.to_owned()];
        let routed = |text: &str| match kind {
            TextKind::Number => Number::from(text).without_separators().to_string(),
            TextKind::Plain | TextKind::Address => text.to_owned(),
        };
        self.texts.iter().filter(|text| passes(kind, operator, &values, &routed(text))).count() as u64
    }

    /// Everything that takes a text is asked for one.
    async fn check(&self, value: &str) {
        for (listing, reporting, operator) in OPERATORS {
            let case = format!("{operator:?} {value:?} of {:?}", self.texts);
            let plain = self.expected(TextKind::Plain, operator, value);
            assert_eq!(self.listed(&format!("lega_user_agent_{listing}"), value).await, plain, "{case}");
            let number = self.expected(TextKind::Number, operator, value);
            assert_eq!(self.listed(&format!("dst_prefix_routing_{listing}"), value).await, number, "{case}");
            // Reports take away blanks around a number.
            if let Some(reporting) = reporting.filter(|_| value.trim() == value) {
                let test = format!("dst-prefix-routing-{reporting}={}", escaped(value));
                assert_eq!(self.in_statistics(&test).await, number, "{case} in statistics");
                assert_eq!(self.going_on(&test).await, number, "{case} of live calls");
            }
        }
        if value.trim() == value {
            let same = self.expected(TextKind::Number, TextOperator::Is, value);
            assert_eq!(self.exported(value).await, same, "{value:?} in an export of {:?}", self.texts);
        }
        self.check_numbers(value).await;
    }

    /// What takes the number as it was dialed.
    async fn check_numbers(&self, value: &str) {
        let count = |operator| {
            let values = [value.to_owned()];
            let found = self.texts.iter().filter(|text| passes(TextKind::Number, operator, &values, text));
            found.count() as u64
        };
        let logs = "/t/vbc.prod/reports/v1/accounts/1001/call-logs?start:gte=2026-01-01%2000:00:00&start:lte=2026-01-03%2000:00:00";
        let logs = self.get(&format!("{logs}&to={}", escaped(value))).await;
        assert_eq!(
            logs["total_items"],
            count(TextOperator::Is),
            "{value:?} in call logs of {:?}",
            self.texts
        );
        let live = self.get(&format!("/v1/calls?text={}", escaped(value))).await;
        let named = ["Ann Lee", "acme-trunk"]
            .iter()
            .any(|name| passes(TextKind::Plain, TextOperator::Contains, &[value.to_owned()], name));
        let with = if named { self.texts.len() as u64 } else { count(TextOperator::Contains) };
        assert_eq!(live["count"], with, "{value:?} in live calls of {:?}", self.texts);
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.server.get(path).header("authorization", "Bearer acme-office").send().await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    async fn yeti(&self, path: &str) -> Value {
        let answer = self.server.yeti_get("ann", path).send().await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    async fn listed(&self, filter: &str, value: &str) -> u64 {
        let value = escaped(&format!("\"{}\"", value.replace('"', "\"\"")));
        let list = self.yeti(&format!("/cdrs?page[size]=1&filter[{filter}]={value}")).await;
        list["meta"]["total-count"].as_u64().unwrap()
    }

    async fn in_statistics(&self, test: &str) -> u64 {
        let time = "from-time=2026-01-02T11:45:00Z&to-time=2026-01-02T11:55:00Z";
        let path = format!("/origination-statistics?account-id={OFFICE}&{time}&sampling=hour&{test}");
        let report = self.yeti(&path).await;
        if report["rows"] == 0 { 0 } else { report["data"]["total_calls"][0].as_u64().unwrap() }
    }

    async fn going_on(&self, test: &str) -> u64 {
        let list = self.yeti(&format!("/outgoing-active-calls?account-id={OFFICE}&{test}")).await;
        list["rows"].as_u64().unwrap()
    }

    async fn exported(&self, value: &str) -> u64 {
        let request = json!({
            "started_from_micros": 0, "started_before_micros": i64::MAX, "answered": null, "seconds": null,
            "seconds_from": null, "seconds_to": null, "caller": value, "called": value, "time_format": null,
            "time_zone": "Unsaid"
        });
        let opened = CdrFile::ALL[0].open(AccountId(1001), &request.to_string()).unwrap();
        self.server.app.history.search(opened.query).await.unwrap().records.len() as u64
    }
}

pub fn escaped(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn every_search_finds_the_same_by_texts_that_are_alike() {
    let world = World::of(TEXTS.iter().map(|text| (*text).to_owned()).collect()).await;
    for value in TEXTS.iter().filter(|value| !value.is_empty()) {
        world.check(value).await;
    }
}

/// What is told apart by case, by a `+`, by a pattern's signs or not at all, in any order.
fn a_text() -> impl Strategy<Value = String> {
    let letter = select("+0149 aAbBiİıIΣσςßẞÏïKk%_*\\\"',.-()".chars().collect::<Vec<_>>());
    let made = vec(letter, 1..6).prop_map(String::from_iter);
    prop_oneof![2 => made, 1 => select(TEXTS).prop_map(str::to_owned)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn every_search_finds_what_a_look_at_every_call_finds(
        texts in vec(a_text(), 1..12),
        asked in vec(a_text().prop_filter("nothing is no filter", |text| !text.is_empty()), 4),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let own: Vec<_> = texts.iter().filter(|text| !text.is_empty()).take(2).cloned().collect();
            let world = World::of(texts).await;
            for value in asked.iter().chain(&own) {
                world.check(value).await;
            }
        });
    }
}
