//! SIP over UDP.

use std::{
    io::{self, IoSliceMut},
    net::{IpAddr, SocketAddr},
    os::fd::AsRawFd,
    sync::Arc,
    time::{Duration, SystemTime},
};

use call::party::Transport;
use nix::sys::{
    socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt},
    time::TimeSpec,
};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::{io::Interest, net::UdpSocket};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Flow, advertised,
    flow::{Carrier, Local},
    intake::{Arrival, Intake},
    outlet::Outlet,
    overload::{Queue, Wait},
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
    local: Arc<Local>,
}

impl Udp {
    pub(super) fn bind(
        address: SocketAddr,
        told: Option<IpAddr>,
        receive_buffer: usize,
    ) -> Result<Self, SipError> {
        let fault = |source| SipError::Listen { transport: "UDP", address, source };
        let socket = Arc::new(open(address, receive_buffer).map_err(fault)?);
        let bound = socket.local_addr().map_err(fault)?;
        let local = Arc::new(Local::new(advertised(bound, told), Carrier::Udp));
        Ok(Self { bound, socket, local })
    }

    pub(super) fn flow(&self, peer: SocketAddr) -> Flow {
        way(&self.socket, &self.local, peer)
    }

    /// Datagrams that the kernel has dropped since the socket was opened; `None` if it does not say.
    pub(super) fn dropped(&self) -> Option<u64> {
        let inode = inode(&self.socket)?;
        let table = if self.bound.is_ipv4() { "/proc/net/udp" } else { "/proc/net/udp6" };
        drops(&std::fs::read_to_string(table).ok()?, inode)
    }

    pub(super) fn serve(&self, intake: Arc<Intake>, tasks: &TaskTracker, stop: CancellationToken) {
        let (socket, local) = (self.socket.clone(), self.local.clone());
        let inner = tasks.clone();
        let begin = move || {
            let (socket, local, intake) = (socket.clone(), local.clone(), intake.clone());
            inner.spawn(async move { receive(&socket, &local, &intake).await })
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
fn open(address: SocketAddr, receive_buffer: usize) -> io::Result<UdpSocket> {
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
    setsockopt(&socket, sockopt::ReceiveTimestampns, &true)?;
    setsockopt(&socket, sockopt::RxqOvfl, &1)?;
    socket.bind(&address.into())?;
    UdpSocket::from_std(socket.into())
}

fn way(socket: &Arc<UdpSocket>, local: &Arc<Local>, peer: SocketAddr) -> Flow {
    Flow::new(Outlet::Datagrams(socket.clone()), peer, Transport::Udp, local.clone())
}

async fn receive(socket: &Arc<UdpSocket>, local: &Arc<Local>, intake: &Intake) {
    let (mut room, mut queue) = (Room::new(MAX_DATAGRAM), Queue::default());
    loop {
        match socket.async_io(Interest::READABLE, || take_one(socket, &mut room, &mut queue)).await {
            Ok(Datagram { length, source, waited }) => {
                let stands = queue.took(intake.now());
                let wait = Wait { waited, stands, overflows: queue.overflows() };
                intake.take(Arrival::datagram(&room.bytes[..length], way(socket, local, source), wait));
            }
            // Mostly an ICMP error of an earlier datagram of ours: the socket is as good as before.
            Err(error) => {
                tracing::debug!(%error, "receiving a datagram failed");
                tokio::time::sleep(AFTER_ERROR).await;
            }
        }
    }
}

/// What a datagram is received into, again and again.
struct Room {
    bytes: Vec<u8>,
    /// What the kernel says of it.
    control: Vec<u8>,
}

impl Room {
    fn new(bytes: usize) -> Self {
        Self { bytes: vec![0; bytes], control: nix::cmsg_space!(TimeSpec, u32) }
    }
}

/// What was received.
struct Datagram {
    length: usize,
    source: SocketAddr,
    /// How long the kernel has held it.
    waited: Duration,
}

fn take_one(socket: &UdpSocket, room: &mut Room, queue: &mut Queue) -> io::Result<Datagram> {
    let mut parts = [IoSliceMut::new(&mut room.bytes)];
    let control = Some(&mut *room.control);
    let received = recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut parts, control, MsgFlags::empty());
    let message = received.map_err(io::Error::from).inspect_err(|error| {
        if error.kind() == io::ErrorKind::WouldBlock {
            queue.found_empty();
        }
    })?;
    let source = message.address.as_ref().and_then(address).ok_or(io::ErrorKind::InvalidData)?;
    let mut waited = Duration::ZERO;
    for control in message.cmsgs().into_iter().flatten() {
        match control {
            ControlMessageOwned::ScmTimestampns(at) => waited = age(at),
            ControlMessageOwned::RxqOvfl(lost) => queue.has_lost(lost),
            _ => {}
        }
    }
    Ok(Datagram { length: message.bytes, source, waited })
}

fn address(storage: &SockaddrStorage) -> Option<SocketAddr> {
    let of_4 = storage.as_sockaddr_in().map(|address| SocketAddr::V4((*address).into()));
    of_4.or_else(|| storage.as_sockaddr_in6().map(|address| SocketAddr::V6((*address).into())))
}

/// How long ago the kernel got a datagram. Its stamps are of the wall clock: one that is set meanwhile makes what is
/// in the queue at that moment seem older or new, and nothing else.
fn age(at: TimeSpec) -> Duration {
    let at = SystemTime::UNIX_EPOCH + Duration::from(at);
    SystemTime::now().duration_since(at).unwrap_or_default()
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

    #[tokio::test]
    async fn how_long_a_datagram_has_waited_and_what_was_lost_before_it_is_known() {
        let (socket, mut queue) = (open("127.0.0.1:0".parse().unwrap(), 65_536).unwrap(), Queue::default());
        let sender = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let to = socket.local_addr().unwrap();
        for _ in 0..1_000 {
            sender.send_to(&[7; 1_000], to).unwrap();
        }
        let pause = Duration::from_millis(20);
        std::thread::sleep(pause);
        socket.readable().await.unwrap();
        let mut room = Room::new(2_000);
        let first = take_one(&socket, &mut room, &mut queue).unwrap();
        assert_eq!((first.length, first.source), (1_000, sender.local_addr().unwrap()));
        assert!(first.waited >= pause && first.waited < Duration::from_secs(60), "{:?}", first.waited);
        while take_one(&socket, &mut room, &mut queue).is_ok() {}
        // What was lost after the last one that was kept is told with the next one.
        sender.send_to(&[7], to).unwrap();
        socket.readable().await.unwrap();
        take_one(&socket, &mut room, &mut queue).unwrap();
        assert!(queue.overflows());
    }
}
