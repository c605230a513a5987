//! A request for a report: who asks, then under which parameters.

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts};
use call::AccountId;
use directory::{Access, Snapshot, model::HiddenFields};
use http_core::App;

use crate::{
    client::Client,
    convert,
    errors::report::{ParameterError, ReportRefusal},
    query::Query,
    state::Yeti,
};

/// A request for a report. Without credentials the answer has no body.
pub struct ReportRequest {
    /// The server.
    pub app: Arc<App>,
    /// The parameters.
    pub query: Query,
    /// What of its calls the client is not shown.
    pub hidden: HiddenFields,
    access: Access,
    directory: Arc<Snapshot>,
}

impl ReportRequest {
    /// The account of this id, if the client may see it.
    pub fn account(&self, text: &str) -> Option<AccountId> {
        let account = self.directory.account_by_uuid(convert::uuid(text)?)?;
        self.access.allows(account.id).then_some(account.id)
    }
}

impl FromRequestParts<Yeti> for ReportRequest {
    type Rejection = ReportRefusal;

    async fn from_request_parts(parts: &mut Parts, yeti: &Yeti) -> Result<Self, Self::Rejection> {
        let client = Client::authenticate(parts, yeti).await?;
        let Ok(query) = Query::from_request_parts(parts, yeti).await;
        let (app, directory) = (yeti.app.clone(), yeti.directory());
        let hidden = client.hidden(&directory);
        let by_hidden = query.parameters().find(|parameter| hidden.hides_filter(&parameter.name));
        if let Some(parameter) = by_hidden {
            return Err(ParameterError::Hidden(parameter.name.clone()).into());
        }
        Ok(Self { app, query, hidden, access: client.access, directory })
    }
}
