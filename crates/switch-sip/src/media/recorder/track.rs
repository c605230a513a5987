//! One recording: its packets in their places in time, and its file.

use std::{
    collections::VecDeque,
    fs::File,
    io,
    os::unix::fs::FileExt,
    path::Path,
    time::{Duration, Instant},
};

use super::{super::rtp::Header, Channel};

/// Samples in a second.
const RATE: u32 = 8_000;
/// Bytes before the samples.
const HEADER: usize = 44;
/// Bytes of one sample of both channels.
const BLOCK: usize = 4;
/// How late a packet may be.
const LATENESS: Duration = Duration::from_millis(400);
/// Samples by which a stream's own time may differ from that of its packets' arrival.
const DRIFT: i64 = 800;
/// Samples that are written at a time.
const CHUNK: usize = 8_000;

/// One recording.
pub(super) struct Track {
    file: File,
    began: Instant,
    /// Samples that are in the file.
    written: i64,
    /// Those that follow.
    window: VecDeque<[i16; 2]>,
    streams: [Option<Stream>; 2],
}

/// Where the packets of one direction belong.
#[derive(Clone, Copy)]
struct Stream {
    ssrc: u32,
    /// A timestamp and its place in the file.
    timestamp: u32,
    place: i64,
    /// The place after its latest packet.
    end: i64,
}

impl Track {
    pub(super) fn begin(path: &Path, at: Instant) -> io::Result<Self> {
        let file = File::create_new(path)?;
        file.write_all_at(&write_header(0), 0)?;
        Ok(Self { file, began: at, written: 0, window: VecDeque::new(), streams: [None; 2] })
    }

    /// Puts a packet's samples where they belong.
    pub(super) fn put(
        &mut self,
        channel: Channel,
        at: Instant,
        header: Header,
        samples: impl ExactSizeIterator<Item = i16>,
    ) {
        let (side, arrived) = (channel as usize, self.place_of(at));
        let length = i64::try_from(samples.len()).unwrap_or(0);
        let mut stream =
            self.streams[side].filter(|stream| stream.explains(header, arrived)).unwrap_or_else(|| {
                // Not over what came before, but not long after its arrival either.
                let end = self.streams[side].map_or(0, |stream| stream.end);
                let place = if end - arrived < DRIFT { arrived.max(end) } else { arrived };
                Stream { ssrc: header.ssrc, timestamp: header.timestamp, place, end: place }
            });
        let place = stream.place_of(header);
        stream.end = stream.end.max(place + length);
        self.streams[side] = Some(stream);
        for (sample, place) in samples.zip(place..) {
            self.set(side, place, sample);
        }
    }

    fn set(&mut self, side: usize, place: i64, sample: i16) {
        let Ok(index) = usize::try_from(place - self.written) else { return };
        if index >= self.window.len() {
            self.window.resize(index + 1, [0; 2]);
        }
        self.window[index][side] = sample;
    }

    /// Writes what no packet can change any more, and says in the file how long it is: so it can be read
    /// whatever happens next.
    pub(super) fn advance(&mut self, now: Instant) -> io::Result<()> {
        let settled = now.checked_sub(LATENESS).map_or(0, |settled| self.place_of(settled));
        self.write_until(settled)
    }

    /// Writes all until the end.
    pub(super) fn finish(mut self, at: Instant) -> io::Result<()> {
        self.write_until(self.place_of(at))?;
        self.file.sync_all()
    }

    fn write_until(&mut self, end: i64) -> io::Result<()> {
        while self.written < end {
            let count = usize::try_from(end - self.written).unwrap_or(CHUNK).min(CHUNK);
            let silence = std::iter::repeat([0; 2]);
            let known = count.min(self.window.len());
            let samples = self.window.drain(..known).chain(silence).take(count);
            let bytes: Vec<u8> = samples.flatten().flat_map(i16::to_le_bytes).collect();
            self.file.write_all_at(&bytes, offset(self.written))?;
            self.written += i64::try_from(count).unwrap_or(0);
        }
        let bytes = offset(self.written) - offset(0);
        self.file.write_all_at(&write_header(u32::try_from(bytes).unwrap_or(u32::MAX)), 0)
    }

    fn place_of(&self, at: Instant) -> i64 {
        let micros = at.saturating_duration_since(self.began).as_micros();
        i64::try_from(micros * u128::from(RATE) / 1_000_000).unwrap_or(i64::MAX)
    }
}

impl Stream {
    fn place_of(&self, header: Header) -> i64 {
        self.place + i64::from(header.timestamp.wrapping_sub(self.timestamp).cast_signed())
    }

    /// Whether a packet is of this stream, and came about when its timestamp says.
    fn explains(&self, header: Header, arrived: i64) -> bool {
        header.ssrc == self.ssrc && (self.place_of(header) - arrived).abs() < DRIFT
    }
}

fn offset(place: i64) -> u64 {
    let samples = usize::try_from(place).unwrap_or(0);
    u64::try_from(HEADER + samples * BLOCK).unwrap_or(u64::MAX)
}

/// The head of a file of two channels, PCM of 16 bits at 8 kHz, with so many bytes of samples.
fn write_header(data: u32) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    let block = 4_u16;
    let fields: [&[u8]; 13] = [
        b"RIFF",
        &(data.saturating_add(36)).to_le_bytes(),
        b"WAVE",
        b"fmt ",
        &16_u32.to_le_bytes(),
        &1_u16.to_le_bytes(),
        &2_u16.to_le_bytes(),
        &RATE.to_le_bytes(),
        &(RATE * u32::from(block)).to_le_bytes(),
        &block.to_le_bytes(),
        &16_u16.to_le_bytes(),
        b"data",
        &data.to_le_bytes(),
    ];
    header.copy_from_slice(&fields.concat());
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(ssrc: u32, timestamp: u32) -> Header {
        Header { is_marked: false, payload_type: 0, sequence: 0, timestamp, ssrc }
    }

    fn put(track: &mut Track, channel: Channel, after_ms: u64, header: Header, sample: i16) {
        let at = track.began + Duration::from_millis(after_ms);
        track.put(channel, at, header, [sample; 160].into_iter());
    }

    /// The samples of a finished recording, by channel.
    fn finish(track: Track, path: &Path, after_ms: u64) -> [Vec<i16>; 2] {
        let at = track.began + Duration::from_millis(after_ms);
        track.finish(at).unwrap();
        let file = std::fs::read(path).unwrap();
        let said = u32::from_le_bytes(file[40..44].try_into().unwrap());
        assert_eq!(said as usize, file.len() - HEADER);
        let sample = |block: &[u8], side: usize| i16::from_le_bytes([block[side * 2], block[side * 2 + 1]]);
        [0, 1].map(|side| file[HEADER..].chunks(BLOCK).map(|block| sample(block, side)).collect())
    }

    #[test]
    fn packets_lie_where_their_time_says_and_gaps_are_silence() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        let mut track = Track::begin(&path, Instant::now()).unwrap();
        put(&mut track, Channel::Left, 100, header(1, 5_000), 11);
        put(&mut track, Channel::Right, 110, header(9, 0), 22);
        // Late by 15 ms, and before that the next one; one is lost.
        put(&mut track, Channel::Left, 155, header(1, 5_480), 13);
        put(&mut track, Channel::Left, 156, header(1, 5_160), 12);
        let [left, right] = finish(track, &path, 1_000);
        assert_eq!((left.len(), right.len()), (8_000, 8_000));
        let expected = |ranges: &[(usize, i16)]| {
            let mut samples = vec![0; 8_000];
            for (begin, sample) in ranges {
                samples[*begin..*begin + 160].fill(*sample);
            }
            samples
        };
        assert_eq!(left, expected(&[(800, 11), (960, 12), (1_280, 13)]));
        assert_eq!(right, expected(&[(880, 22)]));
    }

    #[test]
    fn another_stream_or_a_jump_of_its_time_is_put_where_it_arrives() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        let mut track = Track::begin(&path, Instant::now()).unwrap();
        put(&mut track, Channel::Left, 0, header(1, 0), 1);
        put(&mut track, Channel::Left, 10, header(2, 77), 2);
        put(&mut track, Channel::Left, 500, header(2, 4_000_000_000), 3);
        let [left, _] = finish(track, &path, 600);
        let first = |wanted: i16| left.iter().position(|sample| *sample == wanted);
        assert_eq!((first(1), first(2), first(3)), (Some(0), Some(160), Some(4_000)));
    }

    #[test]
    fn what_is_written_on_the_way_is_a_whole_file_and_little_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        let mut track = Track::begin(&path, Instant::now()).unwrap();
        for number in 0..500 {
            put(&mut track, Channel::Left, u64::from(number) * 20, header(1, number * 160), 7);
            track.advance(track.began + Duration::from_millis(u64::from(number) * 20)).unwrap();
            assert!(track.window.len() < 4_000);
        }
        let file = std::fs::read(&path).unwrap();
        assert_eq!(file.len(), HEADER + 76_640 * BLOCK, "all but the last 400 ms");
        assert_eq!(file[40..44], 306_560_u32.to_le_bytes());
        track.advance(track.began + Duration::from_secs(60)).unwrap();
        assert!(track.window.is_empty(), "a minute of silence");
        let again = Track::begin(&path, Instant::now());
        assert!(again.is_err(), "a recording is never written over");
    }
}
