//! The clock of the transaction layer.

use std::time::{Duration, Instant};

use rsipstack::{
    dialog::DialogId,
    sip::{SipMessage, StatusCodeKind},
    transaction::{
        TransactionTimer,
        endpoint::EndpointInner,
        key::{TransactionKey, TransactionRole},
        transaction::TransactionEvent,
    },
};
use switch::Clock;
use tokio::time::{MissedTickBehavior, interval};

/// How late a timer may be. The shortest is T1, half a second.
const TICK: Duration = Duration::from_millis(10);

/// Fires the timers of the transaction layer.
///
/// The stack's own loop wakes up for each timer that is set or cancelled, a dozen times a call; this one
/// looks a hundred times a second. Timers are set by the machine's own clock; a clock that is moved ahead of that
/// takes them along.
pub(crate) async fn run(endpoint: &EndpointInner, clock: &dyn Clock) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (began, began_at) = (Instant::now(), clock.monotonic());
    loop {
        ticks.tick().await;
        let moved_to = began + clock.monotonic().saturating_sub(began_at);
        for timer in endpoint.timers.poll(moved_to.max(Instant::now())) {
            fire(endpoint, timer);
        }
    }
}

fn fire(endpoint: &EndpointInner, timer: TransactionTimer) {
    if let TransactionTimer::TimerCleanup(key) = timer {
        endpoint.transactions.remove(&key);
        let last = endpoint.finished_transactions.remove(&key).flatten();
        forget_refused(endpoint, &key, last);
    } else if let Some(transaction) = endpoint.transactions.get(timer.key()) {
        // One that is gone has taken itself out, or is about to.
        let _ = transaction.send(TransactionEvent::Timer(timer));
    }
}

/// Of all that may wait for an ACK, the stack leaves to us what was refused and never acknowledged. It is found by
/// its dialog: looking through all would cost each transaction as much as there are others.
fn forget_refused(endpoint: &EndpointInner, key: &TransactionKey, last: Option<SipMessage>) {
    let Some(SipMessage::Response(last)) = last else { return };
    if last.status_code.kind() == StatusCodeKind::Successful || endpoint.waiting_ack.is_empty() {
        return;
    }
    let Ok(dialog) = DialogId::try_from((&last, TransactionRole::Server)) else { return };
    endpoint.waiting_ack.with_mut(|waiting| {
        if waiting.get(&dialog) == Some(key) {
            waiting.remove(&dialog);
        }
    });
}

#[cfg(test)]
mod tests {
    use rsipstack::{EndpointBuilder, sip::Response};

    use super::*;

    fn refusal(call_id: &str) -> Response {
        let text = format!(
            "SIP/2.0 486 Busy Here\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK{call_id}\r\nFrom: <sip:a@b>;tag=1\r\n\
             To: <sip:c@d>;tag=2\r\nCall-ID: {call_id}\r\nCSeq: 1 INVITE\r\n\r\n"
        );
        Response::try_from(text.as_bytes()).unwrap()
    }

    #[tokio::test]
    async fn a_refusal_that_was_never_acknowledged_is_forgotten_alone() {
        let endpoint = EndpointBuilder::new().build().inner.clone();
        let [first, _] = ["x", "y"].map(|call_id| {
            let refusal = refusal(call_id);
            let key = TransactionKey::from_response(&refusal, TransactionRole::Server).unwrap();
            let dialog = DialogId::try_from((&refusal, TransactionRole::Server)).unwrap();
            endpoint.waiting_ack.insert(dialog, key.clone());
            endpoint.finished_transactions.insert(key.clone(), Some(refusal.into()));
            key
        });
        fire(&endpoint, TransactionTimer::TimerCleanup(first.clone()));
        assert!(!endpoint.finished_transactions.contains_key(&first));
        assert_eq!((endpoint.finished_transactions.len(), endpoint.waiting_ack.len()), (1, 1));
        assert!(endpoint.waiting_ack.with(|waiting| waiting.values().all(|key| *key != first)));
    }
}
