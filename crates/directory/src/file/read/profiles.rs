//! Profiles.

use super::{Reading, Table, forms};
use crate::model::Profile;

impl Reading {
    pub(super) fn profiles(&mut self, root: &Table<'_>) {
        for table in root.tables("profiles") {
            let profile = self.read_profile(&table);
            self.entries.profiles.extend(profile);
            table.finish();
        }
    }

    fn read_profile(&mut self, table: &Table<'_>) -> Option<Profile> {
        let id = table.needed("id", forms::profile_id());
        let denied = table.set("deny", forms::permission());
        let id = id?;
        self.profiles.take(table, "id", id, (), "an id that no other profile has");
        let usual = Profile::usual(id);
        Some(if table.has("deny") {
            Profile { denied: denied.into_iter().collect(), ..usual }
        } else {
            usual
        })
    }
}
