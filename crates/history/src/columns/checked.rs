//! Files whose bytes are checked whenever they are read: each block of a file has a checksum (CRC-32), made as the
//! file was written and kept apart from it.

use std::{
    fs::File,
    io::{self, Write},
    os::unix::fs::FileExt,
    path::Path,
};

use bytes::Bytes;
use rustix::io::Errno;

use crate::HistoryError;

/// Bytes of a block. A small one costs more room for checksums, a great one more reading around what is wanted.
const BLOCK: usize = 16 * 1_024;

/// The length of a file, and the checksum of each of its blocks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    length: u64,
    blocks: Vec<u32>,
}

/// A file of which every byte that is read is one that was written.
pub(crate) struct Checked {
    file: File,
    name: String,
    sums: Sums,
}

/// Writes a file and sums it up.
pub(crate) struct Summing<W> {
    out: W,
    sums: Sums,
    block: crc32fast::Hasher,
}

impl Sums {
    /// The length of the file.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// The checksums one after the other.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        self.blocks.iter().flat_map(|block| block.to_le_bytes()).collect()
    }

    /// What [`to_bytes`](Self::to_bytes) gave, of a file of that length.
    pub(crate) fn from_bytes(length: u64, bytes: &[u8]) -> Self {
        let blocks = bytes.chunks_exact(4).map(|sum| u32::from_le_bytes([sum[0], sum[1], sum[2], sum[3]]));
        Self { length, blocks: blocks.collect() }
    }
}

impl<W: Write> Summing<W> {
    pub(crate) fn new(out: W) -> Self {
        Self { out, sums: Sums::default(), block: crc32fast::Hasher::new() }
    }

    /// What was written to, and its sums.
    pub(crate) fn finish(mut self) -> (W, Sums) {
        if self.filled() > 0 {
            self.sums.blocks.push(self.block.finalize());
        }
        (self.out, std::mem::take(&mut self.sums))
    }

    /// Bytes of the block that has begun.
    fn filled(&self) -> usize {
        (self.sums.length % BLOCK as u64) as usize
    }

    fn sum(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(BLOCK - self.filled()));
            self.block.update(now);
            self.sums.length += now.len() as u64;
            if self.filled() == 0 {
                self.sums.blocks.push(std::mem::take(&mut self.block).finalize());
            }
            bytes = later;
        }
    }
}

impl<W: Write> Write for Summing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.sum(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Checked {
    /// Opens a file of which the sums are known.
    pub(crate) fn open(path: &Path, sums: Sums) -> Result<Self, HistoryError> {
        let name = name_of(path);
        let file = File::open(path).map_err(|source| unreadable(&name, source))?;
        Ok(Self { file, name, sums })
    }

    /// The length that the file was written with.
    pub(crate) fn length(&self) -> u64 {
        self.sums.length
    }

    /// Part of the file.
    pub(crate) fn read(&self, start: u64, length: usize) -> Result<Bytes, HistoryError> {
        let end = start.checked_add(length as u64).filter(|end| *end <= self.sums.length);
        let end = end.ok_or_else(|| self.damaged())?;
        let block = BLOCK as u64;
        let (first, last) = (start / block, end.div_ceil(block));
        let begin = first * block;
        let mut bytes = vec![0; ((last * block).min(self.sums.length) - begin) as usize];
        self.file.read_exact_at(&mut bytes, begin).map_err(|source| match source.kind() {
            io::ErrorKind::UnexpectedEof => self.damaged(),
            _ => unreadable(&self.name, source),
        })?;
        let sums = self.sums.blocks.get(first as usize..last as usize).ok_or_else(|| self.damaged())?;
        if bytes.chunks(BLOCK).zip(sums).any(|(bytes, sum)| crc32fast::hash(bytes) != *sum) {
            return Err(self.damaged());
        }
        let offset = (start - begin) as usize;
        Ok(Bytes::from(bytes).slice(offset..offset + length))
    }

    /// Reads all of it.
    pub(crate) fn verify(&self) -> Result<(), HistoryError> {
        const PORTION: usize = 64 * BLOCK;
        for start in (0..self.sums.length).step_by(PORTION) {
            self.read(start, PORTION.min((self.sums.length - start) as usize))?;
        }
        Ok(())
    }

    /// The error for something in it that cannot be.
    pub(crate) fn damaged(&self) -> HistoryError {
        HistoryError::Damaged { part: self.name.clone() }
    }
}

/// Names of folders that a file is told with.
const TOLD: usize = 3;

/// What a file is told as: its name and those of the folders around it that say what it is.
pub(crate) fn name_of(path: &Path) -> String {
    let mut names: Vec<_> = path.iter().rev().take(TOLD).map(|name| name.to_string_lossy()).collect();
    names.reverse();
    names.join("/")
}

/// Whether a file is there and as it was written.
pub(crate) fn is_whole(path: &Path, sums: &Sums) -> bool {
    Checked::open(path, sums.clone()).is_ok_and(|file| file.verify().is_ok())
        && path.metadata().is_ok_and(|metadata| metadata.len() == sums.length)
}

fn unreadable(name: &str, source: io::Error) -> HistoryError {
    let what = "read a sealed file";
    match Errno::from_io_error(&source) {
        Some(Errno::NOENT) => HistoryError::Damaged { part: name.to_owned() },
        Some(Errno::MFILE | Errno::NFILE) => HistoryError::NoFiles { what },
        _ => HistoryError::Store { what, source: Box::new(source) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_every_flipped_bit_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let bytes: Vec<u8> = (0..3 * BLOCK + 77).map(|at| (at * 31 % 251) as u8).collect();
        let mut out = Summing::new(Vec::new());
        bytes.chunks(1_000).for_each(|part| out.write_all(part).unwrap());
        let (mut written, sums) = out.finish();
        assert_eq!(Sums::from_bytes(sums.length, &sums.to_bytes()), sums);
        std::fs::write(&path, &written).unwrap();
        let file = Checked::open(&path, sums.clone()).unwrap();
        file.verify().unwrap();
        for (start, length) in [(0, 1), (BLOCK - 1, 2), (5, 2 * BLOCK), (3 * BLOCK + 76, 1), (9, 0)] {
            assert_eq!(file.read(start as u64, length).unwrap(), bytes[start..start + length]);
        }
        assert!(file.read(bytes.len() as u64, 1).is_err());
        for at in [0, BLOCK, 3 * BLOCK + 76] {
            written[at] ^= 1;
            std::fs::write(&path, &written).unwrap();
            let file = Checked::open(&path, sums.clone()).unwrap();
            let told = name_of(&path);
            assert!(matches!(file.verify(), Err(HistoryError::Damaged { part }) if part == told));
            assert!(file.read(at as u64, 1).is_err());
            written[at] ^= 1;
        }
        std::fs::write(&path, &written[..BLOCK]).unwrap();
        assert!(Checked::open(&path, sums).unwrap().verify().is_err());
    }

    #[test]
    fn a_file_that_is_gone_is_damaged_and_one_that_cannot_be_opened_for_others_is_not() {
        let unreadable = |errno: Errno| unreadable("part-1.parquet", errno.into());
        assert!(
            matches!(unreadable(Errno::NOENT), HistoryError::Damaged { part } if part == "part-1.parquet")
        );
        assert!(matches!(unreadable(Errno::MFILE), HistoryError::NoFiles { .. }));
        assert!(matches!(unreadable(Errno::IO), HistoryError::Store { .. }));
    }
}
