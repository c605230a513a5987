//! Resources that are records of calls: the list is a search in the history (contract yeti.md, 5.3, 5.4
//! and 6.9).

mod seen;

use std::time::Duration;

use call::AccountId;
use directory::Snapshot;
use history::{Condition, Grain, RecordField, RecordQuery, Sort, Test, Value as Stored, query::SideFilter};

pub use self::seen::SeenRecord;
use super::{
    convert,
    errors::Refusal,
    query::{
        filter::{Filter, Operator},
        sort::Criterion,
        wanted::{Found, Wanted},
    },
    request::ApiRequest,
    resource::{
        Follow, Relationship, Resource,
        attribute::{Attribute, Kind},
        value::Value,
    },
    routes::{accounts::AccountView, resource::Listed},
};

/// How far a list reaches back whose request does not filter by `time-start`.
const RECENT: Duration = Duration::from_secs(86_400);

/// A resource that is a record, seen from one of its accounts.
pub trait Record: Resource {
    /// The side of the call that the account must have.
    const SIDE: SideFilter;

    /// The resource.
    fn new(seen: SeenRecord) -> Self;

    /// The record.
    fn seen(&self) -> &SeenRecord;
}

/// The attribute that shows a field, and is filtered and sorted by it.
pub const fn attribute<T: Record>(name: &'static str, kind: Kind, field: RecordField) -> Attribute<T> {
    Attribute::stored(name, kind, field, |record, field| record.seen().value(field))
}

/// Whether there is a recording that the client may fetch.
pub const fn rec<T: Record>() -> Attribute<T> {
    Attribute::boolean("rec", |record: &T| (!record.seen().recording().is_empty()).into()).sent_only()
}

/// The account that the record is seen from.
pub const fn account<T: Record>() -> Relationship<T> {
    Relationship {
        name: "account",
        kind: AccountView::KIND,
        follow: Follow::ToOne(|record, known| known.account(record.seen().account())),
    }
}

impl<T: Record> Listed for T {
    async fn list(request: &ApiRequest, wanted: &Wanted<Self>) -> Result<Found<Self>, Refusal> {
        let accounts = accounts(request, &wanted.filters);
        let Some(mut conditions) = conditions(&wanted.filters) else {
            return Ok(Found { items: Vec::new(), total: 0 });
        };
        if !wanted.filters.iter().any(|filter| filter.attribute.field() == Some(RecordField::StartedAt)) {
            let least = Stored::Time(request.app.now() - RECENT);
            conditions.push(Condition { field: RecordField::StartedAt, test: Test::AtLeast(least) });
        }
        let order: Vec<_> = wanted.order.iter().filter_map(sort).collect();
        let newest = RecordQuery::newest(accounts, 0);
        let query = RecordQuery {
            side: T::SIDE,
            grain: Grain::Part,
            conditions,
            sort: order.first().copied().unwrap_or(newest.sort),
            then: order.into_iter().skip(1).collect(),
            offset: wanted.page.offset(),
            limit: u32::try_from(wanted.page.size).unwrap_or(u32::MAX),
            count: true,
            ..newest
        };
        let page = request.app.history.search(query).await?;
        let items = page.records.into_iter().map(|found| T::new(SeenRecord::new(found, request))).collect();
        Ok(Found { items, total: page.total.unwrap_or_default() })
    }

    async fn find(request: &ApiRequest, id: &str) -> Result<Option<Self>, Refusal> {
        let serial: i64 = id.parse().map_err(|_| Refusal::invalid_id(id))?;
        let accounts = request.access().accounts().to_vec();
        let condition = Condition { field: RecordField::Serial, test: Test::Is(Stored::Int(serial)) };
        let newest = RecordQuery::newest(accounts, 1);
        let query = RecordQuery { side: T::SIDE, grain: Grain::Part, conditions: vec![condition], ..newest };
        let page = request.app.history.search(query).await?;
        Ok(page.records.into_iter().next().map(|found| T::new(SeenRecord::new(found, request))))
    }
}

/// The accounts that the client may see and that filters by account keep.
fn accounts<T: Record>(request: &ApiRequest, filters: &[Filter<T>]) -> Vec<AccountId> {
    let by_account: Vec<_> = filters.iter().filter(|filter| is_by_account(filter)).collect();
    let is_kept = |id: &AccountId| {
        let uuid = uuid_of(&request.directory, *id);
        by_account.iter().all(|filter| filter.operator.accepts(&uuid, &filter.values))
    };
    request.access().accounts().iter().copied().filter(is_kept).collect()
}

fn is_by_account<T>(filter: &Filter<T>) -> bool {
    filter.attribute.field() == Some(RecordField::Account)
}

fn uuid_of(directory: &Snapshot, account: AccountId) -> Value {
    directory.account(account).map(|account| account.uuid).into()
}

/// What the other filters ask of the history; `None` if nothing can pass.
fn conditions<T: Record>(filters: &[Filter<T>]) -> Option<Vec<Condition>> {
    let others = filters.iter().filter(|filter| !is_by_account(filter));
    others.map(|filter| Some(Condition { field: filter.attribute.field()?, test: test(filter)? })).collect()
}

fn test<T>(filter: &Filter<T>) -> Option<Test> {
    let mut values = filter.values.iter().map(stored).collect::<Option<Vec<_>>>()?;
    let mut texts = filter.values.iter().map(Value::to_string);
    Some(match filter.operator {
        Operator::In if values.len() == 1 => Test::Is(values.pop()?),
        Operator::In => Test::IsOneOf(values),
        Operator::NotIn => Test::IsNoneOf(values),
        Operator::Above => Test::Above(values.pop()?),
        Operator::AtLeast => Test::AtLeast(values.pop()?),
        Operator::Below => Test::Below(values.pop()?),
        Operator::AtMost => Test::AtMost(values.pop()?),
        Operator::Contains => Test::ContainsOneOf(texts.collect()),
        Operator::StartsWith => Test::StartsWith(texts.next()?),
        Operator::EndsWith => Test::EndsWith(texts.next()?),
    })
}

fn stored(value: &Value) -> Option<Stored> {
    Some(match value {
        Value::Bool(yes) => Stored::Bool(*yes),
        Value::Integer(number) => Stored::Int(*number),
        Value::Decimal(number) => Stored::Decimal(*number),
        Value::Time(at) => Stored::Span(*at..*at + convert::SHOWN),
        Value::Text(_) | Value::Address(_) => Stored::Text(value.to_string()),
        Value::Null | Value::Uuid(_) | Value::Json(_) => return None,
    })
}

/// `None` for an attribute that no record has: it puts them in no order.
fn sort<T: Record>(criterion: &Criterion<T>) -> Option<Sort> {
    Some(Sort { field: criterion.attribute.field()?, descending: criterion.descending })
}
