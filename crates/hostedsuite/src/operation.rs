//! What can be asked: the table of operations. Routes, metadata pages and types for clients are made from it.

use std::pin::Pin;

use axum::http::Method;
use directory::model::Area;
use http_core::{Guard, auth::LoggedIn};

use super::{
    dto::{Choice, Dto, Kind, Shape, Show, Value},
    errors::Failure,
    format::Word,
    members::Members,
    routes::{authenticate, call_allowance, calls, calls_update, centers, clients, settings},
    wire::{
        balance::{CallAllowanceBalanceInfo, CallRoundingType, ListCallAllowanceBalanceRequest},
        base::SortDir,
        calls::{
            CallRecordInfo, CallRecordInteractionInfo, ListCallRecordsRequest, PagedResponse,
            ReceptionCallTypesApi, UpdateCallRecordRequest,
        },
        centers::{AddressInfo, CenterInfo, ListCentersRequest},
        clients::{
            CallAllowanceType, ClientInfo, CustomFieldInfo, HyperlinkInfo, ListClientNamesRequest,
            ListClientsRequest,
        },
        time_zones::{ListTimeZonesRequest, TimeZoneInfo},
        user::{AuthenticateRequest, UserInfo},
    },
};
use crate::state::HostedSuite;

/// Something that a client can ask for.
pub struct Operation {
    /// What is sent; its name is the operation's.
    pub request: &'static Dto,
    /// What it does, in a sentence.
    pub about: &'static str,
    /// The verb of its own path.
    pub method: Verb,
    /// Its own path, below `/api`.
    pub path: &'static str,
    /// Whether it changes something.
    pub writes: bool,
    /// What its clients must be let near; `None` if it tells nothing but who they are.
    pub area: Option<Area>,
    /// What comes back.
    pub response: Kind,
    /// The types that its documents show after the request's.
    pub types: &'static [Type],
    /// Does it.
    pub run: Run,
}

/// The verbs of operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// GET.
    Get,
    /// POST.
    Post,
}

/// A type that documents show.
#[derive(Clone, Copy)]
pub enum Type {
    /// One with members.
    Dto(&'static Dto),
    /// One of several words.
    Choice(&'static Choice),
}

/// Does an operation for a client whose credentials are right.
pub type Run = for<'a> fn(&'a HostedSuite, &'a LoggedIn, &'a Members) -> Running<'a>;

/// An operation under way.
pub type Running<'a> = Pin<Box<dyn Future<Output = Result<Value, Failure>> + Send + 'a>>;

macro_rules! run {
    ($route:path) => {
        |app, client, members| Box::pin(async move { $route(app, client, members).await.map(Show::show) })
    };
}

/// All of them.
pub static OPERATIONS: [Operation; 8] = [
    Operation {
        request: &AuthenticateRequest::DTO,
        about: "Tells who the credentials belong to",
        method: Verb::Post,
        path: "/authenticate",
        writes: false,
        area: None,
        response: <UserInfo as Shape>::KIND,
        types: &[Type::Dto(&UserInfo::DTO)],
        run: run!(authenticate::show),
    },
    Operation {
        request: &ListCallRecordsRequest::DTO,
        about: "Lists call records by page",
        method: Verb::Post,
        path: "/calls",
        writes: false,
        area: Some(Area::History),
        response: <PagedResponse as Shape>::KIND,
        types: &[
            Type::Choice(&SortDir::CHOICE),
            Type::Dto(&CallRecordInfo::DTO),
            Type::Dto(&CallRecordInteractionInfo::DTO),
            Type::Choice(&ReceptionCallTypesApi::CHOICE),
            Type::Dto(&PagedResponse::DTO),
        ],
        run: run!(calls::list),
    },
    Operation {
        request: &UpdateCallRecordRequest::DTO,
        about: "Writes notes and flags on a call record",
        method: Verb::Post,
        path: "/calls/update",
        writes: true,
        area: Some(Area::History),
        response: <CallRecordInfo as Shape>::KIND,
        types: &[Type::Dto(&CallRecordInfo::DTO), Type::Dto(&CallRecordInteractionInfo::DTO)],
        run: run!(calls_update::update),
    },
    Operation {
        request: &ListCallAllowanceBalanceRequest::DTO,
        about: "Sums up the billable time of the calls of each client",
        method: Verb::Post,
        path: "/call-allowance/balance",
        writes: false,
        area: Some(Area::Billing),
        response: <Vec<CallAllowanceBalanceInfo> as Shape>::KIND,
        types: &[Type::Choice(&CallRoundingType::CHOICE), Type::Dto(&CallAllowanceBalanceInfo::DTO)],
        run: run!(call_allowance::balance),
    },
    Operation {
        request: &ListCentersRequest::DTO,
        about: "Lists centers",
        method: Verb::Post,
        path: "/centers",
        writes: false,
        area: Some(Area::Directory),
        response: <Vec<CenterInfo> as Shape>::KIND,
        types: &[Type::Dto(&CenterInfo::DTO), Type::Dto(&AddressInfo::DTO)],
        run: run!(centers::list),
    },
    Operation {
        request: &ListClientsRequest::DTO,
        about: "Lists clients",
        method: Verb::Post,
        path: "/clients",
        writes: false,
        area: Some(Area::Directory),
        response: <Vec<ClientInfo> as Shape>::KIND,
        types: CLIENT_TYPES,
        run: run!(clients::list),
    },
    Operation {
        request: &ListClientNamesRequest::DTO,
        about: "Lists the names of clients",
        method: Verb::Post,
        path: "/clients/names",
        writes: false,
        area: Some(Area::Directory),
        response: <Vec<ClientInfo> as Shape>::KIND,
        types: CLIENT_TYPES,
        run: run!(clients::names),
    },
    Operation {
        request: &ListTimeZonesRequest::DTO,
        about: "Lists time zones",
        method: Verb::Get,
        path: "/settings/time-zones",
        writes: false,
        area: None,
        response: <Vec<TimeZoneInfo> as Shape>::KIND,
        types: &[Type::Dto(&TimeZoneInfo::DTO)],
        run: run!(settings::time_zones),
    },
];

const CLIENT_TYPES: &[Type] = &[
    Type::Dto(&ClientInfo::DTO),
    Type::Dto(&CustomFieldInfo::DTO),
    Type::Dto(&AddressInfo::DTO),
    Type::Choice(&CallAllowanceType::CHOICE),
    Type::Dto(&HyperlinkInfo::DTO),
];

impl Operation {
    /// The operation of this name, in either case.
    pub fn named(name: &str) -> Option<&'static Self> {
        OPERATIONS.iter().find(|operation| operation.name().eq_ignore_ascii_case(name))
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.request.name
    }

    /// What is asked of its clients.
    pub fn guard(&self) -> Guard {
        match (self.area, self.writes) {
            (None, _) => Guard::Known,
            (Some(area), false) => Guard::Reader(area),
            (Some(area), true) => Guard::Writer(area),
        }
    }

    /// Its own path.
    pub fn full_path(&self) -> String {
        format!("/api{}", self.path)
    }

    /// Its own path with the suffix of each format.
    pub(crate) fn suffixed_paths(&self) -> impl Iterator<Item = String> {
        Word::ALL.into_iter().map(|word| format!("{}.{}", self.full_path(), word.name()))
    }
}

impl Verb {
    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }

    /// The method.
    pub fn method(self) -> Method {
        match self {
            Self::Get => Method::GET,
            Self::Post => Method::POST,
        }
    }
}
