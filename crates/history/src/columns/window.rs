//! Parts of a file in memory, as the Parquet reader takes them.

use bytes::{Buf, Bytes, buf::Reader};
use parquet::{
    errors::{ParquetError, Result},
    file::reader::{ChunkReader, Length},
};

/// Parts of a file, each with the place where it begins.
pub(super) struct Window {
    length: u64,
    parts: Vec<(u64, Bytes)>,
}

impl Window {
    pub(super) fn new(length: u64, parts: Vec<(u64, Bytes)>) -> Self {
        Self { length, parts }
    }

    fn from(&self, start: u64) -> Result<Bytes> {
        let part =
            self.parts.iter().find(|(begin, bytes)| *begin <= start && start - *begin < bytes.len() as u64);
        let (begin, bytes) = part.ok_or_else(|| outside(start))?;
        Ok(bytes.slice((start - begin) as usize..))
    }
}

fn outside(start: u64) -> ParquetError {
    ParquetError::General(format!("byte {start} was not read"))
}

impl Length for Window {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Window {
    type T = Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(self.from(start)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let bytes = self.from(start)?;
        if bytes.len() < length { Err(outside(start + length as u64)) } else { Ok(bytes.slice(..length)) }
    }
}
