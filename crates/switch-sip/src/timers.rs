//! The clock of the transaction layer.

use std::time::{Duration, Instant};

use rsipstack::transaction::{TransactionTimer, endpoint::EndpointInner, transaction::TransactionEvent};
use tokio::time::{MissedTickBehavior, interval};

/// How late a timer may be. The shortest is T1, half a second.
const TICK: Duration = Duration::from_millis(10);

/// Fires the timers of the transaction layer.
///
/// The stack's own loop wakes up for each timer that is set or cancelled, a dozen times a call; this one
/// looks a hundred times a second.
pub(crate) async fn run(endpoint: &EndpointInner) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        for timer in endpoint.timers.poll(Instant::now()) {
            fire(endpoint, timer);
        }
    }
}

fn fire(endpoint: &EndpointInner, timer: TransactionTimer) {
    if let TransactionTimer::TimerCleanup(key) = timer {
        endpoint.transactions.remove(&key);
        endpoint.finished_transactions.remove(&key);
        endpoint.waiting_ack.retain(|_, waiting| *waiting != key);
    } else if let Some(transaction) = endpoint.transactions.get(timer.key()) {
        // One that is gone has taken itself out, or is about to.
        let _ = transaction.send(TransactionEvent::Timer(timer));
    }
}
