//! A name server that knows one name.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use parking_lot::Mutex;
use tokio::{net::UdpSocket, sync::mpsc};

pub const NAME: &str = "sip.carrier.example";

/// Types of records.
const A: u16 = 1;
const SRV: u16 = 33;

/// What is known: the addresses of [`NAME`] and how many seconds they hold; `None` for a server that says
/// nothing.
type Answer = Option<(Vec<Ipv4Addr>, u32)>;

/// A priority, and the port of a SIP service over UDP at [`NAME`].
type Service = (u16, u16);

/// A name server that knows one name.
pub struct NameServer {
    pub address: SocketAddr,
    answer: Arc<Mutex<Answer>>,
    services: Arc<Mutex<Vec<Service>>>,
    asked: tokio::sync::Mutex<mpsc::UnboundedReceiver<()>>,
}

impl NameServer {
    pub async fn open(addresses: &[Ipv4Addr], seconds: u32) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let answer = Arc::new(Mutex::new(Some((addresses.to_vec(), seconds))));
        let services = Arc::<Mutex<Vec<Service>>>::default();
        let (tell, asked) = mpsc::unbounded_channel();
        tokio::spawn(serve(socket, answer.clone(), services.clone(), tell));
        Self { address, answer, services, asked: asked.into() }
    }

    /// Says from now on which services there are.
    pub fn offer(&self, services: &[Service]) {
        *self.services.lock() = services.to_vec();
    }

    pub fn change(&self, answer: Answer) {
        *self.answer.lock() = answer;
    }

    /// Waits until it has been asked for the name's addresses once more.
    pub async fn asked(&self) {
        self.asked.lock().await.recv().await.unwrap();
    }
}

async fn serve(
    socket: UdpSocket,
    answer: Arc<Mutex<Answer>>,
    services: Arc<Mutex<Vec<Service>>>,
    tell: mpsc::UnboundedSender<()>,
) {
    let mut query = [0; 512];
    while let Ok((length, from)) = socket.recv_from(&mut query).await {
        let known = answer.lock().clone();
        let kind = kind(&query[..length]);
        let is_for_v4 = kind == A;
        if let Some((addresses, seconds)) = known {
            let data: Vec<_> = match kind {
                A => addresses.iter().map(|address| address.octets().to_vec()).collect(),
                SRV => services.lock().iter().map(|service| service_data(*service)).collect(),
                _ => Vec::new(),
            };
            socket.send_to(&reply(&query[..length], kind, &data, seconds), from).await.unwrap();
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

/// A priority, no weight, a port, and the name (RFC 2782).
fn service_data((priority, port): Service) -> Vec<u8> {
    let mut data = [priority, 0, port].map(u16::to_be_bytes).concat();
    for label in NAME.split('.') {
        data.push(u8::try_from(label.len()).unwrap());
        data.extend(label.bytes());
    }
    data.push(0);
    data
}

fn reply(query: &[u8], kind: u16, answers: &[Vec<u8>], seconds: u32) -> Vec<u8> {
    let mut reply = query[..2].to_vec();
    let count = u8::try_from(answers.len()).unwrap();
    // A response without error to a query that wanted recursion, with one question and so many answers.
    reply.extend([0x81, 0x80, 0, 1, 0, count, 0, 0, 0, 0]);
    reply.extend(&query[12..question_end(query)]);
    for data in answers {
        // The name of the question, its type, class IN.
        reply.extend([0xc0, 12]);
        reply.extend(kind.to_be_bytes());
        reply.extend([0, 1]);
        reply.extend(seconds.to_be_bytes());
        reply.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        reply.extend(data);
    }
    reply
}
