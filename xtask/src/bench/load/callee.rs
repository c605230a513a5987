//! Who answers each call at once.

use std::{
    collections::{HashMap, VecDeque},
    net::{SocketAddr, UdpSocket},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::Result;

use super::{
    T1, TIMER_B, back_off,
    message::{Message, with_sound},
    open,
};

/// One that answers in a thread of its own until it is dropped.
pub struct Callee {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Callee {
    pub fn start(port: u16, server: SocketAddr) -> Result<Self> {
        let socket = open(port, server)?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = thread::spawn(move || {
            let mut answering = Answering { socket, port, answers: HashMap::new(), repeats: VecDeque::new() };
            while !stopped.load(Ordering::Relaxed) {
                answering.step();
            }
        });
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for Callee {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A panic of it shows in the figures: nobody answered.
            let _ = thread.join();
        }
    }
}

struct Answering {
    socket: UdpSocket,
    port: u16,
    /// Answers that are not acknowledged, by Call-ID.
    answers: HashMap<String, String>,
    /// When each is to be sent again, the next first or nearly so.
    repeats: VecDeque<Repeat>,
}

struct Repeat {
    at: Instant,
    /// How long was waited for the acknowledgement of the one before.
    interval: Duration,
    answered_at: Instant,
    call_id: String,
}

impl Answering {
    fn step(&mut self) {
        let mut buffer = [0; 4_096];
        if let Ok(length) = self.socket.recv(&mut buffer)
            && let Some(message) = Message::read(&buffer[..length])
        {
            self.take(message);
        }
        self.repeat(Instant::now());
    }

    fn take(&mut self, message: Message<'_>) {
        let call_id = message.header("Call-ID");
        match message.begins_with() {
            "INVITE" => self.answer(message, call_id),
            "ACK" => _ = self.answers.remove(call_id),
            "SIP/2.0" => {}
            _ => self.send(&(message.answer("200 OK", "callee") + "Content-Length: 0\r\n\r\n")),
        }
    }

    fn answer(&mut self, invite: Message<'_>, call_id: &str) {
        self.send(&(invite.answer("180 Ringing", "callee") + "Content-Length: 0\r\n\r\n"));
        let contact = format!("Contact: <sip:127.0.0.1:{}>\r\n", self.port);
        let answer = invite.answer("200 OK", "callee") + &contact + &with_sound(6_000);
        self.send(&answer);
        if self.answers.insert(call_id.to_owned(), answer).is_none() {
            let answered_at = Instant::now();
            let call_id = call_id.to_owned();
            self.repeats.push_back(Repeat { at: answered_at + T1, interval: T1, answered_at, call_id });
        }
    }

    /// Sends answers again that are not acknowledged (RFC 3261 section 13.3.1.4).
    fn repeat(&mut self, now: Instant) {
        while self.repeats.front().is_some_and(|repeat| repeat.at <= now) {
            let Some(repeat) = self.repeats.pop_front() else { return };
            let Some(answer) = self.answers.get(&repeat.call_id) else { continue };
            self.send(answer);
            let interval = back_off(repeat.interval);
            match now + interval < repeat.answered_at + TIMER_B {
                true => self.repeats.push_back(Repeat { at: now + interval, interval, ..repeat }),
                false => _ = self.answers.remove(&repeat.call_id),
            }
        }
    }

    /// What the kernel has no room for is sent again, like everything that is lost.
    fn send(&self, text: &str) {
        let _ = self.socket.send(text.as_bytes());
    }
}
