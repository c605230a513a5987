//! A caller and a callee that take a small part of what SIPp takes: with thousands of calls a second on a machine of
//! few cores, it would be SIPp that is measured.

use std::{
    net::{SocketAddr, UdpSocket},
    time::Duration,
};

use anyhow::Result;
use socket2::SockRef;

mod callee;
mod caller;
mod message;

pub use callee::Callee;
pub use caller::{Offered, offer};

/// When a message is sent again that was not answered, and the most of it that comes to be (RFC 3261 section 17.1.1.1).
const T1: Duration = Duration::from_millis(500);
const T2: Duration = Duration::from_secs(4);
/// How long an answer is waited for.
const TIMER_B: Duration = Duration::from_secs(32);

/// What the kernel may hold for either side.
const BUFFER: usize = 32 << 20;

/// How long a look at the socket waits at most.
const TICK: Duration = Duration::from_millis(1);

/// What became of the calls that were offered.
#[derive(Debug, Default)]
pub struct Outcome {
    pub offered: usize,
    /// How long it took to offer them.
    pub offering: Duration,
    /// Answered with 503.
    pub refused: usize,
    /// Neither refused so nor carried to their end.
    pub failed: usize,
    /// From the first INVITE of a call to its 200, in milliseconds, the shortest first.
    pub setups: Vec<f64>,
    /// How late the caller looked at what came, at most: by that much a set-up may have been shorter.
    pub late: Duration,
}

impl Outcome {
    pub fn carried(&self) -> usize {
        self.offered - self.refused - self.failed
    }
}

/// A socket of one side, to the server.
fn open(port: u16, server: SocketAddr) -> Result<UdpSocket> {
    let socket = UdpSocket::bind(("127.0.0.1", port))?;
    socket.connect(server)?;
    socket.set_read_timeout(Some(TICK))?;
    // The kernel grants what it may.
    SockRef::from(&socket).set_recv_buffer_size(BUFFER)?;
    SockRef::from(&socket).set_send_buffer_size(BUFFER)?;
    Ok(socket)
}

/// How long until the next repeat, after one that came after so long.
fn back_off(interval: Duration) -> Duration {
    (interval * 2).min(T2)
}
