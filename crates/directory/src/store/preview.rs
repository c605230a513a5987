//! Changes that are looked at before they are made.

use super::{Directory, failed, load};
use crate::{
    changes::Changes,
    error::DirectoryError,
    file::DirectoryFile,
    renumber::NextIds,
    snapshot::{Entries, Snapshot},
};

impl Directory {
    /// What [applying](super::Changing::apply) a file would change, which is not done.
    ///
    /// Hashes and verifies passwords, tens of milliseconds each: not for an async task. Nobody waits for it.
    pub fn preview(&self, file: &DirectoryFile) -> Result<Changes, DirectoryError> {
        let (entries, mut next) = self.stored()?;
        let old = Snapshot::new(entries);
        let new = Snapshot::new(self.resolve(file, &old, &mut next)?);
        Ok(Changes::between(&old, &new))
    }

    fn stored(&self) -> Result<(Entries, NextIds), DirectoryError> {
        let mut database = self.database.lock();
        let failed = failed("read its entries");
        let transaction = database.connection.transaction().map_err(&failed)?;
        load::load(&transaction).map_err(failed)
    }
}
