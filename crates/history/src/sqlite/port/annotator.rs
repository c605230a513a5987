//! Annotations, in the database.

use async_trait::async_trait;
use call::{AccountId, CallId};

use crate::{
    Annotation, AnnotationChange, Annotations, Annotator, HistoryError,
    sqlite::{SqliteHistory, annotations, lanes::Lane, readers::Asked, writer::Change},
};

#[async_trait]
impl Annotator for SqliteHistory {
    async fn annotate(
        &self,
        accounts: Vec<AccountId>,
        call: CallId,
        change: AnnotationChange,
    ) -> Result<(), HistoryError> {
        self.writer.write(Change::Annotate(Annotation { accounts, call, change })).await
    }

    async fn annotations(&self, calls: Vec<(AccountId, CallId)>) -> Result<Vec<Annotations>, HistoryError> {
        let asked = Asked {
            what: "read annotations",
            lane: Lane::Page,
            account: calls.first().map(|(account, _)| *account),
        };
        let find = move |database: &_| {
            calls.iter().map(|(account, call)| annotations::find(database, *account, *call)).collect()
        };
        self.readers.read(asked, find).await
    }

    async fn annotation_changes(
        &self,
        account: AccountId,
        call: CallId,
        limit: u32,
    ) -> Result<Vec<AnnotationChange>, HistoryError> {
        let asked = Asked { what: "read changes of annotations", lane: Lane::Page, account: Some(account) };
        let changes = move |database: &_| annotations::changes(database, account, call, limit);
        self.readers.read(asked, changes).await
    }
}
