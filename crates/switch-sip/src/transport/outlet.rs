//! What carries messages to a peer.

use std::{io, net::SocketAddr, os::fd::AsRawFd, sync::Arc};

use bytes::Bytes;
use nix::sys::socket::{MsgFlags, SockaddrStorage, sendto};
use tokio::{net::UdpSocket, sync::mpsc};
use tokio_util::sync::CancellationToken;

/// A socket of ours. Sending never waits. Cheap to clone.
#[derive(Clone)]
pub(crate) enum Outlet {
    /// Datagrams: what the kernel does not take is lost, as on the way.
    Datagrams(Arc<UdpSocket>),
    /// A connection: the way to the task that writes to it.
    Stream { bytes: mpsc::Sender<Bytes>, closed: CancellationToken },
}

impl Outlet {
    /// Sends a message. A peer that does not take what it is sent is hung up on: nothing may be left out of a stream.
    pub(crate) fn send(&self, message: Bytes, peer: SocketAddr) {
        match self {
            Self::Datagrams(socket) => {
                if let Err(error) = send(socket, &message, peer) {
                    tracing::debug!(%error, "a datagram could not be sent");
                }
            }
            Self::Stream { bytes, closed } => {
                if bytes.try_send(message).is_err() {
                    tracing::debug!("a connection does not take any more");
                    closed.cancel();
                }
            }
        }
    }

    /// Whether messages can still go over it.
    pub(crate) fn is_open(&self) -> bool {
        match self {
            Self::Datagrams(_) => true,
            Self::Stream { closed, .. } => !closed.is_cancelled(),
        }
    }

    /// Whether what is lost on the way is repeated by the transport.
    pub(crate) fn is_reliable(&self) -> bool {
        matches!(self, Self::Stream { .. })
    }

    /// Whether another one is the same connection.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Datagrams(one), Self::Datagrams(other)) => Arc::ptr_eq(one, other),
            (Self::Stream { bytes: one, .. }, Self::Stream { bytes: other, .. }) => one.same_channel(other),
            _ => false,
        }
    }
}

fn send(socket: &UdpSocket, message: &[u8], peer: SocketAddr) -> io::Result<()> {
    sendto(socket.as_raw_fd(), message, &SockaddrStorage::from(peer), MsgFlags::MSG_DONTWAIT)?;
    Ok(())
}
