//! What happens, as it happens, for one client.

use std::sync::Arc;

use call::{Call, CallEvent, CallRecord, party::Owner};
use directory::Access;
use tokio::sync::broadcast::{self, error::RecvError};

use crate::Live;

/// An event with the owners of its call, after it was applied.
#[derive(Clone)]
pub(crate) struct Happening {
    event: Arc<CallEvent>,
    origination: Owner,
    termination: Option<Owner>,
}

impl Happening {
    pub(crate) fn of_call(event: &Arc<CallEvent>, call: &Call) -> Self {
        Self { event: event.clone(), origination: call.origination(), termination: call.termination() }
    }

    pub(crate) fn of_record(event: &Arc<CallEvent>, record: &CallRecord) -> Self {
        Self { event: event.clone(), origination: record.origination, termination: record.termination }
    }

    fn is_seen_by(&self, access: &Access) -> bool {
        let owners = [Some(self.origination), self.termination];
        owners.into_iter().flatten().any(|owner| access.allows(owner.account))
    }
}

/// What a feed tells.
#[derive(Clone, Debug)]
pub enum FeedItem {
    /// Something happened; it is durable.
    Event(Arc<CallEvent>),
    /// The reader was too slow: at most this many events are lost to it. A snapshot tells where things stand.
    Missed(u64),
}

/// What happens to the calls that a client may see, from now on.
pub struct Feed {
    access: Access,
    happenings: broadcast::Receiver<Happening>,
}

impl Live {
    /// A feed of what happens to the calls of `access` from now on.
    pub fn subscribe(&self, access: Access) -> Feed {
        Feed { access, happenings: self.published.feed.subscribe() }
    }
}

impl Feed {
    /// Waits for the next item; `None` when the server has stopped.
    pub async fn next(&mut self) -> Option<FeedItem> {
        loop {
            match self.happenings.recv().await {
                Ok(happening) if happening.is_seen_by(&self.access) => {
                    return Some(FeedItem::Event(happening.event));
                }
                Ok(_) => {}
                Err(RecvError::Lagged(missed)) => return Some(FeedItem::Missed(missed)),
                Err(RecvError::Closed) => return None,
            }
        }
    }
}
