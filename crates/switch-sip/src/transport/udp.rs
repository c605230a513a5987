//! SIP over UDP.

use std::{
    net::{IpAddr, SocketAddr},
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

/// What the kernel may hold for us, so that a burst is not lost while a core is busy. The kernel grants
/// less if `net.core.rmem_max` says so.
const SOCKET_BUFFER: usize = 8 << 20;

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
    pub(super) async fn bind(address: SocketAddr, told: Option<IpAddr>) -> Result<Self, SipError> {
        let fault = |source| SipError::Listen { transport: "UDP", address, source };
        let socket = Arc::new(open(address).map_err(fault)?);
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

fn open(address: SocketAddr) -> std::io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    socket.set_recv_buffer_size(SOCKET_BUFFER)?;
    socket.set_send_buffer_size(SOCKET_BUFFER)?;
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
