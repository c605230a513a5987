//! SIP over UDP.

use std::{
    net::{IpAddr, SocketAddr},
    os::fd::AsRawFd,
    sync::Arc,
    time::Duration,
};

use call::party::Transport;
use rsipstack::transport::{
    SipAddr, SipConnection,
    udp::{UdpConnection, UdpInner},
};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Flow, advertised,
    flow::{Carrier, Local},
    intake::{Arrival, Intake},
};
use crate::error::SipError;

/// What the kernel may hold of what we send.
const SEND_BUFFER: usize = 8 << 20;

/// Rest after an error, so that a lasting one does not take a core.
const AFTER_ERROR: Duration = Duration::from_millis(1);

/// The largest datagram.
const MAX_DATAGRAM: usize = 65_535;

/// A UDP listener.
pub(super) struct Udp {
    pub(super) bound: SocketAddr,
    socket: Arc<UdpSocket>,
    connection: SipConnection,
    local: Arc<Local>,
}

impl Udp {
    pub(super) async fn bind(
        address: SocketAddr,
        told: Option<IpAddr>,
        receive_buffer: usize,
    ) -> Result<Self, SipError> {
        let fault = |source| SipError::Listen { transport: "UDP", address, source };
        let socket = Arc::new(open(address, receive_buffer).map_err(fault)?);
        let bound = socket.local_addr().map_err(fault)?;
        let addr = SipAddr::new(rsipstack::sip::Transport::Udp, bound.into());
        let inner = UdpInner { conn: socket.clone(), addr };
        let connection = UdpConnection::attach(inner, None, None).await;
        let local = Arc::new(Local::new(advertised(bound, told), Carrier::Udp));
        Ok(Self { bound, socket, connection: connection.into(), local })
    }

    pub(super) fn flow(&self, peer: SocketAddr) -> Flow {
        Flow::new(self.connection.clone(), peer, Transport::Udp, self.local.clone())
    }

    /// Datagrams that the kernel has dropped since the socket was opened; `None` if it does not say.
    pub(super) fn dropped(&self) -> Option<u64> {
        let inode = inode(&self.socket)?;
        let table = if self.bound.is_ipv4() { "/proc/net/udp" } else { "/proc/net/udp6" };
        drops(&std::fs::read_to_string(table).ok()?, inode)
    }

    pub(super) fn serve(&self, intake: Arc<Intake>, tasks: &TaskTracker, stop: CancellationToken) {
        let (socket, connection) = (self.socket.clone(), self.connection.clone());
        let inner = tasks.clone();
        let begin = move || {
            let (socket, connection, intake) = (socket.clone(), connection.clone(), intake.clone());
            inner.spawn(async move { receive(&socket, &connection, &intake).await })
        };
        let mut receiving = begin();
        tasks.spawn(stop.run_until_cancelled_owned(async move {
            // It ends by a panic only: a bug, which must not leave the switch deaf.
            while let Err(error) = receiving.await {
                tracing::error!(%error, "receiving datagrams failed, and begins again");
                receiving = begin();
            }
        }));
    }
}

/// The kernel grants less than is asked for if `net.core.rmem_max` says so; it counts its own needs in, too.
fn open(address: SocketAddr, receive_buffer: usize) -> std::io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    socket.set_recv_buffer_size(receive_buffer)?;
    socket.set_send_buffer_size(SEND_BUFFER)?;
    let granted = socket.recv_buffer_size()? / 2;
    if granted < receive_buffer {
        tracing::warn!(
            granted,
            wanted = receive_buffer,
            "the kernel grants a smaller receive buffer; see net.core.rmem_max"
        );
    }
    socket.bind(&address.into())?;
    UdpSocket::from_std(socket.into())
}

async fn receive(socket: &UdpSocket, connection: &SipConnection, intake: &Intake) {
    let mut buffer = vec![0; MAX_DATAGRAM];
    loop {
        match socket.recv_from(&mut buffer).await {
            Ok((length, source)) => {
                intake.take(Arrival::datagram(&buffer[..length], source, connection)).await;
            }
            // Mostly an ICMP error of an earlier datagram of ours: the socket is as good as before.
            Err(error) => {
                tracing::debug!(%error, "receiving a datagram failed");
                tokio::time::sleep(AFTER_ERROR).await;
            }
        }
    }
}

fn inode(socket: &UdpSocket) -> Option<u64> {
    let link = std::fs::read_link(format!("/proc/self/fd/{}", socket.as_raw_fd())).ok()?;
    link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}

/// Reads the kernel's table of UDP sockets (proc(5)): the tenth column is the inode, the last one the drops.
fn drops(table: &str, inode: u64) -> Option<u64> {
    let mut rows = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    let row = rows.find(|row| row.get(9).and_then(|text| text.parse().ok()) == Some(inode))?;
    row.last()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The buffer is small, nobody reads, and more is sent than fits.
    #[tokio::test]
    async fn what_the_kernel_drops_is_counted() {
        let socket = open("127.0.0.1:0".parse().unwrap(), 65_536).unwrap();
        let table = || std::fs::read_to_string("/proc/net/udp").unwrap();
        let inode = inode(&socket).unwrap();
        assert_eq!(drops(&table(), inode), Some(0));
        let sender = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        for _ in 0..1_000 {
            sender.send_to(&[0; 1_000], socket.local_addr().unwrap()).unwrap();
        }
        assert!(drops(&table(), inode) > Some(0));
        assert_eq!(drops(&table(), inode + 1), None);
    }
}
