//! `GET /console/live`: what changes on the page of live calls, as server-sent events (the HTML standard, section
//! 9.2). Each is a piece of the page; what has not changed is not sent again.
//!
//! The one place where the console learns that something has happened.

use std::{collections::HashMap, convert::Infallible, time::Duration};

use axum::{
    extract::{RawQuery, State},
    response::sse::{Event, KeepAlive, Sse},
};
use call::CallId;
use futures_util::{FutureExt, Stream, stream};
use history::LogFilter;
use live::{Feed, Phase};
use questions::LiveCall;
use tokio::time::{Instant, sleep_until, timeout};

use super::now::moving;
use crate::{
    Console,
    chart::{self, LastHour},
    errors::Failure,
    form::Fields,
    now::Wanted,
    viewer::Viewer,
};

/// Between two pieces, at least: what happens in between comes with the later one.
const PACE: Duration = Duration::from_millis(150);
/// How often is looked whether the stream is still anybody's, if nothing happens.
const LOOK: Duration = Duration::from_secs(1);
/// How often the chart is drawn anew.
const CHART: Duration = Duration::from_secs(15);

/// The stream. It ends when its user signs out, when the directory changes and when the server stops; a browser
/// then asks again.
pub async fn stream(
    viewer: Viewer,
    State(console): State<Console>,
    RawQuery(query): RawQuery,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Failure> {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let wanted = Wanted::read(&fields, &viewer)?;
    let live = &console.app.live;
    let feed = live.read_on(&viewer.access, LogFilter::default(), live.latest_event())?;
    let now = Instant::now();
    let watch = Watch {
        console,
        viewer,
        fields,
        wanted,
        feed,
        shown: HashMap::new(),
        sent: String::new(),
        due: now,
        chart_due: now + CHART,
    };
    let pieces = stream::unfold(watch, |mut watch| async move {
        let piece = watch.next().await?;
        // The format has no form for a carriage return.
        Some((Ok(Event::default().data(piece.replace('\r', " "))), watch))
    });
    Ok(Sse::new(pieces).keep_alive(KeepAlive::default()))
}

/// Somebody who watches the page.
struct Watch {
    console: Console,
    viewer: Viewer,
    fields: Fields,
    wanted: Wanted,
    feed: Feed,
    /// The rows that the page has.
    shown: HashMap<CallId, LiveCall>,
    /// The latest piece.
    sent: String,
    /// When the next piece may be sent.
    due: Instant,
    chart_due: Instant,
}

impl Watch {
    /// The next piece; `None` if the stream is over.
    async fn next(&mut self) -> Option<String> {
        loop {
            sleep_until(self.due).await;
            if !self.goes_on() {
                return None;
            }
            // What has been told up to here is in the snapshot.
            while self.feed.next().now_or_never().flatten().is_some() {}
            let piece = self.piece().await;
            self.due = Instant::now() + PACE;
            if piece != self.sent {
                self.sent.clone_from(&piece);
                return Some(piece);
            }
            // Something happens, or it is time to look.
            let _ = timeout(LOOK, self.feed.next()).await;
        }
    }

    fn goes_on(&self) -> bool {
        let app = &self.console.app;
        self.console.sessions.goes_on(self.viewer.ticket, app.monotonic())
            && std::sync::Arc::ptr_eq(&app.directory(), &self.viewer.directory)
            && app.live.phase() == Phase::Running
    }

    async fn piece(&mut self) -> String {
        let app = &self.console.app;
        let seen = self.wanted.of(&app.live.snapshot(), &self.viewer);
        let rows = moving(&self.viewer, &self.fields, &self.wanted, &seen, (app.now(), &self.shown));
        self.shown = seen.calls.into_iter().map(|call| (call.id, call)).collect();
        let mut piece = rows.into_string();
        if self.chart_due <= Instant::now() {
            self.chart_due = Instant::now() + CHART;
            // Without a chart the page keeps the one that it has.
            if let Ok(hour) = LastHour::of(app, &self.viewer, self.wanted.calls.account).await {
                piece.push_str(&chart::last_hour(&hour).into_string());
            }
        }
        piece
    }
}
