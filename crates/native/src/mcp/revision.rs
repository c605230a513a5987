//! Which revision of the protocol a request speaks, and what that asks of it and of its answer.
//!
//! Up to 2025-11-25 a client and a server agree on a revision first (`initialize`). From 2026-07-28 on each request says
//! which it speaks, in its parameters, and in header fields what it is about.

use axum::http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

use super::message::Fault;

/// Those that are agreed on; the first is the latest.
const AGREED: [&str; 3] = ["2025-11-25", "2025-06-18", "2025-03-26"];
/// The one that each request names.
const NAMED: &str = "2026-07-28";

const HEADER: &str = "mcp-protocol-version";
const METHOD: &str = "mcp-method";
const NAME: &str = "mcp-name";
const VERSION: &str = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
const SERVER: &str = "io.modelcontextprotocol/serverInfo";

/// How a request says which revision it speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revision {
    /// It was agreed on before.
    Agreed,
    /// The request names it.
    Named,
}

impl Revision {
    /// That of a request, by its header.
    pub fn of(headers: &HeaderMap) -> Result<Self, Fault> {
        match headers.get(HEADER).map(|sent| sent.to_str().unwrap_or_default()) {
            Some(NAMED) => Ok(Self::Named),
            None => Ok(Self::Agreed),
            Some(sent) if AGREED.contains(&sent) => Ok(Self::Agreed),
            Some(sent) => Err(Fault::revision(sent, &known())),
        }
    }

    /// What a client that greets is answered: the revision that it wants, if it is one that is agreed on, else the
    /// latest of them.
    pub fn agree(wanted: Option<&str>) -> &'static str {
        AGREED.into_iter().find(|revision| Some(*revision) == wanted).unwrap_or(AGREED[0])
    }

    /// Whether a request says of itself what its revision asks for, and the same in its header fields.
    pub fn check(
        self,
        headers: &HeaderMap,
        method: &str,
        parameters: &Map<String, Value>,
    ) -> Result<(), Fault> {
        if self == Self::Agreed {
            return Ok(());
        }
        let own = parameters.get("_meta").and_then(Value::as_object);
        let version = own.and_then(|own| own.get(VERSION)).and_then(Value::as_str);
        if own.is_none_or(|own| !own.get(CAPABILITIES).is_some_and(Value::is_object)) || version.is_none() {
            return Err(Fault::parameters(format!(
                "_meta lacks {VERSION} (a text) or {CAPABILITIES} (an object)"
            )));
        }
        let name = parameters.get("name").and_then(Value::as_str).filter(|_| method == "tools/call");
        let said = |header: &str| headers.get(header).and_then(|sent| sent.to_str().ok());
        let wanted = [(HEADER, version), (METHOD, Some(method)), (NAME, name)];
        let other = wanted.into_iter().find(|(header, told)| told.is_some() && said(header) != *told);
        other.map_or(Ok(()), |(header, _)| Err(Fault::header(header)))
    }

    /// A result with what the revision has in each.
    pub fn complete(self, method: &str, mut result: Value) -> Value {
        if let (Self::Named, Some(members)) = (self, result.as_object_mut()) {
            members.insert("resultType".to_owned(), json!("complete"));
            members.insert("_meta".to_owned(), json!({ SERVER: server() }));
            if method != "tools/call" {
                // What somebody may do can change at any time.
                members.extend([("ttlMs".to_owned(), json!(0)), ("cacheScope".to_owned(), json!("private"))]);
            }
        }
        result
    }

    /// The status that a request is answered with which is not carried out.
    pub fn status(self, fault: &Fault) -> StatusCode {
        match self {
            Self::Agreed => StatusCode::OK,
            Self::Named if fault.is_unknown_method() => StatusCode::NOT_FOUND,
            Self::Named => StatusCode::BAD_REQUEST,
        }
    }
}

/// All that are spoken, the latest first.
pub fn known() -> Vec<&'static str> {
    [NAMED].into_iter().chain(AGREED).collect()
}

/// Who answers.
pub fn server() -> Value {
    json!({ "name": "trunkline", "title": "Trunkline", "version": env!("CARGO_PKG_VERSION") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(all: &[(&'static str, &'static str)]) -> HeaderMap {
        all.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn the_header_says_how_a_request_tells_its_revision() {
        assert_eq!(Revision::of(&headers(&[])).unwrap(), Revision::Agreed);
        assert_eq!(Revision::of(&headers(&[(HEADER, "2025-06-18")])).unwrap(), Revision::Agreed);
        assert_eq!(Revision::of(&headers(&[(HEADER, "2026-07-28")])).unwrap(), Revision::Named);
        assert!(Revision::of(&headers(&[(HEADER, "2031-01-01")])).is_err());
        assert_eq!(Revision::agree(Some(NAMED)), "2025-11-25", "that one is not agreed on");
    }

    #[test]
    fn a_request_that_names_its_revision_says_the_same_in_its_header_fields() {
        let own = json!({ VERSION: NAMED, CAPABILITIES: {} });
        let Value::Object(call) = json!({ "name": "get_call", "_meta": own }) else { panic!() };
        let right = [(HEADER, NAMED), (METHOD, "tools/call"), (NAME, "get_call")];
        assert!(Revision::Named.check(&headers(&right), "tools/call", &call).is_ok());
        for (place, value) in [(0, "2025-11-25"), (1, "tools/list"), (2, "place_call")] {
            let mut wrong = right;
            wrong[place].1 = value;
            assert!(Revision::Named.check(&headers(&wrong), "tools/call", &call).is_err(), "{wrong:?}");
            let mut short = right.to_vec();
            short.remove(place);
            assert!(Revision::Named.check(&headers(&short), "tools/call", &call).is_err(), "{short:?}");
        }
        for own in [json!({}), json!({ VERSION: NAMED }), json!({ CAPABILITIES: {} }), json!("none")] {
            let Value::Object(list) = json!({ "_meta": own }) else { panic!() };
            assert!(Revision::Named.check(&headers(&right), "tools/call", &list).is_err());
        }
        assert!(Revision::Agreed.check(&headers(&[]), "tools/call", &Map::new()).is_ok());
    }

    #[test]
    fn results_of_it_say_who_answers_and_how_long_they_are_good_for() {
        let listed = Revision::Named.complete("tools/list", json!({ "tools": [] }));
        assert_eq!((&listed["resultType"], &listed["ttlMs"]), (&json!("complete"), &json!(0)));
        assert_eq!(listed["_meta"][SERVER]["name"], "trunkline");
        assert!(Revision::Named.complete("tools/call", json!({})).get("ttlMs").is_none());
        assert_eq!(Revision::Agreed.complete("tools/list", json!({ "tools": [] })), json!({ "tools": [] }));
    }
}
