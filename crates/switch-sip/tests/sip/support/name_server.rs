//! A name server that knows one name.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use parking_lot::Mutex;
use tokio::{net::UdpSocket, sync::mpsc};

pub const NAME: &str = "sip.carrier.example";

/// What is known: the addresses of [`NAME`] and how many seconds they hold; `None` for a server that says
/// nothing.
type Answer = Option<(Vec<Ipv4Addr>, u32)>;

/// A name server that knows one name.
pub struct NameServer {
    pub address: SocketAddr,
    answer: Arc<Mutex<Answer>>,
    asked: tokio::sync::Mutex<mpsc::UnboundedReceiver<()>>,
}

impl NameServer {
    pub async fn open(addresses: &[Ipv4Addr], seconds: u32) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let answer = Arc::new(Mutex::new(Some((addresses.to_vec(), seconds))));
        let (tell, asked) = mpsc::unbounded_channel();
        tokio::spawn(serve(socket, answer.clone(), tell));
        Self { address, answer, asked: asked.into() }
    }

    pub fn change(&self, answer: Answer) {
        *self.answer.lock() = answer;
    }

    /// Waits until it has been asked for the name's addresses once more.
    pub async fn asked(&self) {
        self.asked.lock().await.recv().await.unwrap();
    }
}

async fn serve(socket: UdpSocket, answer: Arc<Mutex<Answer>>, tell: mpsc::UnboundedSender<()>) {
    let mut query = [0; 512];
    while let Ok((length, from)) = socket.recv_from(&mut query).await {
        let known = answer.lock().clone();
        let is_for_v4 = kind(&query[..length]) == 1;
        if let Some((addresses, seconds)) = known {
            let addresses = if is_for_v4 { addresses } else { Vec::new() };
            socket.send_to(&reply(&query[..length], &addresses, seconds), from).await.unwrap();
        }
        if is_for_v4 && tell.send(()).is_err() {
            return;
        }
    }
}

/// Where the question ends (RFC 1035 section 4.1.2): after its name, type and class.
fn question_end(query: &[u8]) -> usize {
    let name_end = 12 + query[12..].iter().position(|byte| *byte == 0).unwrap() + 1;
    name_end + 4
}

fn kind(query: &[u8]) -> u16 {
    let end = question_end(query);
    u16::from_be_bytes([query[end - 4], query[end - 3]])
}

fn reply(query: &[u8], addresses: &[Ipv4Addr], seconds: u32) -> Vec<u8> {
    let mut reply = query[..2].to_vec();
    let count = u8::try_from(addresses.len()).unwrap();
    // A response without error to a query that wanted recursion, with one question and so many answers.
    reply.extend([0x81, 0x80, 0, 1, 0, count, 0, 0, 0, 0]);
    reply.extend(&query[12..question_end(query)]);
    for address in addresses {
        // The name of the question, type A, class IN.
        reply.extend([0xc0, 12, 0, 1, 0, 1]);
        reply.extend(seconds.to_be_bytes());
        reply.extend([0, 4]);
        reply.extend(address.octets());
    }
    reply
}
