//! Call data records as a format of webhooks: each call that is over, sent as Yeti's own consumer of its queue sends a
//! batch of them, `{"data": […]}` with the names of its columns.

use async_trait::async_trait;
use call::CallRecord;
use history::{
    Condition, Grain, HistoryError, RecordField, RecordQuery, Test, Value as Stored, query::SideFilter,
};
use serde_json::{Map, Value, json};
use webhooks::{Format, Occasion};

use crate::{
    records::{Record, SeenRecord},
    resource::attribute::Attribute,
    routes::{cdrs::Cdr, incoming_cdrs::IncomingCdr},
    wire::attribute::AttributesWire,
};

/// The records of calls that are over.
#[derive(Clone, Copy, Debug)]
pub struct CdrPush;

#[async_trait]
impl Format for CdrPush {
    async fn body(&self, occasion: Occasion<'_>) -> Result<Option<Vec<u8>>, HistoryError> {
        let Some(record) = occasion.finished().await? else { return Ok(None) };
        if !occasion.hook.wanted.wants_call(record.legs.iter().map(|leg| &leg.endpoint)) {
            return Ok(None);
        }
        let mut rows = rows::<Cdr>(&occasion, &record).await?;
        // Calls inside the account are in the first list already.
        rows.extend(rows_of::<IncomingCdr>(&occasion, &record, SideFilter::OnlyTerminated).await?);
        Ok((!rows.is_empty()).then(|| serde_json::to_vec(&json!({ "data": rows })).unwrap_or_default()))
    }
}

async fn rows<T: Record>(occasion: &Occasion<'_>, record: &CallRecord) -> Result<Vec<Value>, HistoryError> {
    rows_of::<T>(occasion, record, T::SIDE).await
}

/// What the account has of a call: the call itself, and parts of it that are rated of themselves.
async fn rows_of<T: Record>(
    occasion: &Occasion<'_>,
    record: &CallRecord,
    side: SideFilter,
) -> Result<Vec<Value>, HistoryError> {
    let is_it = Test::Is(Stored::Text(record.call_id.to_string()));
    let query = RecordQuery {
        side,
        grain: Grain::Part,
        conditions: vec![Condition { field: RecordField::CallId, test: is_it }],
        ..RecordQuery::newest(vec![occasion.hook.account], 1_000)
    };
    let found = occasion.live.history().search(query).await?;
    let shown = found.records.into_iter().map(|found| T::new(SeenRecord::pushed(found)));
    Ok(shown.map(|record| row(occasion, &record)).collect())
}

fn row<T: Record>(occasion: &Occasion<'_>, record: &T) -> Value {
    let customer = occasion.directory.customer(occasion.access.customer());
    let is_shown = |attribute: &&Attribute<T>| {
        let is_hidden = customer.is_some_and(|customer| customer.hidden.has(attribute.name));
        attribute.is_sent_of(record) && !is_hidden
    };
    let id = ("id", T::ID.value(record));
    let attributes = T::ATTRIBUTES.iter().filter(is_shown).map(|known| (known.name, known.value(record)));
    let named = serde_json::to_value(AttributesWire([id].into_iter().chain(attributes).collect()));
    let members = named.ok().and_then(|named| named.as_object().cloned()).unwrap_or_default();
    let mut row = Map::from_iter([("type".to_owned(), json!(T::KIND))]);
    row.insert("account_id".to_owned(), json!(record.seen().account().0));
    row.insert("call_id".to_owned(), json!(record.seen().call().to_string()));
    row.extend(members.into_iter().map(|(name, value)| (name.replace('-', "_"), value)));
    Value::Object(row)
}
