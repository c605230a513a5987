//! What happens, as it happens, for one client.

use std::sync::Arc;

use call::{CallEvent, EventKind, Registry, party::Owner};
use directory::Access;
use tokio::sync::broadcast::{self, error::RecvError};

use crate::Live;

/// An event with the owners of its call, before and after it was applied.
#[derive(Clone)]
pub(crate) struct Happening {
    event: Arc<CallEvent>,
    owners: Owners,
}

/// The owners of a call's sides. Of a call that is merged, also those of the one that it takes in: they are to
/// learn where theirs has gone.
#[derive(Clone, Copy, Default)]
pub(crate) struct Owners([Option<Owner>; 6]);

impl Owners {
    /// Of what the event is about, as things stand.
    pub(crate) fn of(event: &CallEvent, calls: &Registry) -> Self {
        let of_call = |id| calls.get(id).map(|call| (call.origination(), call.termination()));
        let absorbed = match event.kind {
            EventKind::CallMerged { absorbed } => of_call(absorbed),
            _ => None,
        };
        Self::default().and(of_call(event.call_id), 0).and(absorbed, 2)
    }

    /// With those after the event.
    pub(crate) fn then(self, origination: Owner, termination: Option<Owner>) -> Self {
        self.and(Some((origination, termination)), 4)
    }

    fn and(mut self, sides: Option<(Owner, Option<Owner>)>, place: usize) -> Self {
        if let (Some((origination, termination)), Some([first, second])) =
            (sides, self.0.get_mut(place..).and_then(|rest| rest.first_chunk_mut()))
        {
            (*first, *second) = (Some(origination), termination);
        }
        self
    }
}

impl Happening {
    pub(crate) fn new(event: &Arc<CallEvent>, owners: Owners) -> Self {
        Self { event: event.clone(), owners }
    }

    fn is_seen_by(&self, access: &Access) -> bool {
        self.owners.0.into_iter().flatten().any(|owner| access.allows(owner.account))
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
