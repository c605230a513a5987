//! What the switch knows of each trunk beyond the directory.

use std::{collections::HashMap, sync::Arc};

use call::TrunkId;
use directory::model::Trunk;
use parking_lot::Mutex;

use crate::digest::Login;

/// What the switch knows of each trunk beyond the directory.
#[derive(Default)]
pub(crate) struct Trunks {
    logins: Mutex<HashMap<TrunkId, Arc<Login>>>,
}

impl Trunks {
    /// How to log in to a trunk, if the directory says.
    pub(crate) fn login(&self, trunk: &Trunk) -> Option<Arc<Login>> {
        let auth = trunk.auth.as_ref()?;
        let mut logins = self.logins.lock();
        let login = logins.entry(trunk.id).or_insert_with(|| Arc::new(Login::new(auth.clone())));
        if !login.is_with(auth) {
            *login = Arc::new(Login::new(auth.clone()));
        }
        Some(login.clone())
    }
}
