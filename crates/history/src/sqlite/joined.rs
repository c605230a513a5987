//! A thread that is waited for.

use std::thread::JoinHandle;

/// Dropping it waits until the thread has ended; whoever holds one has told the thread to end before.
pub(super) struct Joined(Option<JoinHandle<()>>);

impl From<JoinHandle<()>> for Joined {
    fn from(thread: JoinHandle<()>) -> Self {
        Self(Some(thread))
    }
}

impl Drop for Joined {
    fn drop(&mut self) {
        if let Some(thread) = self.0.take() {
            // A panic in it was reported when it happened.
            let _ = thread.join();
        }
    }
}
