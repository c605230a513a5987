//! Programs that read events while something else is measured; the first of them takes nothing.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow};

/// How often each is read from.
const TURN: Duration = Duration::from_millis(20);
/// What stands before each event.
const EVENT: &[u8] = b"event: ";

/// The readers.
pub struct EventReaders {
    stop: Arc<AtomicBool>,
    reading: JoinHandle<Vec<u64>>,
}

struct Reader {
    stream: TcpStream,
    events: u64,
    /// How much of [`EVENT`] the bytes read last end with.
    begun: usize,
}

impl EventReaders {
    /// So many, with the bearer token and the query.
    pub fn start(to: SocketAddr, count: usize, (token, query): (&str, &str)) -> Result<Self> {
        let open = |_| Reader::open(to, token, query);
        let readers = (0..count).map(open).collect::<Result<Vec<_>>>()?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let reading = thread::spawn(move || read(readers, &stopped));
        Ok(Self { stop, reading })
    }

    /// Waits a while for the last events, and gives how many each got, the one that takes nothing left out.
    pub fn stop(self) -> Result<Vec<u64>> {
        thread::sleep(Duration::from_secs(2));
        self.stop.store(true, Ordering::Relaxed);
        self.reading.join().map_err(|_| anyhow!("the readers of events have failed"))
    }
}

fn read(mut readers: Vec<Reader>, stop: &AtomicBool) -> Vec<u64> {
    let mut buffer = vec![0; 1 << 16];
    while !stop.load(Ordering::Relaxed) {
        let began = Instant::now();
        for reader in readers.iter_mut().skip(1) {
            reader.read(&mut buffer);
        }
        thread::sleep(TURN.saturating_sub(began.elapsed()));
    }
    readers.into_iter().skip(1).map(|reader| reader.events).collect()
}

impl Reader {
    fn open(to: SocketAddr, token: &str, query: &str) -> Result<Self> {
        let mut stream = TcpStream::connect(to).context("a reader of events finds no place")?;
        let request = format!(
            "GET /v1/events?{query} HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\
             Authorization: Bearer {token}\r\n\r\n"
        );
        stream.write_all(request.as_bytes())?;
        stream.set_nonblocking(true)?;
        Ok(Self { stream, events: 0, begun: 0 })
    }

    fn read(&mut self, buffer: &mut [u8]) {
        loop {
            match self.stream.read(buffer) {
                Ok(0) => return,
                Ok(length) => buffer.iter().take(length).for_each(|byte| self.count(*byte)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    }

    fn count(&mut self, byte: u8) {
        self.begun = match EVENT.get(self.begun) == Some(&byte) {
            true => self.begun + 1,
            false => usize::from(EVENT.first() == Some(&byte)),
        };
        if self.begun == EVENT.len() {
            self.events += 1;
            self.begun = 0;
        }
    }
}
