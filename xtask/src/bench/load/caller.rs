//! Who offers calls at a rate, and takes a refusal for an answer.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    net::{SocketAddr, UdpSocket},
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    time::{Duration, Instant},
};

use anyhow::Result;

use super::{
    Outcome, T1, TIMER_B, back_off,
    message::{Message, with_sound},
    open,
};

/// Calls to be offered.
#[derive(Clone, Copy, Debug)]
pub struct Offered {
    /// From where.
    pub port: u16,
    /// Calls a second.
    pub rate: f64,
    /// How many.
    pub calls: usize,
    /// How long each lasts.
    pub length: Duration,
}

/// What is due, of which call.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Due {
    /// An INVITE, again if it was sent before that interval.
    Invite(Duration),
    HangUp,
    /// A BYE once more.
    Bye(Duration),
}

/// A call, by what its caller waits for.
enum Call {
    Answer { invited_at: Option<Instant> },
    Length { target: String, to: String },
    Goodbye { bye: String, sent_at: Instant },
    Over,
}

/// How often calls have been offered. No two calls have the same names, or the later would be a repeat.
static OFFERS: AtomicU32 = AtomicU32::new(0);

struct Calling {
    socket: UdpSocket,
    port: u16,
    /// Which offer it is.
    offer: u32,
    length: Duration,
    server: SocketAddr,
    calls: Vec<Call>,
    due: BinaryHeap<Reverse<(Instant, usize, Due)>>,
    outcome: Outcome,
    open: usize,
}

/// Offers calls; returns when none of them is open any more.
pub fn offer(Offered { port, rate, calls, length }: Offered, server: SocketAddr) -> Result<Outcome> {
    let began = Instant::now();
    let at = |number: usize| began + Duration::from_secs_f64(number as f64 / rate);
    let invites = (0..calls).map(|number| Reverse((at(number), number, Due::Invite(Duration::ZERO))));
    let mut calling = Calling {
        socket: open(port, server)?,
        port,
        offer: OFFERS.fetch_add(1, Relaxed),
        length,
        server,
        calls: (0..calls).map(|_| Call::Answer { invited_at: None }).collect(),
        due: invites.collect(),
        outcome: Outcome {
            offered: calls,
            offering: Duration::from_secs_f64(calls as f64 / rate),
            ..Outcome::default()
        },
        open: calls,
    };
    while calling.open > 0 {
        calling.step();
    }
    calling.outcome.setups.sort_by(f64::total_cmp);
    Ok(calling.outcome)
}

impl Calling {
    fn step(&mut self) {
        let mut buffer = [0; 4_096];
        if let Ok(length) = self.socket.recv(&mut buffer)
            && let Some(message) = Message::read(&buffer[..length])
        {
            self.take(message);
        }
        let now = Instant::now();
        while let Some(Reverse((at, number, due))) = self.due.peek().copied().filter(|due| due.0.0 <= now) {
            self.due.pop();
            self.outcome.late = self.outcome.late.max(now - at);
            self.act(now, number, due);
        }
    }

    fn act(&mut self, now: Instant, number: usize, due: Due) {
        match (&self.calls[number], due) {
            (Call::Answer { invited_at }, Due::Invite(interval)) => {
                let invited_at = invited_at.unwrap_or(now);
                self.calls[number] = Call::Answer { invited_at: Some(invited_at) };
                self.send(&self.invite(number));
                self.again(now, number, invited_at, Due::Invite, interval);
            }
            (Call::Length { target, to }, Due::HangUp) => {
                let bye = self.request("BYE", number, target, to) + "Content-Length: 0\r\n\r\n";
                self.calls[number] = Call::Goodbye { bye, sent_at: now };
                self.act(now, number, Due::Bye(Duration::ZERO));
            }
            (Call::Goodbye { bye, sent_at }, Due::Bye(interval)) => {
                let sent_at = *sent_at;
                self.send(bye);
                self.again(now, number, sent_at, Due::Bye, interval);
            }
            _ => {}
        }
    }

    /// Plans a repeat, or gives the call up.
    fn again(
        &mut self,
        now: Instant,
        number: usize,
        since: Instant,
        due: fn(Duration) -> Due,
        last: Duration,
    ) {
        let next = if last.is_zero() { T1 } else { back_off(last) };
        match now + next < since + TIMER_B {
            true => self.due.push(Reverse((now + next, number, due(next)))),
            false => self.fail(number),
        }
    }

    fn take(&mut self, message: Message<'_>) {
        let number = message.header("Call-ID").split('@').next().and_then(|number| number.parse().ok());
        let Some(number) = number.filter(|number| *number < self.calls.len()) else { return };
        let (Some(status @ 200..), cseq) = (message.status(), message.header("CSeq")) else { return };
        match (&self.calls[number], cseq) {
            (Call::Answer { .. }, "1 INVITE") => self.take_final(number, status, message),
            // A repeat, whose ACK was lost.
            (_, "1 INVITE") => self.acknowledge(number, status, message),
            (Call::Goodbye { .. }, "2 BYE") if status < 300 => self.end(number),
            (Call::Goodbye { .. }, "2 BYE") => self.fail(number),
            _ => {}
        }
    }

    fn take_final(&mut self, number: usize, status: u16, message: Message<'_>) {
        self.acknowledge(number, status, message);
        let Call::Answer { invited_at: Some(invited_at) } = self.calls[number] else { return };
        match status {
            200..300 => {
                self.outcome.setups.push(invited_at.elapsed().as_secs_f64() * 1_000.0);
                self.due.push(Reverse((Instant::now() + self.length, number, Due::HangUp)));
                let (target, to) = (message.contact().to_owned(), message.header("To").to_owned());
                self.calls[number] = Call::Length { target, to };
            }
            503 => {
                self.outcome.refused += 1;
                self.end(number);
            }
            _ => self.fail(number),
        }
    }

    /// A refusal's ACK belongs to the INVITE's transaction, an answer's goes to its contact (RFC 3261 section 13.2.2.4).
    fn acknowledge(&self, number: usize, status: u16, message: Message<'_>) {
        let (target, branch) = match status {
            200..300 => (message.contact().to_owned(), "ACK"),
            _ => (self.target(), "INVITE"),
        };
        let head = self.head("ACK", number, &target, message.header("To"), branch);
        self.send(&(head + "Content-Length: 0\r\n\r\n"));
    }

    fn fail(&mut self, number: usize) {
        self.outcome.failed += 1;
        self.end(number);
    }

    fn end(&mut self, number: usize) {
        self.calls[number] = Call::Over;
        self.open -= 1;
    }

    fn target(&self) -> String {
        format!("sip:14155550100@{}", self.server)
    }

    fn invite(&self, number: usize) -> String {
        let target = self.target();
        let contact = format!("Contact: <sip:caller@127.0.0.1:{}>\r\n", self.port);
        self.request("INVITE", number, &target, &format!("<{target}>")) + &contact + &with_sound(6_002)
    }

    fn request(&self, method: &str, number: usize, target: &str, to: &str) -> String {
        self.head(method, number, target, to, method)
    }

    fn head(&self, method: &str, number: usize, target: &str, to: &str, branch: &str) -> String {
        let (port, offer, cseq) = (self.port, self.offer, if method == "BYE" { 2 } else { 1 });
        format!(
            "{method} {target} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{branch}{number}.{offer}\r\n\
             From: <sip:caller@127.0.0.1:{port}>;tag={number}.{offer}\r\nTo: {to}\r\nCall-ID: {number}@{offer}.{port}\r\n\
             CSeq: {cseq} {method}\r\nMax-Forwards: 70\r\n"
        )
    }

    /// What the kernel has no room for is sent again, like everything that is lost.
    fn send(&self, text: &str) {
        let _ = self.socket.send(text.as_bytes());
    }
}
