//! Records in the order of a text that the directory, not the history, knows of their accounts.
//!
//! Accounts with the same text stand together; the groups are searched one after the other until the page
//! is full.

use std::collections::BTreeMap;

use call::AccountId;
use directory::{Snapshot, model::Account};
use history::{Condition, HistoryError, RecordField, RecordPage, RecordQuery, Records, Test, Value};

use super::sort::AccountText;

/// What `query` finds, in the order of `text`, within a group in the order of the query.
pub async fn search(
    history: &dyn Records,
    query: RecordQuery,
    groups: Vec<Vec<AccountId>>,
) -> Result<RecordPage, HistoryError> {
    let mut page = RecordPage { records: Vec::new(), total: total(history, &query).await? };
    let mut skip = query.offset;
    for group in groups {
        let limit = query.limit - u32::try_from(page.records.len()).unwrap_or(query.limit);
        if limit == 0 {
            break;
        }
        let of_group = RecordQuery { offset: skip, limit, count: true, ..seen_from(&query, &group) };
        let found = history.search(of_group).await?;
        skip = skip.saturating_sub(found.total.unwrap_or_default());
        page.records.extend(found.records);
    }
    Ok(page)
}

async fn total(history: &dyn Records, query: &RecordQuery) -> Result<Option<u64>, HistoryError> {
    if !query.count {
        return Ok(None);
    }
    let counting = RecordQuery { offset: 0, limit: 0, ..query.clone() };
    Ok(history.search(counting).await?.total)
}

fn seen_from(query: &RecordQuery, group: &[AccountId]) -> RecordQuery {
    let accounts = group.iter().map(|account| Value::Int(account.0.into())).collect();
    let mut query = query.clone();
    query.conditions.push(Condition { field: RecordField::Account, test: Test::IsOneOf(accounts) });
    query
}

/// `accounts` by `text`, without regard to ASCII case; those without one last, or first if `descending`.
pub fn groups(
    accounts: &[AccountId],
    text: AccountText,
    descending: bool,
    directory: &Snapshot,
) -> Vec<Vec<AccountId>> {
    let mut groups: BTreeMap<(bool, Option<String>), Vec<AccountId>> = BTreeMap::new();
    for account in accounts.iter().filter_map(|id| directory.account(*id)) {
        let text = text_of(account, text);
        groups.entry((text.is_none(), text)).or_default().push(account.id);
    }
    let ascending = groups.into_values();
    if descending { ascending.rev().collect() } else { ascending.collect() }
}

fn text_of(account: &Account, text: AccountText) -> Option<String> {
    let text = match text {
        AccountText::Uuid => Some(account.uuid.to_string()),
        AccountText::Name => Some(account.name.to_string()),
        AccountText::Center => account.center.map(|center| center.to_string()),
    };
    text.map(|text| text.to_ascii_lowercase())
}
