//! Call events as a format of webhooks ("Metadata, Signatures, & Deduplication").

use std::sync::Arc;

use async_trait::async_trait;
use call::{CallEvent, CallRecord};
use history::{Happening, HistoryError};
use ring::hmac;
use serde_json::value::RawValue;

use uuid::Uuid;
use webhooks::{Attempt, Format, Hook, Letter, Occasion};

use super::{
    convert::CallSeen,
    wire::{MetadataPolicy, MetadataWire, NotificationWire},
};
use crate::wire::VonageWire;

/// The ids of deliveries are made in this namespace.
const DELIVERIES: Uuid = Uuid::from_u128(0xc3d0_5b0e_91f7_4f5a_8c2e_0a74_d5e6_1b39);

/// Each state that a call comes to.
#[derive(Clone, Copy, Debug)]
pub struct CallEvents {
    /// How ids are printed.
    pub wire: VonageWire,
}

#[async_trait]
impl Format for CallEvents {
    async fn body(&self, occasion: Occasion<'_>) -> Result<Option<Vec<u8>>, HistoryError> {
        let Happening::Call(event) = &occasion.event.what else { return Ok(None) };
        let Some(call) = seen(&occasion, event).await? else { return Ok(None) };
        let state = call.state_after(&event.kind, event.at);
        let state = state.filter(|_| occasion.hook.wanted.wants_call(call.endpoints()));
        Ok(state.and_then(|state| serde_json::to_vec(&call.in_state(self.wire, state)).ok()))
    }

    fn letter(&self, hook: &Hook, attempt: &Attempt<'_>) -> Letter {
        let metadata = metadata(hook, attempt);
        let mut headers = vec![("content-type", "application/json".to_owned())];
        let policy = policy(hook);
        if policy == MetadataPolicy::Header {
            headers.extend(metadata.signature.clone().map(|signature| ("x-von-signature", signature)));
            headers.push(("x-von-webhook-id", metadata.webhook_id.clone()));
            headers.push(("x-von-delivery-id", metadata.delivery_id.clone()));
            headers.push(("x-von-attempt", metadata.attempt.to_string()));
        }
        // What was kept of an event is what this has written.
        let event = serde_json::from_slice::<Box<RawValue>>(attempt.body).unwrap_or_default();
        let notification = NotificationWire {
            event: &event,
            metadata: (policy == MetadataPolicy::Body).then_some(metadata),
        };
        let body = serde_json::to_vec(&notification).unwrap_or_default();
        Letter { headers, body: body.into() }
    }
}

/// The call of an event: as long as it goes on, as it stands; else as it was.
async fn seen(occasion: &Occasion<'_>, event: &CallEvent) -> Result<Option<CallSeen>, HistoryError> {
    let account = occasion.hook.account;
    if let Some(call) = occasion.live.snapshot().call(account, event.call_id) {
        return Ok(Some(CallSeen::live(account, call)));
    }
    let record = occasion.live.history().record(vec![account], event.call_id).await?;
    Ok(record.map(|record: Arc<CallRecord>| CallSeen::over(account, &record)))
}

/// Where requests of a hook say what they are. One that the directory file registers says it in header fields.
pub(super) fn policy(hook: &Hook) -> MetadataPolicy {
    MetadataPolicy::named(&hook.options).unwrap_or_default()
}

fn metadata(hook: &Hook, attempt: &Attempt<'_>) -> MetadataWire {
    MetadataWire {
        signature: signature(hook, attempt),
        webhook_id: hook.id.to_string(),
        delivery_id: Uuid::new_v5(&DELIVERIES, attempt.id.as_bytes()).to_string(),
        attempt: attempt.number,
    }
}

/// Of the secret that signs now: the vendor's receivers know one.
fn signature(hook: &Hook, attempt: &Attempt<'_>) -> Option<String> {
    let key = hook.counting(attempt.at).next()?.key()?.to_owned();
    Some(hex::encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), attempt.body)))
}

#[cfg(test)]
mod tests {
    use ring::hmac;

    /// The example of the vendor's documentation.
    #[test]
    fn an_event_is_signed_as_the_vendor_signs_it() {
        let event = concat!(
            r#"{"accountId":"376","answerTime":"2018-02-15T18:59:03.496+0000","direction":"OUTBOUND","duration":2950,"#,
            r#""endTime":"2018-02-15T18:59:06.446+0000","externalId":"callhalf-60227142553:0","#,
            r#""id":"5a85d86f253bcd10897f3189","startTime":"2018-02-15T18:58:56.194+0000","state":"ANSWERED","#,
            r#""type":"CALL","userId":"24785"}"#,
        );
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"mysecretkey");
        let signed = hex::encode(hmac::sign(&key, event.as_bytes()));
        assert_eq!(signed, "95aafd08cb72b1f9216ccd002b8917b04e41ecb19276ae759241fdc0cbb53fb5");
    }
}
