//! The file of an export: it has its name only once it is whole and on the disk.

use std::{
    fs::{self, File},
    io::{self, BufWriter, ErrorKind, Write},
    panic::resume_unwind,
    path::{Path, PathBuf},
    sync::mpsc::{self, Receiver, SyncSender},
    thread,
};

use flate2::{Compression, GzBuilder};
use sha2::{Digest, Sha256};

use super::job::ExportError;
use crate::{
    ExportId,
    export::{FileFacts, FileType, Packing},
};

/// How hard it is tried to make a file small. Of rows of calls, this packs 2.3 times as many in a second as the usual
/// level 6, into files that are 9 % larger, so that packing does not hold up reading; level 1 makes them half as large
/// again.
const LEVEL: Compression = Compression::new(2);

/// Blocks that wait to be packed, at most: a reader that is faster waits.
const BLOCKS: usize = 8;

/// Where an export's bytes go; another thread packs them meanwhile.
pub(super) struct Out(SyncSender<Vec<u8>>);

impl Out {
    /// Hands over a block.
    pub(super) fn put(&self, block: Vec<u8>) -> io::Result<()> {
        // Whoever packs is gone only if it failed; it says why itself.
        self.0.send(block).map_err(|_| ErrorKind::BrokenPipe.into())
    }
}

/// The file that an export has when it is completed.
pub(in crate::sqlite) fn path(folder: &Path, id: ExportId, file_type: FileType) -> PathBuf {
    folder.join(format!("{id}.{}", file_type.extension))
}

/// Removes a file; one that is not there is as good.
pub(in crate::sqlite) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes the files of those exports that shall have none.
pub(super) fn sweep(folder: &Path, has_file: impl Fn(ExportId) -> bool) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let id = name.to_str().and_then(|name| name.split('.').next()?.parse().ok()).map(ExportId);
        if id.is_some_and(|id| !has_file(id)) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// Makes the file; `fill` gives its content. The same content always gives the same bytes.
pub(super) fn write<T>(
    folder: &Path,
    id: ExportId,
    file_type: FileType,
    fill: impl FnOnce(&Out) -> Result<T, ExportError>,
) -> Result<(T, FileFacts), ExportError> {
    let part = folder.join(format!("{id}.{}.part", file_type.extension));
    let written = write_part(&part, file_type.packing, fill).and_then(|written| {
        fs::rename(&part, path(folder, id, file_type))?;
        File::open(folder)?.sync_all()?;
        Ok(written)
    });
    if written.is_err() {
        // It may not be there, and the next try begins it anew.
        let _ = fs::remove_file(&part);
    }
    written
}

fn write_part<T>(
    part: &Path,
    packing: Packing,
    fill: impl FnOnce(&Out) -> Result<T, ExportError>,
) -> Result<(T, FileFacts), ExportError> {
    let file = Measured::new(BufWriter::new(File::create(part)?));
    thread::scope(|scope| {
        let (out, blocks) = mpsc::sync_channel(BLOCKS);
        let packer = scope.spawn(move || pack(file, packing, blocks));
        let filled = fill(&Out(out));
        let packed = packer.join().unwrap_or_else(|panic| resume_unwind(panic));
        // If packing failed, that is why the rest did.
        let facts = packed?;
        Ok((filled?, facts))
    })
}

fn pack(file: Measured, packing: Packing, blocks: Receiver<Vec<u8>>) -> io::Result<FileFacts> {
    let file = match packing {
        Packing::Plain => copy(blocks, file)?,
        Packing::Gzip => copy(blocks, GzBuilder::new().mtime(0).write(file, LEVEL))?.finish()?,
    };
    file.finish()
}

fn copy<W: Write>(blocks: Receiver<Vec<u8>>, mut to: W) -> io::Result<W> {
    blocks.iter().try_for_each(|block| to.write_all(&block)).map(|()| to)
}

/// A file that counts and hashes what is written to it.
struct Measured {
    file: BufWriter<File>,
    bytes: u64,
    hash: Sha256,
}

impl Measured {
    fn new(file: BufWriter<File>) -> Self {
        Self { file, bytes: 0, hash: Sha256::new() }
    }

    /// Everything is on the disk.
    fn finish(self) -> io::Result<FileFacts> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok(FileFacts { bytes: self.bytes, sha256: self.hash.finalize().into() })
    }
}

impl Write for Measured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.bytes += written as u64;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
