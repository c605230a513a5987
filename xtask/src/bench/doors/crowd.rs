//! Strangers who hold connections and say nothing, or half of something. They yield to everybody else on the machine:
//! elsewhere they have machines of their own.

use std::{
    fs,
    io::{ErrorKind, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use socket2::{Domain, Socket, Type};

/// How long one who was hung up on stays away.
const AGAIN: Duration = Duration::from_secs(1);
/// How long a connection may take to come up.
const CONNECT: Duration = Duration::from_millis(200);
/// Rest between two looks at all of them.
const REST: Duration = Duration::from_secs(1);

/// Where connections are taken.
#[derive(Clone, Copy, Debug)]
pub struct Doors {
    pub http: SocketAddr,
    pub tcp: SocketAddr,
    pub tls: SocketAddr,
    pub ws: SocketAddr,
}

impl Doors {
    /// Where a connection goes, and what is said there.
    fn choose(&self, number: usize) -> (SocketAddr, &'static [u8]) {
        let choices: [(SocketAddr, &[u8]); 8] = [
            (self.http, b""),
            (self.http, b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Half: "),
            (self.tcp, b""),
            (self.tcp, b"REGISTER sip:x SIP/2.0\r\nVia: SIP/2.0/TCP x;branch=z9hG4bK1\r\n"),
            (self.tls, b""),
            (self.tls, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
            (self.ws, b""),
            (self.ws, b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"),
        ];
        choices[number % choices.len()]
    }
}

/// All of them, a thread for each source.
pub struct Crowd {
    has_to_go: Arc<AtomicBool>,
    made: Arc<AtomicU64>,
    threads: Vec<JoinHandle<()>>,
}

impl Crowd {
    /// Lets them come.
    pub fn gather(doors: Doors, connections: usize, sources: usize) -> Self {
        let (has_to_go, made) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let threads = (0..sources).map(|source| {
            let from = Ipv4Addr::from_bits(Ipv4Addr::LOCALHOST.to_bits() + 1 + source as u32);
            let (has_to_go, made) = (has_to_go.clone(), made.clone());
            thread::spawn(move || stand(doors, from, connections / sources, &has_to_go, &made))
        });
        let threads = threads.collect();
        Self { has_to_go, made, threads }
    }

    /// Sends them away; how many connections they have made.
    pub fn disperse(self) -> u64 {
        self.has_to_go.store(true, Ordering::Relaxed);
        for thread in self.threads {
            // One that panicked has told so.
            let _ = thread.join();
        }
        self.made.load(Ordering::Relaxed)
    }
}

/// Keeps up so many connections from one address.
fn stand(doors: Doors, from: Ipv4Addr, connections: usize, has_to_go: &AtomicBool, made: &AtomicU64) {
    yield_to_others();
    let mut held: Vec<Result<TcpStream, Instant>> = (0..connections).map(|_| Err(Instant::now())).collect();
    while !has_to_go.load(Ordering::Relaxed) {
        for (number, place) in held.iter_mut().enumerate() {
            match place {
                Ok(stream) if is_open(stream) => {}
                Ok(_) => *place = Err(Instant::now() + AGAIN),
                Err(again) if *again > Instant::now() => {}
                Err(_) => {
                    *place = open(doors.choose(number), from).map_err(|_| Instant::now() + AGAIN);
                    made.fetch_add(u64::from(place.is_ok()), Ordering::Relaxed);
                }
            }
        }
        thread::sleep(REST);
    }
}

/// From now on this thread runs when no other wants to (`SCHED_IDLE`). Where that cannot be had, it is as others.
fn yield_to_others() {
    let thread = fs::read_link("/proc/thread-self").unwrap_or_default();
    let told = Command::new("chrt").args(["--idle", "--pid", "0"]).args(thread.file_name()).status();
    if !told.is_ok_and(|told| told.success()) {
        eprintln!("the strangers take time from everybody else: chrt cannot be used");
    }
}

fn open((to, says): (SocketAddr, &[u8]), from: Ipv4Addr) -> std::io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::from((from, 0)).into())?;
    socket.connect_timeout(&to.into(), CONNECT)?;
    let mut stream = TcpStream::from(socket);
    stream.write_all(says)?;
    stream.set_nonblocking(true)?;
    Ok(stream)
}

/// Whether the server has not hung up.
fn is_open(mut stream: &TcpStream) -> bool {
    match stream.read(&mut [0; 256]) {
        Ok(length) => length > 0,
        Err(error) => error.kind() == ErrorKind::WouldBlock,
    }
}
