//! What the tests of both kinds of call records share.

use std::time::Duration;

use call::Timestamp;
use serde_json::Value;

use crate::harness::{NOW, Server};

/// A page of a list.
pub struct Found {
    pub body: Value,
    pub data: Vec<Value>,
    pub ids: Vec<String>,
    pub total: u64,
}

impl Found {
    /// An attribute's text, of each.
    pub fn shown(&self, attribute: &str) -> Vec<String> {
        let text = |resource: &Value| resource["attributes"][attribute].as_str().unwrap().to_owned();
        self.data.iter().map(text).collect()
    }
}

/// Some minutes ago.
pub fn ago(minutes: u64) -> Timestamp {
    NOW - Duration::from_secs(60 * minutes)
}

/// A page of a list.
pub async fn list(server: &Server, login: &str, path: &str, query: &str) -> Found {
    let answer = server.yeti_get(login, &format!("{path}?{query}")).send().await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    let body = answer.json();
    let data = body["data"].as_array().unwrap().clone();
    let ids = data.iter().map(|resource| resource["id"].as_str().unwrap().to_owned()).collect();
    let total = body["meta"]["total-count"].as_u64().unwrap();
    Found { body, data, ids, total }
}

/// Checks for each record and attribute that it is found by the value that it shows, not found by the opposite,
/// and that the list can be sorted by it.
pub async fn check_every_attribute(server: &Server, path: &str) {
    let all = list(server, "ann", path, "").await;
    let (mut compared, mut sorted) = (0, 0);
    for (id, resource) in all.ids.iter().zip(&all.data) {
        for (name, value) in resource["attributes"].as_object().unwrap() {
            if name == "rec" {
                continue;
            }
            let order = list(server, "ann", path, &format!("sort=-{name},id")).await;
            assert_eq!(order.total, all.total, "{name}");
            sorted += 1;
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let text: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
            if value.is_null() || text.is_empty() {
                continue;
            }
            let found = |operator: &str| format!("filter[{name}-{operator}]={text}");
            assert!(list(server, "ann", path, &found("eq")).await.ids.contains(id), "{name}");
            assert!(!list(server, "ann", path, &found("not-eq")).await.ids.contains(id), "{name}");
            compared += 1;
        }
    }
    assert!(compared > 15 * all.ids.len() && sorted > 25 * all.ids.len(), "{compared} {sorted}");
}
