//! `GET /console/audit`, and the same as `/console/audit.csv`: who has changed what. Users who come from one of the
//! operator's networks see all of it, others what is theirs ([`AuditScope::of`]).

use axum::{
    extract::{RawQuery, State},
    http::header,
    response::{Html, IntoResponse, Response},
};
use directory::{
    Interface,
    audit::{AuditAction, AuditEntry, AuditQuery, AuditScope, Author},
};
use http_core::trail;
use maud::{Markup, html};

use super::AUDIT;
use crate::{
    Console,
    errors::Failure,
    form::Fields,
    look,
    now::{account, number, one_of, refused},
    page,
    search::{civil, zone},
    viewer::Viewer,
    words,
};

/// Entries of a page, and of a file.
const PAGE: u32 = 50;
const FILE: u32 = 10_000;

const INTERFACES: [(&str, Interface); 6] = [
    ("command-line", Interface::CommandLine),
    ("native", Interface::Native),
    ("yeti", Interface::Yeti),
    ("vonage", Interface::Vonage),
    ("hostedsuite", Interface::HostedSuite),
    ("console", Interface::Console),
];
const ACTIONS: [(&str, AuditAction); 3] =
    [("added", AuditAction::Added), ("changed", AuditAction::Changed), ("removed", AuditAction::Removed)];

/// The page.
pub async fn show(
    viewer: Viewer,
    State(console): State<Console>,
    RawQuery(query): RawQuery,
) -> Result<Html<String>, Failure> {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let entries = find(&console, read(&fields, &viewer, PAGE)?).await?;
    let content = html! {
        h1 { (words::AUDIT) }
        (filters(&viewer, &fields))
        @if entries.is_empty() { (look::nothing(words::NOTHING_FOUND)) } @else { (table(&viewer, &entries)) }
        (pages(&fields, &entries))
    };
    Ok(page::framed(&viewer, AUDIT, words::AUDIT, &content))
}

/// The file.
pub async fn csv(
    viewer: Viewer,
    State(console): State<Console>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let entries = find(&console, read(&fields, &viewer, FILE)?).await?;
    let name = [(header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\"")];
    Ok((name, trail::csv::answer(&viewer.directory, &entries)).into_response())
}

fn read(fields: &Fields, viewer: &Viewer, limit: u32) -> Result<AuditQuery, Failure> {
    let zone = zone(fields)?;
    Ok(AuditQuery {
        scope: match viewer.is_operator {
            true => AuditScope::All,
            false => AuditScope::of(&viewer.access, Some(&viewer.user)),
        },
        account: fields.get("account").map(|text| wanted_account(text, viewer)).transpose()?,
        by: fields.get("by").map(str::to_owned),
        interface: one_of(fields, "interface", &INTERFACES)?,
        action: one_of(fields, "action", &ACTIONS)?,
        from: civil(fields, "from", &zone)?,
        until: civil(fields, "to", &zone)?,
        before: number(fields, "before")?,
        limit,
    })
}

/// An operator may ask for anybody's.
fn wanted_account(text: &str, viewer: &Viewer) -> Result<call::AccountId, Failure> {
    if !viewer.is_operator {
        return account(text, viewer);
    }
    text.parse().map(call::AccountId).map_err(|_| refused("account", text, words::ACCEPTED_NUMBER))
}

async fn find(console: &Console, query: AuditQuery) -> Result<Vec<AuditEntry>, Failure> {
    let directory = console.app.config.directory.clone().ok_or_else(Failure::not_found)?;
    Ok(tokio::task::spawn_blocking(move || directory.audit(&query)).await??)
}

fn filters(viewer: &Viewer, fields: &Fields) -> Markup {
    let text = |name: &str, label: &str, kind: &str| look::field(name, label, kind, fields.get(name));
    let accounts = viewer.accounts().map(|account| (account.id.to_string(), &*account.name));
    html! {
        form class="filters" method="get" action=(AUDIT) role="search" {
            (text("by", words::BY, "search"))
            @if viewer.is_operator { (text("account", words::ACCOUNT_NUMBER, "number")) }
            @else { (look::choice("account", words::ACCOUNT, accounts, fields.get("account"))) }
            (look::choice("interface", words::BY_WAY_OF, look::named(&INTERFACES), fields.get("interface")))
            (look::choice("action", words::ACTION, look::named(&ACTIONS), fields.get("action")))
            (text("from", words::FROM_TIME, "datetime-local"))
            (text("to", words::TO_TIME, "datetime-local"))
            input type="hidden" name="zone" value=[fields.get("zone")] data-own-zone;
            button { (words::SHOW) }
        }
        p class="links" {
            a href={ "/console/audit.csv" (fields.with("before", None).query()) } download { (words::AS_CSV) }
        }
    }
}

fn table(viewer: &Viewer, entries: &[AuditEntry]) -> Markup {
    html! {
        div class="wide" tabindex="0" role="region" aria-label=(words::AUDIT) {
            table class="audit" {
                thead { tr { @for name in words::AUDIT_COLUMNS { th scope="col" { (name) } } } }
                tbody { @for entry in entries { (row(viewer, entry)) } }
            }
        }
    }
}

fn row(viewer: &Viewer, AuditEntry { author, noted, .. }: &AuditEntry) -> Markup {
    let customer = noted.whose.customer.and_then(|id| viewer.directory.customer(id));
    html! {
        tr {
            td { (look::instant(author.at)) }
            td { (who(author)) }
            td { (words::of_choice(author.interface.name())) }
            td {
                (customer.map_or(words::NONE, |customer| &customer.name))
                @if let Some(account) = noted.whose.account { " " small { (account) } }
            }
            td { span class={ "mark " (class(noted.action)) } { (words::of_choice(noted.action.name())) } }
            td class="noted" {
                (noted.entry)
                @if noted.before.is_some() || noted.after.is_some() {
                    details { summary { (words::DETAILS) }
                        @if let Some(before) = &noted.before { pre class="removed" { (before) } }
                        @if let Some(after) = &noted.after { pre class="added" { (after) } }
                    }
                }
            }
        }
    }
}

fn who(author: &Author) -> Markup {
    let (kind, name) = author.who.parts();
    html! {
        (name.unwrap_or_else(|| words::of_choice(kind)))
        @if let Some(source) = author.source { " " small { (source) } }
    }
}

const fn class(action: AuditAction) -> &'static str {
    match action {
        AuditAction::Added => "talking",
        AuditAction::Changed => "ringing",
        AuditAction::Removed => "failed",
    }
}

fn pages(fields: &Fields, entries: &[AuditEntry]) -> Markup {
    let last = entries.last().filter(|_| entries.len() == PAGE as usize).map(|entry| entry.id.to_string());
    html! {
        nav class="pages" aria-label=(words::PAGES) {
            @if fields.get("before").is_some() { a href={ (AUDIT) (fields.with("before", None).query()) } { (words::FIRST_PAGE) } }
            @if let Some(last) = last { a rel="next" href={ (AUDIT) (fields.with("before", Some(&last)).query()) } { (words::NEXT) } }
        }
    }
}
