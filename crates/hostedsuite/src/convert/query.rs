//! From a request to a query of the history (sections 1.4 to 1.6).

use std::time::Duration;

use call::CallId;
use directory::{Access, Snapshot, model::Account};
use history::{Condition, Grain, RecordField, RecordQuery, Sort, Test, Value, query::SideFilter};

use crate::{
    convert::Wanted,
    sort::SortKey,
    state::HostedSuiteConfig,
    wire::{base::SortDir, calls::ReceptionCallTypesApi},
};

/// Most items on a page; more are not refused.
const MOST_ITEMS: u32 = 1_000;

/// The query that answers `request` for a client with `access`.
///
/// What nobody can match, an unknown client or an id that is none, leaves no account to look into.
pub fn query(
    request: &Wanted,
    access: &Access,
    directory: &Snapshot,
    config: &HostedSuiteConfig,
) -> RecordQuery {
    let limit = match request.items_per_page {
        0 => config.items_per_page.clamp(1, MOST_ITEMS),
        asked => asked.min(MOST_ITEMS),
    };
    let conditions = conditions(request);
    let is_wanted = |account: &Account| conditions.is_some() && is_wanted(request, account);
    let visible = access.narrowed(|id| directory.account(id).is_some_and(is_wanted));
    RecordQuery {
        accounts: visible.accounts().to_vec(),
        grain: Grain::Call,
        side: SideFilter::Any,
        conditions: conditions.unwrap_or_default(),
        sort: sort(request),
        then: Vec::new(),
        offset: u64::from(request.page) * u64::from(limit),
        limit,
        count: !request.disable_stats,
    }
}

fn is_wanted(request: &Wanted, account: &Account) -> bool {
    let client = account.uuid.to_string();
    let center = account.center.map(|center| center.to_string());
    request.client_id.as_ref().is_none_or(|id| id.eq_ignore_ascii_case(&client))
        && (request.center_id.is_none() || request.center_id == center)
}

/// `None` if no record can meet them.
fn conditions(request: &Wanted) -> Option<Vec<Condition>> {
    let id = request.call_record_id.as_ref().map(|id| id.parse::<CallId>()).transpose().ok()?;
    let is = |field, test| Condition { field, test };
    let conditions = [
        id.map(|id| is(RecordField::CallId, Test::Is(Value::Text(id.to_string())))),
        request.from.map(|from| is(RecordField::StartedAt, Test::AtLeast(Value::Time(from)))),
        request.until.map(|until| is(RecordField::StartedAt, Test::Below(Value::Time(until)))),
        (!request.talk.start().is_zero())
            .then(|| is(RecordField::Talk, Test::AtLeast(Value::Length(*request.talk.start())))),
        (*request.talk.end() < Duration::MAX)
            .then(|| is(RecordField::Talk, Test::AtMost(Value::Length(*request.talk.end())))),
        request.call_type.map(|kind| {
            is(RecordField::IsOutbound, Test::Is(Value::Bool(kind == ReceptionCallTypesApi::Outgoing)))
        }),
    ];
    Some(conditions.into_iter().flatten().collect())
}

/// Records that are alike in what they are to be sorted by go by their ids, ascending in either direction.
fn sort(request: &Wanted) -> Sort {
    match request.sort_key {
        SortKey::Record(field) => Sort { field, descending: request.sort_dir == SortDir::Desc },
        SortKey::Account(_) | SortKey::Alike => Sort { field: RecordField::CallId, descending: false },
    }
}
