//! A reader that follows what happens, as long as its credentials are good.

use std::{sync::Arc, time::Duration};

use axum::http::{HeaderMap, header};
use call::ErrorCode;
use directory::Access;
use events::{CloudEventWire, GapEventWire, KindFilter, envelope, gap};
use http_core::{App, auth::ClientAddress};
use live::{Feed, FeedItem};
use tokio::time::{Instant, sleep_until};

use super::EventsQuery;
use crate::errors::Failure;

/// How often it is looked whether the reader may still see what it sees.
const CHECK: Duration = Duration::from_secs(30);

/// A reader.
pub struct Reader {
    app: Arc<App>,
    access: Access,
    kinds: KindFilter,
    feed: Feed,
    credentials: (HeaderMap, ClientAddress),
    check_at: Instant,
}

/// What a reader is told.
pub enum Item {
    Event(Box<CloudEventWire>),
    Gap(Box<GapEventWire>),
}

impl Reader {
    /// Begins after the event that the query names, or with what comes next.
    pub fn start(
        app: &Arc<App>,
        access: Access,
        query: EventsQuery,
        (headers, address): (HeaderMap, ClientAddress),
    ) -> Result<Self, Failure> {
        let after = query.after.unwrap_or_else(|| app.live.latest_event());
        let feed = app.live.read_on(&access, query.filter, after);
        let feed = feed.map_err(|error| Failure::new(ErrorCode::TooManyRequests, error.to_string()))?;
        let authorization = headers.get(header::AUTHORIZATION).cloned();
        let headers = authorization.map(|value| (header::AUTHORIZATION, value)).into_iter().collect();
        Ok(Self {
            app: app.clone(),
            access,
            kinds: query.kinds,
            feed,
            credentials: (headers, address),
            check_at: Instant::now() + CHECK,
        })
    }

    /// Waits for the next; `None` when the server stops, or the reader may see no more what it sees. May be dropped
    /// at any time.
    pub async fn next(&mut self) -> Option<Item> {
        loop {
            if self.check_at <= Instant::now() && !self.is_still_allowed() {
                return None;
            }
            tokio::select! {
                item = self.feed.next() => match item? {
                    FeedItem::Event(entry) if self.kinds.wants(&entry) => {
                        return Some(Item::Event(Box::new(envelope(&entry, &self.access))));
                    }
                    FeedItem::Event(_) => {}
                    FeedItem::Gap(numbers) => return Some(Item::Gap(Box::new(gap(&numbers)))),
                },
                () = sleep_until(self.check_at) => {}
            }
        }
    }

    fn is_still_allowed(&mut self) -> bool {
        self.check_at = Instant::now() + CHECK;
        let (headers, address) = &self.credentials;
        let holder = self.app.holder(headers, *address).ok();
        let access = holder.and_then(|holder| self.app.directory().access_of_account(holder.account));
        access.as_ref() == Some(&self.access)
    }
}
