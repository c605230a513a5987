//! What the fuzzer runs.

use crate::{Codec, Packet, Target, Translator};

/// A stream of packets of strangers, made one of another codec: the first byte says of which; each packet begins with
/// how far its number and its time go on. None may panic, and what comes out keeps its order and its bound.
pub fn fuzz(bytes: &[u8]) {
    let [kind, bytes @ ..] = bytes else { return };
    let codec = |bits: u8| Codec::ALL[usize::from(bits & 3)];
    let target = Target { codec: codec(kind >> 2), milliseconds: 10 * usize::from(kind >> 4) };
    let mut translator = Translator::new(codec(*kind), target);
    let (mut sequence, mut timestamp, mut rest, mut latest) = (0_u16, 0_u32, bytes, None);
    while let [steps, jump, length, others @ ..] = rest {
        sequence = sequence.wrapping_add(u16::from(*steps & 0x0f)).wrapping_sub(u16::from(*steps >> 6));
        timestamp = timestamp.wrapping_add(u32::from(*jump) * 160);
        let (payload, others) = others.split_at(others.len().min(usize::from(*length) * 4));
        let packet = Packet { ssrc: 1, sequence, timestamp, is_marked: *steps & 0x20 != 0, payload };
        let mut count = 0;
        translator.take(packet, |sent| {
            assert!(
                !sent.payload.is_empty() && sent.payload.len() < 1_400,
                "a packet has a payload that fits"
            );
            let follows = latest.is_none_or(|latest: u16| sent.sequence == latest.wrapping_add(1));
            assert!(follows, "what is sent is numbered without a gap");
            latest = Some(sent.sequence);
            count += 1;
        });
        assert!(count <= 32, "a packet makes few");
        rest = others;
    }
}
