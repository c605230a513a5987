//! `GET /console/directory`: who is who in the viewer's accounts: accounts, extensions and numbers, and the users who
//! may see no more than the viewer.

use axum::{extract::RawQuery, response::Html};
use call::AccountId;
use directory::model::{Account, DidNumber, Extension, Limits, Role, User};
use maud::{Markup, html};
use questions::SearchText;

use super::{DIRECTORY, DIRECTORY_FILE};
use crate::{errors::Failure, form::Fields, look, now::account, page, viewer::Viewer, words};

/// Entries of each kind that are shown at most.
const SHOWN: usize = 200;

/// The page.
pub async fn show(viewer: Viewer, RawQuery(query): RawQuery) -> Result<Html<String>, Failure> {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let wanted = fields.get("account").map(|text| account(text, &viewer)).transpose()?;
    let text = fields.get("text").map(SearchText::new);
    let wanted = Wanted { viewer: &viewer, account: wanted, text };
    let content = html! {
        h1 { (words::DIRECTORY) }
        @if viewer.may_change_directory() { p class="links" { a href=(DIRECTORY_FILE) { (words::DIRECTORY_FILE) } } }
        (filters(&viewer, &fields))
        (wanted.section(words::ACCOUNTS, &words::ACCOUNT_COLUMNS, &wanted.accounts()))
        (wanted.section(words::EXTENSIONS, &words::EXTENSION_COLUMNS, &wanted.extensions()))
        (wanted.section(words::NUMBERS, &words::NUMBER_COLUMNS, &wanted.numbers()))
        (wanted.section(words::USERS, &words::USER_COLUMNS, &wanted.users()))
    };
    Ok(page::framed(&viewer, DIRECTORY, words::DIRECTORY, &content))
}

fn filters(viewer: &Viewer, fields: &Fields) -> Markup {
    let accounts = viewer.accounts().map(|account| (account.id.to_string(), &*account.name));
    html! {
        form class="filters" method="get" action=(DIRECTORY) role="search" {
            (look::field("text", words::NUMBER_OR_NAME, "search", fields.get("text")))
            (look::choice("account", words::ACCOUNT, accounts, fields.get("account")))
            button { (words::SHOW) }
        }
    }
}

/// Which entries are wanted.
struct Wanted<'a> {
    viewer: &'a Viewer,
    account: Option<AccountId>,
    text: Option<SearchText>,
}

impl Wanted<'_> {
    fn section(&self, title: &str, columns: &[&str], rows: &[Markup]) -> Markup {
        html! {
            section {
                h2 { (title) " " small { (look::count(rows.len() as u64)) } }
                @if rows.is_empty() { (look::nothing(words::NOTHING_FOUND)) } @else {
                    div class="wide" tabindex="0" role="region" aria-label=(title) {
                        table {
                            thead { tr { @for name in columns { th scope="col" { (name) } } } }
                            tbody { @for row in rows.iter().take(SHOWN) { (row) } }
                        }
                    }
                    @if rows.len() > SHOWN { p class="counts" { (words::FIRST_SHOWN) " " (SHOWN) } }
                }
            }
        }
    }

    fn accounts(&self) -> Vec<Markup> {
        let accounts = self.viewer.accounts().filter(|account| self.is_wanted(account.id, &[&account.name]));
        accounts.map(|account| self.account_row(account)).collect()
    }

    fn extensions(&self) -> Vec<Markup> {
        let all = self.viewer.directory.entries().extensions.iter();
        let named = |extension: &&Extension| {
            let name = extension.name.as_deref().unwrap_or_default();
            self.is_wanted(extension.account, &[extension.number.as_str(), name])
        };
        all.filter(named).map(|extension| self.extension_row(extension)).collect()
    }

    fn numbers(&self) -> Vec<Markup> {
        let all = self.viewer.directory.entries().numbers.iter();
        let wanted = all.filter(|number| self.is_wanted(number.account, &[number.number.as_str()]));
        wanted.map(|number| self.number_row(number)).collect()
    }

    fn users(&self) -> Vec<Markup> {
        let Viewer { directory, access, .. } = self.viewer;
        let is_seen = |user: &&User| {
            let theirs = directory.access_of(user);
            let has_wanted = self.account.is_none_or(|account| theirs.allows(account));
            user.customer == access.customer()
                && has_wanted
                && theirs.accounts().iter().all(|account| access.allows(*account))
                && self.is_named(&[&user.login, &user.name])
        };
        directory.entries().users.iter().filter(is_seen).map(user_row).collect()
    }

    fn is_wanted(&self, account: AccountId, names: &[&str]) -> bool {
        let is_own =
            self.viewer.access.allows(account) && self.account.is_none_or(|wanted| wanted == account);
        is_own && self.is_named(names)
    }

    fn is_named(&self, names: &[&str]) -> bool {
        let has = |text: &SearchText| names.iter().any(|name| text.is_in_number(name));
        self.text.as_ref().is_none_or(has)
    }

    fn account_row(&self, account: &Account) -> Markup {
        let center = account.center.and_then(|id| self.viewer.directory.center(id));
        html! { tr {
            td { (account.id) }
            td { (account.name) }
            td { (center.map_or(words::NONE, |center| &center.name)) }
            td { (limits(&account.limits)) }
        } }
    }

    fn extension_row(&self, extension: &Extension) -> Markup {
        let devices = extension.devices.iter().filter_map(|id| self.viewer.directory.device(*id));
        html! { tr {
            td { (extension.number.as_str()) }
            td { (extension.name.as_deref().unwrap_or(words::NONE)) }
            td { (self.viewer.account_name(extension.account).unwrap_or_default()) }
            td { @for device in devices { code { (device.sip_user) } " " } }
        } }
    }

    fn number_row(&self, number: &DidNumber) -> Markup {
        html! { tr {
            td { (number.number.as_str()) }
            td { (number.extension.as_str()) }
            td { (self.viewer.account_name(number.account).unwrap_or_default()) }
            td { (number.screen_pop.as_deref().unwrap_or(words::NONE)) }
        } }
    }
}

fn user_row(user: &User) -> Markup {
    let extension = user.extension.as_ref().map_or(words::NONE, |(_, number)| number.as_str());
    html! { tr {
        td { (user.login) }
        td { (user.name) }
        td { (role(user.role)) }
        td { (extension) }
    } }
}

const fn role(role: Role) -> &'static str {
    match role {
        Role::Manager => words::MANAGER,
        Role::Viewer => words::VIEWER,
        Role::Client => words::CLIENT,
    }
}

fn limits(limits: &Limits) -> Markup {
    let Limits { calls, outgoing_calls, incoming_calls, calls_per_second, max_call_length } = limits;
    let counts = [
        (words::LIMIT_CALLS, calls),
        (words::LIMIT_OUTGOING, outgoing_calls),
        (words::LIMIT_INCOMING, incoming_calls),
        (words::LIMIT_RATE, calls_per_second),
    ];
    let counts: Vec<_> = counts.into_iter().filter_map(|(name, limit)| Some((name, (*limit)?))).collect();
    html! {
        @if counts.is_empty() && max_call_length.is_none() { (words::NONE) }
        @for (name, limit) in &counts { (name) " " (limit) " " }
        @if let Some(longest) = max_call_length { (words::LIMIT_LENGTH) " " (look::length(*longest)) }
    }
}
