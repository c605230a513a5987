//! A stream for a party that takes none of what its partner sends.

use std::sync::Arc;

use codec::{Codec, Packet, Target, Translator};

use super::{
    formats::{Formats, voice},
    rtp::{self, Header},
    transcoders::{Permit, Transcoders},
};
use crate::sdp::{self, Format};

/// Makes what a partner sends what its party takes.
pub(super) struct Translation {
    terms: Terms,
    translator: Translator,
    /// `None` if there was no room: the party hears nothing.
    permit: Option<Permit>,
    /// What came latest was to be made another.
    is_at_work: bool,
}

/// What comes, and what goes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Terms {
    /// What the party does not take, by its payload type.
    foreign: Vec<(u8, Codec)>,
    /// What the party takes, by its payload type.
    shared: Vec<u8>,
    /// Keys as they come.
    keys: Vec<Format>,
    target: (u8, Target),
    /// Keys as they go.
    keys_there: Option<Format>,
}

impl Translation {
    /// What is to become of it when a party, that takes `formats`, has a partner that sends `sent`. It goes on if that is
    /// as before; `None` if the party takes all of it.
    pub(super) fn renewed(
        former: Option<Box<Self>>,
        sent: &[Format],
        formats: &Formats,
        transcoders: &Arc<Transcoders>,
    ) -> Option<Box<Self>> {
        let terms = Terms::new(sent, formats)?;
        match former {
            Some(former) if former.terms == terms => Some(former),
            // What it had makes room first.
            former => {
                drop(former);
                Self::new(terms, transcoders).map(Box::new)
            }
        }
    }

    fn new(terms: Terms, transcoders: &Arc<Transcoders>) -> Option<Self> {
        let (_, from) = *terms.foreign.first()?;
        let (_, target) = terms.target;
        let permit = transcoders.take(from, target.codec);
        Some(Self { terms, translator: Translator::new(from, target), permit, is_at_work: true })
    }

    /// Whether what came latest was made another.
    pub(super) const fn is_at_work(&self) -> bool {
        self.is_at_work
    }

    /// The packets for the party that come of one of its partner's; `None` if it can pass as it is. Of what neither knows,
    /// comfort noise (RFC 3389) for one, nothing comes while the rest is made another: it is a pause.
    pub(super) fn take(&mut self, packet: &[u8]) -> Option<Vec<Vec<u8>>> {
        let header = Header::read(packet)?;
        let incoming = incoming(header, &packet[rtp::payload(packet)?]);
        let number = header.payload_type;
        if let Some((_, codec)) = self.terms.foreign.iter().copied().find(|(foreign, _)| *foreign == number) {
            return Some(self.take_voice(codec, incoming));
        }
        if self.terms.shared.contains(&number) {
            self.is_at_work = false;
        }
        if !self.is_at_work {
            return None;
        }
        let keys = self.terms.keys.iter().copied().find(|keys| keys.payload_type == number);
        Some(keys.map_or_else(Vec::new, |keys| self.take_key(keys, incoming)))
    }

    fn take_voice(&mut self, codec: Codec, packet: Packet<'_>) -> Vec<Vec<u8>> {
        let (number, target) = self.terms.target;
        let mut made = Vec::new();
        self.is_at_work = true;
        // The partner may speak another codec than before, of those that it may.
        if self.translator.from() != codec {
            self.translator = Translator::new(codec, target);
        }
        if self.permit.is_some() {
            self.translator.take(packet, |sent| made.push(outgoing(number, sent)));
        }
        made
    }

    fn take_key(&mut self, keys: Format, packet: Packet<'_>) -> Vec<Vec<u8>> {
        let mut made = Vec::new();
        if let Some(there) = self.terms.keys_there {
            let send = |sent: Packet<'_>| made.push(outgoing(there.payload_type, sent));
            self.translator.take_key(packet, keys.rate, there.rate, send);
        }
        made
    }
}

impl Terms {
    fn new(sent: &[Format], formats: &Formats) -> Option<Self> {
        let (mut foreign, mut shared, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        for format in sent {
            let number = format.payload_type;
            match (format.codec, voice(*format)) {
                (sdp::Codec::TelephoneEvent, _) => keys.push(*format),
                (taken, _) if formats.takes(taken) => shared.push(number),
                (_, Some(codec)) => foreign.push((number, codec)),
                (_, None) => {}
            }
        }
        let target = formats.target().filter(|_| !foreign.is_empty())?;
        Some(Self { foreign, shared, keys, target, keys_there: formats.keys() })
    }
}

fn incoming(header: Header, payload: &[u8]) -> Packet<'_> {
    let Header { is_marked, payload_type: _, sequence, timestamp, ssrc } = header;
    Packet { ssrc, sequence, timestamp, is_marked, payload }
}

fn outgoing(payload_type: u8, packet: Packet<'_>) -> Vec<u8> {
    let Packet { ssrc, sequence, timestamp, is_marked, payload } = packet;
    Header { is_marked, payload_type, sequence, timestamp, ssrc }.with(payload)
}
