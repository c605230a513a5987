//! `GET /cdr-exports/{id}`, and the account that it belongs to.

use std::sync::Arc;

use axum::extract::State;

use super::{SentId, find};
use crate::{
    App,
    yeti::{
        answer::Answer,
        client::Client,
        errors::Refusal,
        export::listing::FILTERABLE,
        links::Links,
        negotiation::Negotiated,
        present::Presenter,
        query::{Query, filter, selection::Selection},
        resource::{ACCOUNTS, CDR_EXPORTS},
    },
};

/// The export.
pub async fn show(
    client: Client,
    _: Negotiated,
    links: Links,
    query: Query,
    id: SentId,
    State(app): State<Arc<App>>,
) -> Result<Answer, Refusal> {
    let selection = Selection::read(&query, &CDR_EXPORTS)?;
    // Names of filters are checked, but one resource is not filtered.
    filter::read(&query, &FILTERABLE)?;
    let export = find(&app, &client.access, &id).await?;
    let presenter = Presenter { links: &links, selection: &selection };
    Ok(Answer::ok(&presenter.document(&CDR_EXPORTS, &export.id(), export.attributes(), &export.account)))
}

/// `GET /cdr-exports/{id}/account`: the account.
pub async fn account(
    client: Client,
    _: Negotiated,
    links: Links,
    query: Query,
    id: SentId,
    State(app): State<Arc<App>>,
) -> Result<Answer, Refusal> {
    let selection = Selection::read(&query, &ACCOUNTS)?;
    let export = find(&app, &client.access, &id).await?;
    let presenter = Presenter { links: &links, selection: &selection };
    Ok(Answer::ok(&presenter.account(&export.account)))
}

/// `GET /cdr-exports/{id}/relationships/account`: which account it is.
pub async fn relationship(
    client: Client,
    _: Negotiated,
    links: Links,
    id: SentId,
    State(app): State<Arc<App>>,
) -> Result<Answer, Refusal> {
    let export = find(&app, &client.access, &id).await?;
    let presenter = Presenter { links: &links, selection: &Selection::default() };
    Ok(Answer::ok(&presenter.account_linkage(&CDR_EXPORTS, &export.id(), &export.account)))
}
