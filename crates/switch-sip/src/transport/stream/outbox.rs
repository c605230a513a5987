//! What waits to be written to a connection.
//!
//! It is put on the wire by the connection's task alone, so nobody else waits for a slow peer.

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::transport::outlet::Outlet;

/// Messages that may wait for a slow peer; with more it is hung up on. A phone may watch hundreds of others, and
/// hear of all of them at once.
const QUEUE: usize = 1_024;

/// Bytes that need not be sent: refusals and keep-alives. Dropped where others wait already.
#[derive(Clone)]
pub(in crate::transport) struct Raw(mpsc::Sender<Bytes>);

impl Raw {
    pub(in crate::transport) fn send(&self, bytes: Bytes) {
        if self.0.capacity() < QUEUE / 2 || self.0.try_send(bytes).is_err() {
            tracing::debug!("a connection does not take any more");
        }
    }
}

/// What waits to be written.
pub(super) struct Outbox {
    bytes: mpsc::Receiver<Bytes>,
    raw: Raw,
}

/// A connection, and what it sends.
pub(super) fn open(closed: CancellationToken) -> (Outlet, Outbox) {
    let (sender, bytes) = mpsc::channel(QUEUE);
    let raw = Raw(sender.clone());
    (Outlet::Stream { bytes: sender, closed }, Outbox { bytes, raw })
}

impl Outbox {
    pub(super) fn raw(&self) -> Raw {
        self.raw.clone()
    }

    /// The next message to be written; waits until there is one.
    pub(super) async fn next(&mut self) -> Bytes {
        match self.bytes.recv().await {
            Some(bytes) => bytes,
            // Nobody can send any more.
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_need_not_be_sent_leaves_half_of_the_room_to_what_must() {
        let (_outlet, mut outbox) = open(CancellationToken::new());
        for number in 0..2 * QUEUE {
            outbox.raw().send(number.to_string().into());
        }
        for number in 0..=QUEUE / 2 {
            assert_eq!(outbox.next().await, number.to_string());
        }
        let more = tokio::time::timeout(std::time::Duration::from_millis(10), outbox.next()).await;
        assert!(more.is_err(), "{more:?}");
    }

    #[tokio::test]
    async fn a_peer_that_leaves_too_much_unread_is_hung_up_on() {
        let (outlet, _outbox) = open(CancellationToken::new());
        let peer = std::net::SocketAddr::from(([127, 0, 0, 1], 5060));
        for _ in 0..QUEUE {
            outlet.send("NOTIFY".into(), peer);
        }
        assert!(outlet.is_open());
        outlet.send("NOTIFY".into(), peer);
        assert!(!outlet.is_open());
    }
}
