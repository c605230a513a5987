//! Limits that have bitten, as events: what the directory's notices tell goes where the switch tells of its own.

use std::sync::Arc;

use call::{Notice, NoticeKind, Payer, Timestamp};
use directory::{
    LimitNotices,
    notices::{LimitNotice, Outcome},
};
use switch::{Clock, EventSink};
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

/// Tells until told to stop. What comes faster than it can be told is missed, and said so in the log.
pub async fn tell_limits(
    notices: LimitNotices,
    events: EventSink,
    clock: Arc<dyn Clock>,
    stopping: CancellationToken,
) {
    let mut heard = notices.subscribe();
    while let Some(told) = stopping.run_until_cancelled(heard.recv()).await {
        match told {
            Ok(notice) => notice_of(&notice, clock.now()).into_iter().for_each(|told| events.notice(told)),
            Err(RecvError::Lagged(missed)) => {
                tracing::warn!(missed, "limits have bitten of which no event tells")
            }
            Err(RecvError::Closed) => return,
        }
    }
}

/// What is told of a limit that bites. That one bites no longer is no event, and a call that is cut off has its own.
fn notice_of(notice: &LimitNotice, at: Timestamp) -> Option<Notice> {
    let (limit, trunk) = match notice.outcome {
        Outcome::Refused(why) => (why.name(), None),
        Outcome::Stopped(reached) => (reached.name(), None),
        Outcome::Full { limit, trunk } => (limit, trunk),
        Outcome::Resumed | Outcome::CutOff(_) => return None,
    };
    let device = match notice.payer {
        Payer::Device(device) => Some(device),
        Payer::Account(_) => None,
    };
    let kind = NoticeKind::LimitReached { limit: limit.into(), device, trunk };
    Some(Notice { at, accounts: vec![notice.account], kind })
}
