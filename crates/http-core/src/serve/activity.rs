//! Whether a connection does something that must not be cut off: a whole request has come, and its response is
//! not gone yet.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::body::{Body, Bytes, HttpBody};
use guard::Place;
use http_body_util::BodyExt;
use parking_lot::Mutex;
use tokio::time::{Instant, Sleep};

/// The requests of a connection that are being answered.
#[derive(Debug)]
pub(super) struct Activity {
    place: Place,
    /// Held while the place is told, as the requests of a connection may begin and end at once (HTTP/2).
    requests: Mutex<usize>,
}

/// A request that is being answered. Over when dropped.
struct Answering(Arc<Activity>);

impl Activity {
    pub(super) fn new(place: Place) -> Arc<Self> {
        Arc::new(Self { place, requests: Mutex::default() })
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// From now until the response is gone, one request more is being answered.
    fn begin(self: &Arc<Self>) -> Answering {
        let mut requests = self.requests.lock();
        *requests += 1;
        self.place.set_busy(true);
        drop(requests);
        Answering(self.clone())
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        let mut requests = self.0.requests.lock();
        *requests -= 1;
        self.0.place.set_busy(*requests > 0);
    }
}

/// What keeps a connection busy, handed from the request's body to the response's.
#[derive(Clone, Default)]
pub(super) struct Baton(Arc<Mutex<Option<Answering>>>);

impl Baton {
    /// A body that makes the connection busy once it is there, and fails if that takes too long.
    pub(super) fn receive(&self, body: Body, activity: &Arc<Activity>, deadline: Instant) -> Body {
        if body.is_end_stream() {
            *self.0.lock() = Some(activity.begin());
            return body;
        }
        let late = Box::pin(tokio::time::sleep_until(deadline));
        Body::new(Received { body, late, activity: activity.clone(), baton: self.clone() })
    }

    /// A body that keeps the connection busy until it is gone.
    pub(super) fn send(self, body: Body) -> Body {
        let answering = self.0.lock().take();
        Body::new(body.map_frame(move |frame| {
            let _kept = &answering;
            frame
        }))
    }
}

/// A request's body.
struct Received {
    body: Body,
    late: Pin<Box<Sleep>>,
    activity: Arc<Activity>,
    baton: Baton,
}

impl HttpBody for Received {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, axum::Error>>> {
        if self.late.as_mut().poll(context).is_ready() {
            let late = std::io::Error::new(std::io::ErrorKind::TimedOut, "the body took too long");
            return Poll::Ready(Some(Err(axum::Error::new(late))));
        }
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if frame.is_none() || self.body.is_end_stream() {
            let begun = self.activity.begin();
            self.baton.0.lock().get_or_insert(begun);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }
}
