//! What goes out: messages that belong together, in records and datagrams, repeated until they are answered (RFC 6347
//! section 4.2.4).

use std::time::{Duration, Instant};

use crate::{Failure, cipher::RecordKey, record};

/// The first repetition of what was not answered; each next waits twice as long.
const REPEAT: Duration = Duration::from_millis(250);
/// How often.
const REPEATS: u32 = 6;
/// How long a handshake may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// What the party repeats is answered by a repetition, but not sooner: a flight comes in several datagrams.
const PAUSE: Duration = Duration::from_millis(50);
/// Bytes of the longest datagram, where that can be.
const DATAGRAM: usize = 1_200;

/// What we have said last.
#[derive(Default)]
pub(crate) struct Flight {
    parts: Vec<Part>,
    is_encrypted: bool,
    key: Option<RecordKey>,
    /// How many records were sent in each epoch.
    numbers: [u64; 2],
    /// It is to be sent.
    is_due: bool,
    /// Nothing is expected any more: it is repeated for those only who repeat what it answers.
    is_last: bool,
    repeats: u32,
    began_at: Option<Instant>,
    sent_at: Option<Instant>,
    again_at: Option<Instant>,
}

struct Part {
    content: u8,
    is_encrypted: bool,
    payload: Vec<u8>,
}

impl Flight {
    /// A new one: the one before was answered.
    pub(crate) fn begin(&mut self) {
        self.parts.clear();
        (self.is_due, self.repeats) = (true, 0);
    }

    pub(crate) fn push(&mut self, content: u8, payload: Vec<u8>) {
        self.parts.push(Part { content, is_encrypted: self.is_encrypted, payload });
    }

    /// What is pushed from now on goes out encrypted.
    pub(crate) fn encrypt(&mut self) {
        self.is_encrypted = true;
    }

    pub(crate) fn set_key(&mut self, key: RecordKey) {
        self.key = Some(key);
    }

    /// No answer is expected.
    pub(crate) fn end(&mut self) {
        self.is_last = true;
    }

    /// It was answered, and nothing follows.
    pub(crate) fn close(&mut self) {
        self.parts.clear();
        self.is_last = true;
    }

    /// Repeats what was not answered in time.
    pub(crate) fn go_on(&mut self, now: Instant) -> Result<(), Failure> {
        if self.is_last || self.again_at.is_none_or(|again_at| now < again_at) {
            return Ok(());
        }
        let is_late = self.began_at.is_some_and(|began_at| now.duration_since(began_at) >= PATIENCE);
        if is_late || self.repeats == REPEATS {
            return Err(Failure::TimedOut);
        }
        (self.is_due, self.repeats) = (true, self.repeats + 1);
        Ok(())
    }

    /// Repeats, as the party does.
    pub(crate) fn repeat(&mut self, now: Instant) {
        self.is_due |= self.sent_at.is_some_and(|sent_at| now.duration_since(sent_at) >= PAUSE);
    }

    /// Sends it if that is due: as many records in a datagram as go.
    pub(crate) fn send(&mut self, now: Instant, mut send: impl FnMut(&[u8])) {
        if !std::mem::take(&mut self.is_due) || self.parts.is_empty() {
            return;
        }
        self.began_at.get_or_insert(now);
        self.sent_at = Some(now);
        self.again_at = Some(now + REPEAT * 2_u32.pow(self.repeats));
        let mut datagram = Vec::with_capacity(DATAGRAM);
        for index in 0..self.parts.len() {
            let record = self.record(index);
            if !datagram.is_empty() && datagram.len() + record.len() > DATAGRAM {
                send(&datagram);
                datagram.clear();
            }
            datagram.extend_from_slice(&record);
        }
        send(&datagram);
    }

    /// A part as it goes out: never twice under the same number.
    fn record(&mut self, index: usize) -> Vec<u8> {
        let part = &self.parts[index];
        let epoch = u8::from(part.is_encrypted);
        let mut number = self.numbers[usize::from(epoch)].to_be_bytes();
        self.numbers[usize::from(epoch)] += 1;
        number[..2].copy_from_slice(&[0, epoch]);
        match self.key.as_ref().filter(|_| part.is_encrypted) {
            Some(key) => {
                let sealed = key.seal(part.content, number, &part.payload);
                [record::header(part.content, number, sealed.len()), sealed].concat()
            }
            None => [record::header(part.content, number, part.payload.len()), part.payload.clone()].concat(),
        }
    }
}
