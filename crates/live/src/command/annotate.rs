//! Notes something about a call.

use call::{AccountId, CallId};
use directory::Access;
use history::{AnnotationChange, AnnotationEdit, Annotations, annotations::Author};

use crate::{CommandError, Live};

/// Changes that are told of a call at most: the latest.
const CHANGES: u32 = 1_000;

/// What a client's account noted about a call.
#[derive(Clone, Debug)]
pub struct Noted {
    /// What holds now.
    pub annotations: Annotations,
    /// Who changed what when, the latest first.
    pub changes: Vec<AnnotationChange>,
}

impl Live {
    /// Changes what the client's accounts note about a call that goes on or is over. Made already, it changes
    /// nothing.
    ///
    /// Who may: a client of an account that has a side of it. It is noted for all such accounts of the client,
    /// and for no others.
    pub async fn annotate(
        &self,
        access: &Access,
        call_id: CallId,
        by: Author,
        edit: AnnotationEdit,
    ) -> Result<(), CommandError> {
        edit.check()?;
        let (call_id, accounts) = self.sides_of(access, call_id).await?;
        let change = AnnotationChange { at: self.clock.now(), by, edit };
        Ok(self.history.annotate(accounts, call_id, change).await?)
    }

    /// What was noted about a call that goes on or is over. Of two accounts of the client that have a side of
    /// it, it is told as the one sees it that sends the call.
    pub async fn noted(&self, access: &Access, call_id: CallId) -> Result<Noted, CommandError> {
        let (call_id, accounts) = self.sides_of(access, call_id).await?;
        let account = accounts.first().copied().ok_or(CommandError::NotFound)?;
        let annotations = self.history.annotations(vec![(account, call_id)]).await?.pop().unwrap_or_default();
        let changes = self.history.annotation_changes(account, call_id, CHANGES).await?;
        Ok(Noted { annotations, changes })
    }

    /// The call, or that which it was merged into, and the client's accounts that have a side or a part of it,
    /// the one that sends it first.
    async fn sides_of(
        &self,
        access: &Access,
        call_id: CallId,
    ) -> Result<(CallId, Vec<AccountId>), CommandError> {
        let snapshot = self.snapshot();
        let live = access.accounts().iter().find_map(|account| snapshot.call(*account, call_id));
        // A call is out of the snapshot only after its record is stored.
        let (call_id, accounts) = match live {
            Some(call) => (call.id(), call.rows().iter().map(|row| row.owner.account).collect()),
            None => self.recorded_accounts(access, call_id).await?,
        };
        let mut theirs: Vec<_> = Vec::new();
        for account in accounts.into_iter().filter(|account| access.allows(*account)) {
            if !theirs.contains(&account) {
                theirs.push(account);
            }
        }
        Ok((call_id, theirs))
    }

    async fn recorded_accounts(
        &self,
        access: &Access,
        call_id: CallId,
    ) -> Result<(CallId, Vec<AccountId>), CommandError> {
        let record = self.history.record(access.accounts().to_vec(), call_id).await?;
        let record = record.ok_or(CommandError::NotFound)?;
        Ok((record.call_id, record.rows().iter().map(|row| row.owner.account).collect()))
    }
}
