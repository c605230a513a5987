//! What each tool takes, as JSON Schema.

use serde_json::{Value, json};

use super::Tool;

/// The arguments of a tool.
pub(super) fn of(tool: Tool) -> Value {
    match tool {
        Tool::SearchCalls => object(
            &[],
            json!({
                "from": text("From this instant on, as 2026-01-01T00:00:00Z"),
                "until": text("Until this instant; now, if absent"),
                "caller": text("The caller's number has these digits"),
                "called": text("The called number has these digits"),
                "direction": one_of(&["outbound", "inbound"]),
                "outcome": one_of(&["answered", "unanswered"]),
                "least_seconds": whole("Connected at least so long"),
                "notes": text("What was noted has this text"),
                "limit": whole("Calls of an answer, at most 1000; 100 if absent"),
                "after": text("`next` of the answer before, to go on"),
                "count": { "type": "boolean", "description": "Whether to say how many there are" },
            }),
        ),
        Tool::GetCall | Tool::HangUpCall => object(&["call"], json!({ "call": text("The call's id") })),
        Tool::LiveCalls => object(
            &[],
            json!({
                "state": one_of(&["dialing", "ringing", "talking", "on-hold", "transferring"]),
                "direction": one_of(&["outbound", "inbound"]),
                "text": text("A number or a name of a party has this text"),
                "trunk": text("Over the trunk of this name"),
                "extension": text("With this extension"),
                "group_by": one_of(&["account", "state", "trunk", "extension", "country", "direction"]),
                "limit": whole("Calls of an answer, at most 1000; 100 if absent"),
                "after": text("`next` of the answer before, to go on"),
            }),
        ),
        Tool::ActiveCallsOverTime => object(
            &[],
            json!({
                "from": text("From this instant on; an hour ago, if absent"),
                "until": text("Until this instant; now, if absent"),
                "step": whole("Seconds between two instants; 60 if absent"),
                "direction": one_of(&["outbound", "inbound"]),
                "country": text("To numbers of this country, as DE"),
                "prefix": text("To numbers that begin with these digits"),
            }),
        ),
        Tool::CostOfNumber => object(
            &["number"],
            json!({
                "number": text("The number, with + and its country code"),
                "seconds": whole("How long the call is; 60 if absent"),
            }),
        ),
        Tool::PlaceCall => object(
            &["from", "to"],
            json!({
                "from": text("Who is rung first: an extension, or a number with +"),
                "to": text("Whom it then calls: an extension, or a number with +"),
            }),
        ),
    }
}

fn object(required: &[&str], properties: Value) -> Value {
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn text(about: &str) -> Value {
    json!({ "type": "string", "description": about })
}

fn whole(about: &str) -> Value {
    json!({ "type": "integer", "minimum": 0, "description": about })
}

fn one_of(words: &[&str]) -> Value {
    json!({ "type": "string", "enum": words })
}
