//! `GET /console/history`: finished calls, the newest first, and what they come to.

use std::time::Duration;

use axum::{
    extract::{RawQuery, State},
    response::Html,
};
use call::AccountId;
use history::{Annotations, FoundRecord, History, RecordQuery};
use maud::{Markup, html};
use questions::{
    FinishedPart, Place,
    names::{ANSWERS, SIDES},
};
use rust_decimal::Decimal;

use super::{EXPORTS, HISTORY};
use crate::{
    Console,
    errors::Failure,
    form::Fields,
    look,
    now::account,
    page,
    search::{Column, FLAGS, Row, Search, place, stretch_fields},
    viewer::Viewer,
    words,
};

/// Calls on a page.
const PAGE: u32 = 50;

/// Calls whose minutes and charges are summed up, at most: each record is read for it.
const SUMMED: u32 = 1_000;

/// What was found.
struct Found {
    records: Vec<FoundRecord>,
    /// What was noted about each of them.
    noted: Vec<Annotations>,
    next: Option<Place>,
    total: u64,
    answered: u64,
    sums: Option<Sums>,
}

/// What all that was found comes to.
#[derive(Default)]
struct Sums {
    connected: Duration,
    charge: Decimal,
}

/// The page.
pub async fn show(
    viewer: Viewer,
    State(console): State<Console>,
    RawQuery(query): RawQuery,
) -> Result<Html<String>, Failure> {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let search = Search::read(&fields, console.app.now())?;
    let found = find(&console, &search, accounts(&viewer, &fields)?, place(&fields)?).await?;
    let content = html! {
        h1 { (words::HISTORY) }
        (filters(&viewer, &fields, &search))
        (totals(&viewer, &fields, &search, &found))
        (table(&viewer, &search, &found))
        (pages(&fields, &search, &found))
    };
    Ok(page::framed(&viewer, HISTORY, words::HISTORY, &content))
}

/// The accounts that a search is about.
pub fn accounts(viewer: &Viewer, fields: &Fields) -> Result<Vec<AccountId>, Failure> {
    match fields.get("account") {
        Some(text) => Ok(vec![account(text, viewer)?]),
        None => Ok(viewer.access.accounts().to_vec()),
    }
}

async fn find(
    console: &Console,
    search: &Search,
    accounts: Vec<AccountId>,
    from: Option<Place>,
) -> Result<Found, Failure> {
    let history = &*console.app.history;
    let FinishedPart { records, next } = search.calls.part(history, accounts.clone(), (from, PAGE)).await?;
    let total = search.calls.count(history, accounts.clone()).await?;
    let answered = match search.answered() {
        Some(answered) => answered.count(history, accounts.clone()).await?,
        None => 0,
    };
    let noted = noted(history, search, &records).await?;
    let sums = sums(history, search, (accounts, total)).await?;
    Ok(Found { records, noted, next, total, answered, sums })
}

/// What was noted, if a column shows it.
async fn noted(
    history: &dyn History,
    search: &Search,
    records: &[FoundRecord],
) -> Result<Vec<Annotations>, Failure> {
    if !search.columns.iter().any(|column| matches!(column, Column::Notes | Column::Flag)) {
        return Ok(Vec::new());
    }
    Ok(history
        .annotations(records.iter().map(|found| (found.account, found.record.call_id)).collect())
        .await?)
}

async fn sums(
    history: &dyn History,
    search: &Search,
    (accounts, total): (Vec<AccountId>, u64),
) -> Result<Option<Sums>, Failure> {
    if total > SUMMED.into() {
        return Ok(None);
    }
    let query = RecordQuery { limit: SUMMED, ..search.query(accounts) };
    let found = history.search(query).await?;
    Ok(Some(found.records.iter().fold(Sums::default(), |sums, found| {
        let row = Row { account: found.account, record: &found.record, noted: None };
        let charge = found.record.charge(row.side()).map(|charge| charge.price).unwrap_or_default();
        let connected = found.record.answered_at.map(|_| found.record.connected()).unwrap_or_default();
        Sums { connected: sums.connected + connected, charge: sums.charge + charge }
    })))
}

fn filters(viewer: &Viewer, fields: &Fields, search: &Search) -> Markup {
    let accounts = viewer.accounts().map(|account| (account.id.to_string(), &*account.name));
    let text = |name: &str, label: &str, kind: &str| look::field(name, label, kind, fields.get(name));
    html! {
        form class="filters" method="get" action=(HISTORY) role="search" {
            (stretch_fields(fields, &search.stretch))
            (text("caller", words::CALLER, "search"))
            (text("called", words::CALLED, "search"))
            (look::choice("account", words::ACCOUNT, accounts, fields.get("account")))
            (look::choice("direction", words::DIRECTION, look::named(&SIDES), fields.get("direction")))
            (look::choice("outcome", words::OUTCOME, look::named(&ANSWERS), fields.get("outcome")))
            details open[has_rarer(fields, search)] {
                summary { (words::MORE_FILTERS) }
                div {
                    (text("answered_by", words::ANSWERED_BY, "search"))
                    (text("code", words::SIP_CODE, "number"))
                    (text("least", words::LEAST_SECONDS, "number"))
                    (text("notes", words::NOTES, "search"))
                    (look::choice("flag", words::FLAG, look::named(&FLAGS), fields.get("flag")))
                    (text("sip_call_id", words::SIP_CALL_ID, "search"))
                    fieldset {
                        legend { (words::COLUMNS) }
                        @for column in Column::ALL {
                            label class="tick" {
                                input type="checkbox" name="column" value=(column.name()) checked[search.columns.contains(&column)];
                                span { (words::column(column)) }
                            }
                        }
                    }
                }
            }
            button { (words::SEARCH) }
        }
    }
}

/// Whether something is asked for that the form does not show at first.
fn has_rarer(fields: &Fields, search: &Search) -> bool {
    const RARER: [&str; 6] = ["answered_by", "notes", "flag", "code", "least", "sip_call_id"];
    RARER.iter().any(|name| fields.get(name).is_some()) || search.columns != Column::USUAL
}

fn totals(viewer: &Viewer, fields: &Fields, search: &Search, found: &Found) -> Markup {
    html! {
        div class="totals" {
            p class="counts" {
                strong { (look::count(found.total)) } " " (words::FOUND) ", "
                strong { (look::count(found.answered)) } " " (words::ANSWERED)
                @if let Some(part) = look::percent(found.answered, found.total) { " (" (part) ")" }
                @match &found.sums {
                    Some(sums) => {
                        " · " strong { (look::length(sums.connected)) } " " (words::IN_CONNECTION)
                        " · " strong { (look::money(sums.charge)) } " " (words::CHARGED)
                    }
                    None => { " · " (words::TOO_MANY_TO_SUM) }
                }
                " · " (look::instant(search.stretch.from)) " – " (look::instant(search.stretch.to))
            }
            @if viewer.may_change() && found.total > 0 {
                form method="post" action=(EXPORTS) {
                    (page::token(viewer))
                    input type="hidden" name="search" value=(search.stretch.fixed(&fields.with("after", None)).text());
                    button class="plain" { (words::EXPORT_THIS) }
                }
            }
        }
    }
}

fn table(viewer: &Viewer, search: &Search, found: &Found) -> Markup {
    if found.records.is_empty() {
        return look::nothing(words::NOTHING_FOUND);
    }
    html! {
        div class="wide" tabindex="0" role="region" aria-label=(words::HISTORY) {
            table {
                thead { tr { @for column in &search.columns {
                    th scope="col" class=[column.is_number().then_some("number")] { (words::column(*column)) }
                } } }
                tbody { @for (at, record) in found.records.iter().enumerate() {
                    @let row = Row { account: record.account, record: &record.record, noted: found.noted.get(at) };
                    tr { @for column in &search.columns {
                        td class=[column.is_number().then_some("number")] { (cell(viewer, *column, &row)) }
                    } }
                } }
            }
        }
    }
}

fn cell(viewer: &Viewer, column: Column, row: &Row<'_>) -> Markup {
    match column {
        Column::Started => {
            html! { a href={ "/console/calls/" (row.record.call_id) } { (look::instant(row.record.started_at)) } }
        }
        Column::Flag => html! {
            @if row.noted.is_some_and(|noted| noted.is_flagged) { span class="mark held" { (column.text(row)) } }
        },
        Column::Notes => html! { span class="note" { (column.text(row)) } },
        Column::Account => html! { (viewer.account_name(row.account).unwrap_or_default()) },
        Column::Outcome => {
            html! { span class={ "mark " (words::outcome_class(row.record.disposition())) } { (column.text(row)) } }
        }
        _ => html! { (column.text(row)) },
    }
}

fn pages(fields: &Fields, search: &Search, found: &Found) -> Markup {
    let fixed = search.stretch.fixed(fields);
    let next =
        found.next.map(|cursor| format!("{HISTORY}{}", fixed.with("after", Some(&cursor.text())).query()));
    html! {
        nav class="pages" aria-label=(words::PAGES) {
            @if fields.get("after").is_some() { a href={ (HISTORY) (fields.with("after", None).query()) } { (words::FIRST_PAGE) } }
            @if let Some(next) = next { a rel="next" href=(next) { (words::NEXT) } }
        }
    }
}
