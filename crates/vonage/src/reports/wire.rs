//! A page of call logs. What is not known, or not the account's to know, is left out.

use call::{CallId, Number};
use rust_decimal::Decimal;
use serde::Serialize;

/// A page.
#[derive(Serialize)]
pub struct CallLogsPageWire {
    /// Entries on a page, at most.
    pub page_size: u64,
    /// The page's number, from 1.
    pub page: u64,
    /// How many pages there are.
    pub total_pages: u64,
    /// How many entries all pages have together.
    pub total_items: u64,
    /// The ways to the other pages.
    #[serde(rename = "_links")]
    pub links: LinksWire,
    /// The entries.
    #[serde(rename = "_embedded")]
    pub embedded: EmbeddedWire,
}

/// The ways to the other pages.
#[derive(Serialize)]
pub struct LinksWire {
    /// The first page.
    pub first: LinkWire,
    /// The page before, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prev: Option<LinkWire>,
    /// This page.
    #[serde(rename = "self")]
    pub own: LinkWire,
    /// The next page, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<LinkWire>,
}

/// A way.
#[derive(Serialize)]
pub struct LinkWire {
    /// Where to.
    pub href: String,
}

/// What is on a page.
#[derive(Serialize)]
pub struct EmbeddedWire {
    /// The entries.
    pub call_logs: Vec<CallLogWire>,
}

/// A finished call.
#[derive(Serialize)]
pub struct CallLogWire {
    /// The call's id.
    #[serde(serialize_with = "crate::wire::as_text")]
    pub id: CallId,
    /// Whether both ends are phones of this server.
    pub in_network: bool,
    /// Whether it goes from one country to another.
    pub international: bool,
    /// The caller's number.
    #[serde(serialize_with = "crate::wire::as_text")]
    pub from: Number,
    /// The number dialed.
    #[serde(serialize_with = "crate::wire::as_text")]
    pub to: Number,
    /// Which way it went.
    pub direction: CallLogDirectionWire,
    /// From the answer to the end, in seconds.
    pub length: u64,
    /// When it began.
    pub start: String,
    /// When it ended.
    pub end: String,
    /// What it cost the account, with all that was sent on within it; of a call that cost it nothing and came to
    /// it, what it was paid.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "amount")]
    pub charge: Option<Decimal>,
    /// The price of a minute after the first billing step.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "amount")]
    pub rate: Option<Decimal>,
    /// The MAC address of the calling phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_device_name: Option<String>,
    /// The person at the calling phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_user_full_name: Option<String>,
    /// That person's user name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_user: Option<String>,
    /// The calling phone's SIP user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_sip_id: Option<String>,
    /// The extension of the calling phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_extension: Option<String>,
    /// The MAC address of the phone that answered, or rang longest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_device_name: Option<String>,
    /// The person at that phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_user_full_name: Option<String>,
    /// That person's user name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_user: Option<String>,
    /// That phone's SIP user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_sip_id: Option<String>,
    /// The extension of that phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_extension: Option<String>,
    /// What came of it.
    pub result: CallLogResultWire,
    /// Whether there is a recording.
    pub recorded: bool,
}

/// Which way a call went, seen from the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum CallLogDirectionWire {
    /// To the account.
    Inbound,
    /// From the account.
    Outbound,
}

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum CallLogResultWire {
    /// It was answered.
    Answered,
    /// The called party was busy.
    Busy,
    /// Nobody answered, or the caller gave up first.
    Unanswered,
    /// It could not be set up.
    Failed,
}

fn amount<S: serde::Serializer>(amount: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
    match amount {
        Some(amount) => serializer.collect_str(&amount.normalize()),
        None => serializer.serialize_none(),
    }
}
