//! Changes that are looked at before they are made.

use super::{Directory, failed, load};
use crate::{changes::Changes, error::DirectoryError, file::DirectoryFile, snapshot::Snapshot};

impl Directory {
    /// What [applying](super::Changing::apply) a file would change, which is not done.
    ///
    /// Hashes and verifies passwords, tens of milliseconds each: not for an async task.
    pub fn preview(&self, file: &DirectoryFile) -> Result<Changes, DirectoryError> {
        let mut database = self.database.lock();
        let failed = failed("read its entries");
        let transaction = database.connection.transaction().map_err(&failed)?;
        let (entries, mut next) = load::load(&transaction).map_err(&failed)?;
        let old = Snapshot::new(entries);
        let new = Snapshot::new(self.resolve(file, &old, &mut next)?);
        Ok(Changes::between(&old, &new))
    }
}
