//! Messages of JSON-RPC 2.0.

use serde::Serialize;
use serde_json::{Map, Value, json};

/// A message of a client.
pub enum Message {
    /// Something is asked.
    Request {
        /// The client's name for it.
        id: Value,
        /// What.
        method: String,
        /// And about what.
        parameters: Map<String, Value>,
    },
    /// Something is told, or an answer to what was not asked: nothing comes of either.
    Notification,
}

/// An answer.
#[derive(Serialize)]
pub struct Answer {
    jsonrpc: &'static str,
    id: Value,
    #[serde(flatten)]
    outcome: Outcome,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Result(Value),
    Error(Fault),
}

/// Why a request is not carried out.
#[derive(Debug, Serialize)]
pub struct Fault {
    code: i32,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Box<Value>>,
}

const UNKNOWN_METHOD: i32 = -32601;

impl Fault {
    /// It is no request.
    fn invalid(message: &str) -> Self {
        Self::new(-32600, message)
    }

    /// There is no such method.
    pub fn unknown_method(method: &str) -> Self {
        Self::new(UNKNOWN_METHOD, format!("There is no method {method:?}"))
    }

    /// The parameters are not those of the method.
    pub fn parameters(message: impl Into<String>) -> Self {
        Self::new(-32602, message)
    }

    /// A header field does not say what the message says.
    pub fn header(name: &str) -> Self {
        Self::new(-32020, format!("The header field {name} does not say what the message says"))
    }

    /// It speaks a revision that is not spoken here.
    pub fn revision(requested: &str, supported: &[&str]) -> Self {
        let data = json!({ "supported": supported, "requested": requested });
        Self {
            data: Some(Box::new(data)),
            ..Self::new(-32022, "This revision of the protocol is not spoken here")
        }
    }

    /// Whether it asks for what there is not.
    pub fn is_unknown_method(&self) -> bool {
        self.code == UNKNOWN_METHOD
    }

    fn new(code: i32, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None }
    }
}

impl Message {
    /// Reads one; of one that is none, its id.
    pub fn read(mut members: Map<String, Value>) -> Result<Self, (Value, Fault)> {
        let id = members.remove("id").unwrap_or_default();
        if members.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
            return Err((id, Fault::invalid("jsonrpc is not \"2.0\"")));
        }
        let is_answer = members.contains_key("result") || members.contains_key("error");
        let method = match members.remove("method") {
            Some(Value::String(method)) => method,
            None if is_answer => return Ok(Self::Notification),
            _ => return Err((id, Fault::invalid("method is no text"))),
        };
        let parameters = match members.remove("params") {
            None => Map::new(),
            Some(Value::Object(parameters)) => parameters,
            Some(_) => return Err((id, Fault::parameters("params is no object"))),
        };
        match id {
            Value::Null => Ok(Self::Notification),
            Value::String(_) | Value::Number(_) => Ok(Self::Request { id, method, parameters }),
            _ => Err((Value::Null, Fault::invalid("id is neither a text nor a number"))),
        }
    }
}

impl Answer {
    /// What has come of a request.
    pub fn new(id: Value, result: Result<Value, Fault>) -> Self {
        let outcome = result.map_or_else(Outcome::Error, Outcome::Result);
        Self { jsonrpc: "2.0", id, outcome }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(sent: Value) -> Result<Message, (Value, Fault)> {
        let Value::Object(members) = sent else { panic!("{sent} is no object") };
        Message::read(members)
    }

    #[test]
    fn requests_have_an_id_and_notifications_have_none() {
        let request = read(json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" }));
        assert!(matches!(request, Ok(Message::Request { method, .. }) if method == "ping"));
        let notification = read(json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        assert!(matches!(notification, Ok(Message::Notification)));
        let answer = read(json!({ "jsonrpc": "2.0", "id": 1, "result": {} }));
        assert!(matches!(answer, Ok(Message::Notification)));
    }

    #[test]
    fn what_is_no_message_is_told_with_its_id() {
        for (sent, code) in [
            (json!({ "id": "a", "method": "ping" }), -32600),
            (json!({ "jsonrpc": "2.0", "id": "a" }), -32600),
            (json!({ "jsonrpc": "2.0", "id": "a", "method": 1 }), -32600),
            (json!({ "jsonrpc": "2.0", "id": "a", "method": "ping", "params": [] }), -32602),
        ] {
            let Err((id, fault)) = read(sent.clone()) else { panic!("{sent} is none") };
            assert_eq!((id, fault.code), (json!("a"), code), "{sent}");
        }
        assert!(read(json!({ "jsonrpc": "2.0", "id": [], "method": "ping" })).is_err());
    }

    #[test]
    fn an_answer_has_a_result_or_an_error() {
        let text = |result| serde_json::to_value(Answer::new(json!(7), result)).unwrap();
        assert_eq!(text(Ok(json!({}))), json!({ "jsonrpc": "2.0", "id": 7, "result": {} }));
        let unknown = text(Err(Fault::unknown_method("fly")));
        assert_eq!(unknown["error"], json!({ "code": -32601, "message": "There is no method \"fly\"" }));
    }
}
