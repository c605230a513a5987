//! What a reader asks for.

use axum::http::HeaderMap;
use call::{AccountId, CallId, DeviceId, ErrorCode, Number, TrunkId};
use events::{KindFilter, UnknownKind};
use history::LogFilter;
use http_core::App;

use crate::{auth::Client, errors::Failure};

/// What may be asked.
const PARAMETERS: &str = "after, account, call, extension, trunk, type and limit";
/// Events on a page, if the request does not say, and at most.
const PAGE: usize = 100;
const LONGEST_PAGE: usize = 1_000;

/// What a reader asks for.
pub struct EventsQuery {
    /// The number of the last event that it knows; `None` if it knows none.
    pub after: Option<u64>,
    pub filter: LogFilter,
    pub kinds: KindFilter,
    /// Events on a page.
    pub limit: usize,
}

impl EventsQuery {
    /// Reads the query; a `Last-Event-ID`, which a reader that was cut off sends, goes before `after`.
    pub fn read(app: &App, client: &Client, query: &str, headers: &HeaderMap) -> Result<Self, Failure> {
        let mut read =
            Self { after: None, filter: LogFilter::default(), kinds: KindFilter::default(), limit: PAGE };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            read.take(app, client, &name, &value)?;
        }
        if let Some(last) = headers.get("last-event-id") {
            read.after = Some(number("Last-Event-ID", last.to_str().unwrap_or_default())?);
        }
        Ok(read)
    }

    fn take(&mut self, app: &App, client: &Client, name: &str, value: &str) -> Result<(), Failure> {
        match name {
            "after" => self.after = Some(number(name, value)?),
            "account" => self.filter.accounts.push(account(client, value)?),
            "call" => self.filter.call = Some(call(value)?),
            "extension" => self.filter.devices = Some(devices(app, client, value)?),
            "trunk" => self.filter.trunk = Some(trunk(value)?),
            "type" => self.kinds = kinds(value)?,
            "limit" => self.limit = limit(value)?,
            _ => return Err(Failure::bad_member(name, "unknown", PARAMETERS)),
        }
        Ok(())
    }
}

fn number(name: &str, value: &str) -> Result<u64, Failure> {
    let number = value.parse().ok().filter(|number| *number < 1 << 53);
    number
        .ok_or_else(|| Failure::bad_member(name, format!("{value:?}"), "the id of an event: a whole number"))
}

fn account(client: &Client, value: &str) -> Result<AccountId, Failure> {
    let account = value.parse().ok().map(AccountId).filter(|account| client.access.allows(*account));
    account.ok_or_else(|| {
        let accepted: Vec<_> = client.access.accounts().iter().map(ToString::to_string).collect();
        Failure::bad_member("account", format!("{value:?}"), accepted.join(", "))
    })
}

fn call(value: &str) -> Result<CallId, Failure> {
    value.parse().map_err(|_| Failure::bad_member("call", format!("{value:?}"), "the id of a call: a UUID"))
}

/// The phones of an extension as they are now.
fn devices(app: &App, client: &Client, value: &str) -> Result<Vec<DeviceId>, Failure> {
    let directory = app.directory();
    let extension = directory.extension(client.account, &Number::from(value));
    let missing = || Failure::new(ErrorCode::NotFound, "The account has no such extension");
    extension.map(|extension| extension.devices.clone()).ok_or_else(missing)
}

fn trunk(value: &str) -> Result<TrunkId, Failure> {
    let trunk = value.parse().map(TrunkId);
    trunk.map_err(|_| Failure::bad_member("trunk", format!("{value:?}"), "the number of a trunk"))
}

fn kinds(value: &str) -> Result<KindFilter, Failure> {
    KindFilter::parse(value).map_err(|UnknownKind(found)| {
        let accepted =
            "types with commas between them, each whole (leg.answered) or what stands before the point";
        Failure::bad_member("type", format!("{found:?}"), accepted)
    })
}

fn limit(value: &str) -> Result<usize, Failure> {
    let limit = value.parse().ok().filter(|limit| (1..=LONGEST_PAGE).contains(limit));
    let accepted = format!("1 to {LONGEST_PAGE}");
    limit.ok_or_else(|| Failure::bad_member("limit", format!("{value:?}"), accepted))
}
