//! The file of an export: it has its name only once it is whole and on the disk.

use std::{
    fs::{self, File},
    io::{self, BufWriter},
    path::{Path, PathBuf},
};

use flate2::{Compression, GzBuilder, write::GzEncoder};

use super::job::ExportError;
use crate::ExportId;

/// Where an export's bytes go.
pub(super) type Out = GzEncoder<BufWriter<File>>;

/// The file that an export has when it is completed.
pub(in crate::sqlite) fn path(folder: &Path, id: ExportId) -> PathBuf {
    folder.join(format!("{id}.csv.gz"))
}

/// Makes the file; `fill` gives its content. The same content always gives the same bytes.
pub(super) fn write<T>(
    folder: &Path,
    id: ExportId,
    fill: impl FnOnce(&mut Out) -> Result<T, ExportError>,
) -> Result<T, ExportError> {
    let whole = path(folder, id);
    let part = folder.join(format!("{id}.csv.gz.part"));
    let written = write_part(&part, fill).and_then(|value| {
        fs::rename(&part, &whole)?;
        File::open(folder)?.sync_all()?;
        Ok(value)
    });
    if written.is_err() {
        // It may not be there, and the next try begins it anew.
        let _ = fs::remove_file(&part);
    }
    written
}

fn write_part<T>(
    part: &Path,
    fill: impl FnOnce(&mut Out) -> Result<T, ExportError>,
) -> Result<T, ExportError> {
    let file = BufWriter::new(File::create(part)?);
    let mut out = GzBuilder::new().mtime(0).write(file, Compression::default());
    let value = fill(&mut out)?;
    let file = out.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    Ok(value)
}
