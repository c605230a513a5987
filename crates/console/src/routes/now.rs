//! `GET /console`: the live calls. What of it moves is made by [`moving`], for the page and for the stream.

use std::collections::HashMap;

use axum::{
    extract::{RawQuery, State},
    response::Html,
};
use call::{CallId, Timestamp, state::Phase};
use maud::{Markup, html};
use questions::{
    Found, GroupKey, LiveCall, OwnLeg, Party,
    names::{DIRECTIONS, GROUPINGS, ORDERS, PHASES},
};

use super::{NOW, commands::Verb};
use crate::{
    Console,
    chart::{self, LastHour},
    errors::Failure,
    form::Fields,
    look,
    now::{PAGE, Wanted},
    page,
    viewer::Viewer,
    words,
};

/// The page.
pub async fn show(
    viewer: Viewer,
    State(console): State<Console>,
    RawQuery(query): RawQuery,
) -> Result<Html<String>, Failure> {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let wanted = Wanted::read(&fields, &viewer)?;
    let hour = LastHour::of(&console.app, &viewer, wanted.calls.account).await?;
    let seen = wanted.of(&console.app.live.snapshot(), &viewer);
    let frame = Frame { viewer: &viewer, fields: &fields, wanted: &wanted, now: console.app.now() };
    let content = html! {
        h1 { (words::ACTIVE_CALLS) }
        (filters(&frame))
        div data-stream={ "/console/live" (fields.query()) } {
            (chart::last_hour(&hour))
            (frame.counts(&seen))
            (frame.groups(&seen))
            (frame.table(&seen))
            (frame.pages(&seen))
        }
        @if viewer.may_change() { form id="act" method="post" data-done { (page::token(&viewer)) } }
    };
    Ok(page::framed(&viewer, NOW, words::ACTIVE_CALLS, &content))
}

/// What of the page has changed since `shown`: a row that is empty is as it was.
pub fn moving(
    viewer: &Viewer,
    fields: &Fields,
    wanted: &Wanted,
    seen: &Found,
    (now, shown): (Timestamp, &HashMap<CallId, LiveCall>),
) -> Markup {
    let frame = Frame { viewer, fields, wanted, now };
    html! {
        (frame.counts(seen))
        (frame.groups(seen))
        (frame.pages(seen))
        table { tbody id="calls" {
            @for call in &seen.calls {
                @if shown.get(&call.id) == Some(call) { tr id=(row_id(call)) {} } @else { (frame.row(call)) }
            }
        } }
    }
}

/// Groups that are shown, those with most calls first.
const GROUPS: usize = 40;

/// What the parts of the page are made of.
struct Frame<'a> {
    viewer: &'a Viewer,
    fields: &'a Fields,
    wanted: &'a Wanted,
    now: Timestamp,
}

fn filters(frame: &Frame<'_>) -> Markup {
    let Frame { viewer, fields, .. } = frame;
    let accounts = viewer.accounts().map(|account| (account.id.to_string(), &*account.name));
    html! {
        form class="filters" method="get" action=(NOW) role="search" {
            (look::field("text", words::NUMBER_OR_NAME, "search", fields.get("text")))
            (look::choice("account", words::ACCOUNT, accounts, fields.get("account")))
            (look::choice("state", words::STATE, look::named(&PHASES), fields.get("state")))
            (look::choice("direction", words::DIRECTION, look::named(&DIRECTIONS), fields.get("direction")))
            (look::choice_of("order", words::ORDER, look::named(&ORDERS), fields.get("order")))
            (look::choice_of("group", words::GROUP_BY, look::or_else(words::NOTHING, &GROUPINGS), fields.get("group")))
            button { (words::SHOW) }
            @if !fields.query().is_empty() { a href=(NOW) { (words::ALL_CALLS) } }
        }
    }
}

impl Frame<'_> {
    fn counts(&self, seen: &Found) -> Markup {
        html! {
            p id="counts" class="counts" {
                strong { (look::count(seen.matching as u64)) }
                @if seen.matching == seen.all { " " (words::active(seen.all)) }
                @else { " " (words::OF) " " (look::count(seen.all as u64)) " " (words::active(seen.all)) }
            }
        }
    }

    fn groups(&self, seen: &Found) -> Markup {
        html! {
            ul id="groups" class="groups" {
                @for (key, count) in seen.groups.iter().take(GROUPS) {
                    li { a href=[self.of_group(key)] { (self.name(key)) } " " strong { (look::count(*count as u64)) } }
                }
            }
        }
    }

    /// The calls of a group alone, where they can be asked for.
    fn of_group(&self, key: &GroupKey) -> Option<String> {
        let named = |known: &[(&'static str, Phase)], wanted| {
            known.iter().find(|(_, phase)| *phase == wanted).map(|known| known.0)
        };
        let (field, value) = match key {
            GroupKey::Account(account) => ("account", account.to_string()),
            GroupKey::State(phase) => ("state", named(&PHASES, *phase)?.to_owned()),
            GroupKey::Outbound(is_outbound) => ("direction", words::direction(*is_outbound).to_owned()),
            GroupKey::Trunk(trunk) => ("trunk", trunk.as_deref()?.to_owned()),
            GroupKey::Extension(extension) => ("extension", extension.as_ref()?.as_str().to_owned()),
            GroupKey::Country(_) => return None,
        };
        Some(format!("{NOW}{}", self.fields.with("page", None).with(field, Some(&value)).query()))
    }

    fn name(&self, key: &GroupKey) -> String {
        match key {
            GroupKey::Account(account) => self.viewer.account_name(*account).unwrap_or_default().to_owned(),
            GroupKey::State(phase) => words::phase(*phase).to_owned(),
            GroupKey::Outbound(is_outbound) => words::direction(*is_outbound).to_owned(),
            GroupKey::Trunk(trunk) => trunk.as_deref().unwrap_or(words::NO_TRUNK).to_owned(),
            GroupKey::Extension(extension) => {
                extension.as_ref().map_or(words::NO_EXTENSION, call::Number::as_str).to_owned()
            }
            GroupKey::Country(country) => {
                country.and_then(look::country).unwrap_or(words::NO_COUNTRY).to_owned()
            }
        }
    }

    fn table(&self, seen: &Found) -> Markup {
        html! {
            div class="wide" tabindex="0" role="region" aria-label=(words::ACTIVE_CALLS) {
                table class="calls" {
                    thead { tr {
                        @for name in words::LIVE_COLUMNS { th scope="col" { (name) } }
                        @if self.viewer.may_change() { th scope="col" { (words::ACTIONS) } }
                    } }
                    tbody id="calls" data-none=(words::NO_ACTIVE_CALLS) {
                        @for call in &seen.calls { (self.row(call)) }
                    }
                }
            }
        }
    }

    fn pages(&self, seen: &Found) -> Markup {
        let page = |page: usize| {
            let number = page.to_string();
            format!(
                "{NOW}{}",
                self.fields.with("page", Some(&number).filter(|_| page > 0).map(String::as_str)).query()
            )
        };
        let this = self.wanted.page;
        html! {
            nav id="pages" class="pages" aria-label=(words::PAGES) {
                @if this > 0 { a rel="prev" href=(page(this - 1)) { (words::PREVIOUS) } }
                @if seen.matching > (this + 1).saturating_mul(PAGE) { a rel="next" href=(page(this + 1)) { (words::NEXT) } }
            }
        }
    }

    fn row(&self, call: &LiveCall) -> Markup {
        let account = self.viewer.account_name(call.account).unwrap_or_default();
        html! {
            tr id=(row_id(call)) {
                td { (look::phase(call.phase)) }
                td { (party(&call.from)) }
                td { span class="arrow" aria-hidden="true" { "→" } (party(&call.to)) }
                td { (call.trunk.as_deref().unwrap_or(words::NONE)) }
                td { (account) " " small { (words::direction(call.is_outbound)) } }
                td class="number" { a href={ "/console/calls/" (call.id) } { (look::age(call.started_at, self.now)) } }
                @if self.viewer.may_change() { td class="actions" data-keep { (self.actions(call)) } }
            }
        }
    }

    fn actions(&self, call: &LiveCall) -> Markup {
        html! {
            button form="act" class="danger" formaction={ "/console/calls/" (call.id) "/hang-up" }
                { (words::HANG_UP) }
            @if let Some(own) = call.own { (more(self.viewer, call.id, own)) }
        }
    }
}

/// What else can be done for a leg. Who sends the form with a key sends its first button.
pub fn more(viewer: &Viewer, call: CallId, own: OwnLeg) -> Markup {
    let verb = |verb: Verb, name: &str| html! { button name="verb" value=(verb.name()) { (name) } };
    html! {
        details class="more" {
            summary aria-label=(words::MORE) { "⋯" }
            form method="post" action={ "/console/calls/" (call) "/legs/" (own.id) } data-done {
                (page::token(viewer))
                input name="to" aria-label=(words::TRANSFER_TO) placeholder=(words::TRANSFER_TO) autocomplete="off";
                (verb(Verb::Transfer, words::TRANSFER))
                input name="sound" aria-label=(words::SOUND) placeholder=(words::SOUND) autocomplete="off";
                (verb(Verb::Play, words::PLAY))
                (verb(Verb::StopPlaying, words::STOP_PLAYING))
                @if own.is_held { (verb(Verb::Resume, words::RESUME)) } @else { (verb(Verb::Hold, words::HOLD)) }
                (verb(Verb::Park, words::PARK))
                (verb(Verb::Join, words::JOIN))
                (verb(Verb::Record, words::RECORD))
                (verb(Verb::StopRecording, words::STOP_RECORDING))
            }
        }
    }
}

fn party(party: &Party) -> Markup {
    html! {
        span class="party" {
            (party.number.as_str())
            @if let Some(name) = &party.name { small { (name) } }
        }
    }
}

fn row_id(call: &LiveCall) -> String {
    format!("c-{}", call.id)
}
