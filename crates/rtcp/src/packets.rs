//! The packets that a datagram of RTCP is made of (RFC 3550 section 6.1), read and written by `rtcp-types`.

use rtcp_types::{
    Bye, ReceiverReport, ReportBlock, ReportBlockBuilder, RtcpPacket, RtcpPacketParser, RtcpPacketWriter,
    RtcpPacketWriterExt, Sdes, SdesChunk, SdesItem, SenderReport,
};

/// What one side reports of a source of the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) ssrc: u32,
    /// In 1/256.
    pub(crate) fraction_lost: u8,
    /// In all; less than none if packets have come twice.
    pub(crate) lost: i32,
    pub(crate) highest: u32,
    /// In timestamp units.
    pub(crate) jitter: u32,
}

/// What a party reports of a source of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) ssrc: u32,
    pub(crate) lost: i32,
    /// In timestamp units.
    pub(crate) jitter: u32,
    /// When we had sent the report that it has got last.
    pub(crate) last_report: u32,
    /// How long ago it has got that, in 1/65536 s.
    pub(crate) delay: u32,
}

/// Types below are those of RTP that came by the wrong port (RFC 5761 section 4).
const FIRST_TYPE: u8 = 192;

/// One packet of a datagram.
#[derive(Debug)]
pub(crate) enum Packet<'a> {
    Sender {
        ntp: u64,
        report: SenderReport<'a>,
    },
    Receiver(ReceiverReport<'a>),
    /// Names, farewells, and what cannot be read of these.
    Other,
    /// What neither side reports: it is for the other party alone to understand.
    Feedback(&'a [u8]),
}

/// The packets of a datagram. What follows on one with a wrong length cannot be read.
pub(crate) fn packets(datagram: &[u8]) -> impl Iterator<Item = Packet<'_>> {
    let mut rest = datagram;
    std::iter::from_fn(move || {
        let head = rest.first_chunk::<4>().filter(|head| head[0] >> 6 == 2 && head[1] >= FIRST_TYPE)?;
        let length = (usize::from(u16::from_be_bytes([head[2], head[3]])) + 1) * 4;
        let (packet, after) = rest.split_at_checked(length)?;
        rest = after;
        Some(read(packet))
    })
}

fn read(packet: &[u8]) -> Packet<'_> {
    match packet[1] {
        SenderReport::PACKET_TYPE => SenderReport::parse(packet)
            .map_or(Packet::Other, |report| Packet::Sender { ntp: report.ntp_timestamp(), report }),
        ReceiverReport::PACKET_TYPE => ReceiverReport::parse(packet).map_or(Packet::Other, Packet::Receiver),
        Sdes::PACKET_TYPE | Bye::PACKET_TYPE => Packet::Other,
        _ => Packet::Feedback(packet),
    }
}

/// What of a datagram is neither report, name nor farewell, so that another party has to understand it: lost pictures,
/// wanted bandwidth (RFC 4585), extended reports.
pub fn feedback(datagram: &[u8]) -> Vec<u8> {
    let mut kept = Vec::new();
    for packet in packets(datagram) {
        if let Packet::Feedback(packet) = packet {
            kept.extend_from_slice(packet);
        }
    }
    kept
}

impl Packet<'_> {
    pub(crate) fn verdicts(&self) -> Vec<Verdict> {
        match self {
            Self::Sender { report, .. } => report.report_blocks().map(Verdict::from).collect(),
            Self::Receiver(report) => report.report_blocks().map(Verdict::from).collect(),
            Self::Other | Self::Feedback(_) => Vec::new(),
        }
    }
}

impl From<ReportBlock<'_>> for Verdict {
    fn from(block: ReportBlock<'_>) -> Self {
        Self {
            ssrc: block.ssrc(),
            lost: (block.cumulative_lost() << 8).cast_signed() >> 8,
            jitter: block.interarrival_jitter(),
            last_report: block.last_sender_report_timestamp(),
            delay: block.delay_since_last_sender_report_timestamp(),
        }
    }
}

/// A report of ours.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Report {
    pub(crate) ssrc: u32,
    /// What is sent; `None` if nothing is.
    pub(crate) sending: Option<Sending>,
    pub(crate) block: Option<Block>,
    /// The party's latest report, and how long ago it came, as [`Verdict`] says.
    pub(crate) last_report: u32,
    pub(crate) delay: u32,
}

/// What is sent, at the time of a report.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sending {
    pub(crate) ntp: u64,
    pub(crate) timestamp: u32,
    pub(crate) packets: u32,
    pub(crate) octets: u32,
}

impl Report {
    /// The datagram: a report, and who makes it.
    pub(crate) fn write(&self, cname: &str) -> Vec<u8> {
        let block = self.block.map(|block| self.block(block));
        let mut datagram = match self.sending {
            Some(sending) => self.sender(sending, block),
            None => self.receiver(block),
        };
        let name = SdesItem::builder(SdesItem::CNAME, cname);
        let names = Sdes::builder().add_chunk(SdesChunk::builder(self.ssrc).add_item(name));
        datagram.extend(bytes(&names));
        datagram
    }

    fn sender(&self, sending: Sending, block: Option<ReportBlockBuilder>) -> Vec<u8> {
        let report = SenderReport::builder(self.ssrc)
            .ntp_timestamp(sending.ntp)
            .rtp_timestamp(sending.timestamp)
            .packet_count(sending.packets)
            .octet_count(sending.octets);
        bytes(&block.into_iter().fold(report, |report, block| report.add_report_block(block)))
    }

    fn receiver(&self, block: Option<ReportBlockBuilder>) -> Vec<u8> {
        let report = ReceiverReport::builder(self.ssrc);
        bytes(&block.into_iter().fold(report, |report, block| report.add_report_block(block)))
    }

    fn block(&self, block: Block) -> ReportBlockBuilder {
        ReportBlock::builder(block.ssrc)
            .fraction_lost(block.fraction_lost)
            .cumulative_lost(block.lost.cast_unsigned() & 0xff_ffff)
            .extended_sequence_number(block.highest)
            .interarrival_jitter(block.jitter)
            .last_sender_report_timestamp(self.last_report)
            .delay_since_last_sender_report_timestamp(self.delay)
    }
}

/// A packet as bytes; none if it cannot be written, which a name that is too long would come to.
fn bytes(packet: &impl RtcpPacketWriter) -> Vec<u8> {
    let mut bytes = vec![0; packet.calculate_size().unwrap_or(0)];
    if packet.write_into(&mut bytes).is_err() {
        bytes.clear();
    }
    bytes
}
