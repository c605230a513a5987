//! Work that a handler starts and does not wait for.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Waker},
};

use tokio_util::task::TaskTracker;

/// Runs `work` at once as far as it goes, and the rest of it in a task of its own.
///
/// So messages leave in the order in which a handler sends them, and a datagram costs no task.
pub(crate) fn launch(tasks: &TaskTracker, work: impl Future<Output = ()> + Send + 'static) {
    let mut work: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(work);
    let mut context = Context::from_waker(Waker::noop());
    if work.as_mut().poll(&mut context).is_pending() {
        tasks.spawn(work);
    }
}
