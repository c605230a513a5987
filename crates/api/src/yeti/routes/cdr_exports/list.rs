//! `GET /cdr-exports`: the exports of the client's accounts, by page.

use std::sync::Arc;

use axum::extract::State;

use crate::{
    App,
    yeti::{
        answer::Answer,
        client::Client,
        errors::Refusal,
        export::{
            CdrCsv,
            listing::{KnownExport, Wanted},
        },
        links::Links,
        negotiation::Negotiated,
        present::Presenter,
        query::{Query, page::Page, selection::Selection},
        resource::CDR_EXPORTS,
        wire::document::{ListWire, MetaWire},
    },
};

/// A page of them.
pub async fn list(
    client: Client,
    _: Negotiated,
    links: Links,
    query: Query,
    State(app): State<Arc<App>>,
) -> Result<Answer, Refusal> {
    let selection = Selection::read(&query, &CDR_EXPORTS)?;
    let (wanted, page) = (Wanted::read(&query)?, Page::read(&query)?);
    let jobs = app.history.exports(client.access.accounts().to_vec(), 0, u32::MAX).await?.exports;
    let jobs = jobs.into_iter().filter(|job| job.format == CdrCsv::NAME);
    let directory = app.directory();
    let known = jobs.filter_map(|job| KnownExport::read(job, &directory).transpose());
    let exports = wanted.of(known.collect::<Result<_, _>>()?);
    let total = exports.len() as u64;
    let shown = page.of(exports);
    let presenter = Presenter { links: &links, selection: &selection };
    let resource = |export: &KnownExport| {
        presenter.resource(&CDR_EXPORTS, &export.id(), export.attributes(), &export.account)
    };
    Ok(Answer::ok(&ListWire {
        data: shown.iter().map(resource).collect(),
        included: presenter.included(shown.iter().map(|export| &export.account)),
        meta: MetaWire { total_count: total },
        links: page.links(&links.list(CDR_EXPORTS.kind), &query, total),
    }))
}
