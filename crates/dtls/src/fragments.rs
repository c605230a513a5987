//! Messages of a handshake as they come: in fragments, in any order, twice (RFC 6347 section 4.2). What is kept of
//! what strangers send is bounded.

use std::collections::BTreeMap;

use crate::wire::Reader;

/// Bytes of the longest message: certificates of a party and those who vouch for it.
const LONGEST: usize = 16 * 1024;
/// Messages that may come before the one that is next: as many as a flight has.
const MOST_AHEAD: u16 = 6;
/// Bytes that are kept of what has come too early.
const MOST_EARLY: usize = 8 * 1024;
/// Fragments of one message that are kept of what has come too early.
const MOST_FRAGMENTS: usize = 16;

/// A whole message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) kind: u8,
    pub(crate) number: u16,
    pub(crate) body: Vec<u8>,
}

impl Message {
    /// As both sides digest it, and as it goes out: in one fragment.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let length = &u32::try_from(self.body.len()).expect("no message is that long").to_be_bytes()[1..];
        [&[self.kind], length, &self.number.to_be_bytes(), &[0; 3], length, &self.body].concat()
    }
}

/// A part of a message.
pub(crate) struct Fragment<'a> {
    pub(crate) kind: u8,
    pub(crate) number: u16,
    length: usize,
    offset: usize,
    bytes: &'a [u8],
}

impl<'a> Fragment<'a> {
    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let (kind, length, number, offset) = (reader.u8()?, reader.u24()?, reader.u16()?, reader.u24()?);
        let bytes = reader.vector(3)?;
        (length <= LONGEST && offset + bytes.len() <= length).then_some(Self {
            kind,
            number,
            length,
            offset,
            bytes,
        })
    }
}

/// The fragments of a record, up to the first that is none.
pub(crate) fn fragments(payload: &[u8]) -> impl Iterator<Item = Fragment<'_>> {
    let mut reader = Reader::new(payload);
    std::iter::from_fn(move || Fragment::read(&mut reader))
}

/// What has come and is not whole.
#[derive(Default)]
pub(crate) struct Assembly {
    /// The number of the message that is taken next.
    next: u16,
    partial: BTreeMap<u16, Partial>,
}

#[derive(Default)]
struct Partial {
    kind: u8,
    length: usize,
    /// What is there from the first byte on.
    start: Vec<u8>,
    early: Vec<(usize, Vec<u8>)>,
}

impl Assembly {
    /// Whether a message was taken before.
    pub(crate) fn is_old(&self, number: u16) -> bool {
        number < self.next
    }

    /// Takes a fragment, unless it is of no use or there is no room for it.
    pub(crate) fn add(&mut self, fragment: &Fragment<'_>) {
        if self.is_old(fragment.number) || fragment.number - self.next > MOST_AHEAD {
            return;
        }
        let has_room = self.held() + fragment.bytes.len() <= MOST_EARLY;
        let is_next = fragment.number == self.next;
        if !is_next && !has_room {
            return;
        }
        let partial = self.partial.entry(fragment.number).or_default();
        if partial.is_empty() {
            (partial.kind, partial.length) = (fragment.kind, fragment.length);
        }
        if (partial.kind, partial.length) == (fragment.kind, fragment.length) {
            partial.add(fragment, has_room);
        }
    }

    /// Bytes that are kept of what has come too early.
    pub(crate) fn held(&self) -> usize {
        let early = |partial: &Partial| partial.early.iter().map(|(_, bytes)| bytes.len()).sum::<usize>();
        let of = |(number, partial): (&u16, &Partial)| match *number == self.next {
            true => early(partial),
            false => early(partial) + partial.start.len(),
        };
        self.partial.iter().map(of).sum()
    }

    /// The next message, once it is whole.
    pub(crate) fn take(&mut self) -> Option<Message> {
        let partial = self.partial.get(&self.next).filter(|partial| partial.start.len() == partial.length)?;
        let message = Message { kind: partial.kind, number: self.next, body: partial.start.clone() };
        self.partial.remove(&self.next);
        self.next = self.next.checked_add(1)?;
        Some(message)
    }
}

impl Partial {
    fn is_empty(&self) -> bool {
        self.start.is_empty() && self.early.is_empty()
    }

    fn add(&mut self, fragment: &Fragment<'_>, has_room: bool) {
        if fragment.offset > self.start.len() {
            let is_of_use = !fragment.bytes.is_empty() && self.early.len() < MOST_FRAGMENTS;
            if has_room && is_of_use {
                self.early.push((fragment.offset, fragment.bytes.to_vec()));
            }
            return;
        }
        self.extend(fragment.offset, fragment.bytes);
        while let Some(at) = self.early.iter().position(|(offset, _)| *offset <= self.start.len()) {
            let (offset, bytes) = self.early.swap_remove(at);
            self.extend(offset, &bytes);
        }
    }

    fn extend(&mut self, offset: usize, bytes: &[u8]) {
        let known = self.start.len() - offset;
        self.start.extend_from_slice(bytes.get(known..).unwrap_or_default());
    }
}
