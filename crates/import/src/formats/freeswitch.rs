//! JSON of FreeSWITCH's `mod_json_cdr`. The leg that called in tells of the whole call; legs that it called out
//! (`log-b-leg`) are passed over.

use call::event::EndCause;
use serde_json::{Map, Value};

use super::needed;
use crate::{
    field::{Field, Mistake},
    foreign::{EndedBy, ForeignCall, ForeignParty},
    source::{Passed, Understood},
};

/// Understands a document.
pub(crate) fn read(document: &Value) -> Result<Understood, Mistake> {
    let variables = document.get("variables").and_then(Value::as_object);
    let variables = variables.ok_or_else(|| Mistake::new("variables", "", "what mod_json_cdr writes"))?;
    let variables = Variables { variables, profile: profile(document) };
    let is_called_out = variables.text("direction") == "outbound";
    if is_called_out
        && !(variables.text("originator").is_empty() && variables.text("originating_leg_uuid").is_empty())
    {
        return Ok(Understood::PassedOver(Passed::CalledLeg));
    }
    let time = |name: &'static str| Field::new(name, &variables.text(name)).microseconds();
    let started_at = needed(time("start_uepoch"), "start_uepoch", "microseconds since 1970")?;
    let ended_at = needed(time("end_uepoch"), "end_uepoch", "microseconds since 1970")?;
    let answered_at = time("answer_uepoch")?;
    let rang_at = time("progress_uepoch")?.into_iter().chain(time("progress_media_uepoch")?).min();
    let cause = cause(&variables.text("hangup_cause"));
    let status = Field::new("sip_term_status", &variables.text("sip_term_status"))
        .status(Field::new("sip_hangup_phrase", &variables.text("sip_hangup_phrase")))?;
    let call = ForeignCall {
        identity: needed(Ok(variables.given("uuid")), "uuid", "the id of the channel")?,
        started_at,
        ringing_at: rang_at
            .filter(|rang_at| (started_at..=answered_at.unwrap_or(ended_at)).contains(rang_at)),
        answered_at,
        ended_at,
        caller: variables.caller()?,
        caller_name: Field::new("caller_id_name", &variables.either("caller_id_name", "caller_id_name"))
            .text()?,
        called: variables.called()?,
        cause,
        ended_by: match variables.text("sip_hangup_disposition").as_str() {
            "recv_bye" | "recv_cancel" => EndedBy::Caller,
            "send_bye" => EndedBy::Called,
            _ => EndedBy::Switch,
        },
        status,
    };
    Ok(call.into())
}

/// The profile of the caller in the first part of the call's flow.
fn profile(document: &Value) -> Option<&Map<String, Value>> {
    let flow = document.get("callflow")?;
    let first = flow.as_array().and_then(|parts| parts.last()).unwrap_or(flow);
    first.get("caller_profile")?.as_object()
}

struct Variables<'a> {
    variables: &'a Map<String, Value>,
    profile: Option<&'a Map<String, Value>>,
}

impl Variables<'_> {
    /// Empty if it is not there. Values are written as in a URL (`encode-values`).
    fn text(&self, name: &str) -> String {
        self.variables.get(name).map(text).unwrap_or_default()
    }

    fn given(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// A variable; else what the caller's profile says.
    fn either(&self, variable: &str, of_profile: &str) -> String {
        let profile = || self.profile.and_then(|profile| profile.get(of_profile)).map(text);
        self.given(variable).or_else(profile).unwrap_or_default()
    }

    fn caller(&self) -> Result<ForeignParty, Mistake> {
        let address = self.either("sip_network_ip", "network_addr");
        let port = self.text("sip_network_port");
        Ok(ForeignParty {
            number: Field::new("caller_id_number", &self.either("caller_id_number", "caller_id_number"))
                .text()?
                .unwrap_or_else(|| "".into()),
            account: self.given("accountcode"),
            endpoint: self.given("sip_gateway_name").or_else(|| self.given("sip_auth_username")),
            sip_call_id: Field::new("sip_call_id", &self.text("sip_call_id")).text()?,
            address: Field::new("sip_network_ip", &address).address(Field::new("sip_network_port", &port))?,
            user_agent: Field::new("sip_user_agent", &self.text("sip_user_agent")).text()?,
            ..ForeignParty::default()
        })
    }

    fn called(&self) -> Result<ForeignParty, Mistake> {
        let number = self.either("destination_number", "destination_number");
        Ok(ForeignParty {
            number: Field::new("destination_number", &number).text()?.unwrap_or_else(|| "".into()),
            account: self.given("called_accountcode"),
            endpoint: self.given("bridge_channel").as_deref().and_then(endpoint),
            ..ForeignParty::default()
        })
    }
}

/// `sofia/gateway/carrier-a/4930…` is of `carrier-a`, `sofia/internal/1001@192.0.2.1:5060` of `1001`.
fn endpoint(channel: &str) -> Option<String> {
    let mut words = channel.split('/');
    let (_, profile, name) = (words.next()?, words.next()?, words.next()?);
    let name = if profile == "gateway" { name } else { name.split('@').next()? };
    (!name.is_empty()).then(|| name.to_owned())
}

fn text(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    decoded(&text).unwrap_or(text)
}

/// `None` if it is not written as in a URL.
fn decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte != b'%' {
            bytes.push(*byte);
            continue;
        }
        let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &rest[2..];
    }
    String::from_utf8(bytes).ok()
}

/// The names of Q.850 causes as FreeSWITCH has them.
fn cause(name: &str) -> EndCause {
    match name {
        "NORMAL_CLEARING" | "NORMAL_UNSPECIFIED" | "MANAGER_REQUEST" => EndCause::Normal,
        "USER_BUSY" => EndCause::Busy,
        "NO_ANSWER" | "NO_USER_RESPONSE" | "ALLOTTED_TIMEOUT" | "PROGRESS_TIMEOUT" => EndCause::NoAnswer,
        "ORIGINATOR_CANCEL" => EndCause::Cancelled,
        "CALL_REJECTED" | "OUTGOING_CALL_BARRED" | "INCOMING_CALL_BARRED" => EndCause::Rejected,
        "UNALLOCATED_NUMBER" | "NO_ROUTE_DESTINATION" | "INVALID_NUMBER_FORMAT" | "NUMBER_CHANGED" => {
            EndCause::NoRoute
        }
        "USER_NOT_REGISTERED" | "SUBSCRIBER_ABSENT" | "DESTINATION_OUT_OF_ORDER" => EndCause::Unavailable,
        "LOSE_RACE" => EndCause::AnsweredElsewhere,
        "BLIND_TRANSFER" | "ATTENDED_TRANSFER" => EndCause::Transferred,
        _ => EndCause::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_in_a_url_if_they_are_so_written() {
        assert_eq!(text(&Value::from("Ada%20L%C3%B6ve")), "Ada Löve");
        for text_as_it_is in ["100% sure", "%zz", "+4930"] {
            assert_eq!(text(&Value::from(text_as_it_is)), text_as_it_is);
        }
        assert_eq!(endpoint("sofia/gateway/carrier-a/4930").as_deref(), Some("carrier-a"));
        assert_eq!(endpoint("sofia/internal/1001@192.0.2.1:5060").as_deref(), Some("1001"));
        assert_eq!(endpoint("loopback"), None);
    }
}
