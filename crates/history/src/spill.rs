//! The spill file: what the store does not take lies there until it does, or until the next start reads it.
//!
//! Its room is reserved beforehand, so that it can be written when the disk is full. It begins with a header that
//! names its epoch; then follow frames: a length, a checksum over epoch and content, the content. What does not
//! fit its checksum is the end: the rest is of an earlier epoch, or a write that was never acknowledged. Emptying
//! the file is to begin a new epoch.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use rustix::fs::{FallocateFlags, fallocate};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{Batch, HistoryError, stored};

/// Its name in its folder.
pub const FILE_NAME: &str = "history.spill";
/// Bytes that are reserved for it.
pub const RESERVED: u64 = 16 << 20;

const MAGIC: [u8; 8] = *b"TLSPILL1";
/// Magic, epoch, and the checksum of both.
const HEADER: u64 = 32;
/// Length and checksum.
const FRAME_HEAD: usize = 12;

/// Why the spill file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SpillError {
    /// It cannot be made, read or written.
    #[error("the spill file {path} cannot be used")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A frame is whole, but nothing that this release knows.
    #[error("the spill file {path} holds what cannot be read")]
    Content {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: HistoryError,
    },
}

/// The open file. One process at a time: it lies under the lock of the store.
#[derive(Debug)]
pub struct SpillFile {
    path: PathBuf,
    file: File,
    epoch: Uuid,
    end: u64,
    frames: u64,
}

impl SpillFile {
    /// Opens the file in `folder`, makes it if it is not there, and reserves its room as far as the disk has
    /// any; gives what it holds, oldest first.
    pub fn open(folder: &Path) -> Result<(Self, Vec<Batch>), SpillError> {
        let path = folder.join(FILE_NAME);
        let failed = |source| SpillError::File { path: path.clone(), source };
        fs::create_dir_all(folder).map_err(failed)?;
        let opened = File::options().create(true).truncate(false).read(true).write(true).open(&path);
        let file = opened.map_err(failed)?;
        let bytes = fs::read(&path).map_err(failed)?;
        let epoch = epoch_of(&bytes);
        let mut spill =
            Self { path: path.clone(), file, epoch: epoch.unwrap_or_default(), end: HEADER, frames: 0 };
        spill.reserve();
        match epoch {
            Some(_) => {
                let batches = spill.read(&bytes)?;
                Ok((spill, batches))
            }
            None => spill.clear().map(|()| (spill, Vec::new())),
        }
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many batches it holds.
    pub fn len(&self) -> u64 {
        self.frames
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.frames == 0
    }

    /// Adds a batch; it is durable when this returns.
    pub fn append(&mut self, batch: &Batch) -> Result<(), SpillError> {
        let content = stored::write_batch(batch);
        let mut frame = Vec::with_capacity(FRAME_HEAD + content.len());
        frame.extend_from_slice(&(content.len() as u32).to_le_bytes());
        frame.extend_from_slice(&checksum(self.epoch, &content));
        frame.extend_from_slice(&content);
        self.write(self.end, &frame)?;
        self.end += frame.len() as u64;
        self.frames += 1;
        Ok(())
    }

    /// Empties it.
    pub fn clear(&mut self) -> Result<(), SpillError> {
        let epoch = Uuid::new_v4();
        let mut header = Vec::with_capacity(HEADER as usize);
        header.extend_from_slice(&MAGIC);
        header.extend_from_slice(epoch.as_bytes());
        header.extend_from_slice(&checksum(epoch, &MAGIC));
        self.write(0, &header)?;
        (self.epoch, self.end, self.frames) = (epoch, HEADER, 0);
        Ok(())
    }

    fn write(&self, at: u64, bytes: &[u8]) -> Result<(), SpillError> {
        let written = self.file.write_all_at(bytes, at).and_then(|()| self.file.sync_data());
        written.map_err(|source| SpillError::File { path: self.path.clone(), source })
    }

    /// A disk without room is no reason not to start: what fits may still be written.
    fn reserve(&self) {
        if let Err(error) = fallocate(&self.file, FallocateFlags::empty(), 0, RESERVED) {
            tracing::warn!(path = %self.path.display(), %error, "no room can be reserved for the spill file");
        }
    }

    fn read(&mut self, bytes: &[u8]) -> Result<Vec<Batch>, SpillError> {
        let mut batches = Vec::new();
        while let Some(content) = self.frame_at(bytes) {
            let unreadable = |source| SpillError::Content { path: self.path.clone(), source };
            batches.push(stored::read_batch(content).map_err(unreadable)?);
            self.end += (FRAME_HEAD + content.len()) as u64;
            self.frames += 1;
        }
        Ok(batches)
    }

    /// The content of the frame that begins at the end of what is known; `None` if there is none.
    fn frame_at<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let rest = bytes.get(usize::try_from(self.end).ok()?..)?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (sum, rest) = rest.split_first_chunk::<8>()?;
        let content = rest.get(..u32::from_le_bytes(*length) as usize)?;
        (!content.is_empty() && *sum == checksum(self.epoch, content)).then_some(content)
    }
}

fn epoch_of(bytes: &[u8]) -> Option<Uuid> {
    let rest = bytes.strip_prefix(&MAGIC)?;
    let (epoch, rest) = rest.split_first_chunk::<16>()?;
    let epoch = Uuid::from_bytes(*epoch);
    rest.starts_with(&checksum(epoch, &MAGIC)).then_some(epoch)
}

/// Eight bytes of the SHA-256 of both.
fn checksum(epoch: Uuid, content: &[u8]) -> [u8; 8] {
    let digest = Sha256::new().chain_update(epoch.as_bytes()).chain_update(content).finalize();
    let mut sum = [0; 8];
    sum.iter_mut().zip(digest).for_each(|(place, byte)| *place = byte);
    sum
}
