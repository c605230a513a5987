//! The live calls that a viewer asks for by a query.

use call::{AccountId, Registry};
use questions::{
    Found, LiveCalls, Part, SearchText,
    names::{DIRECTIONS, GROUPINGS, ORDERS, PHASES},
};

use crate::{errors::Failure, form::Fields, viewer::Viewer, words};

/// Calls on a page.
pub const PAGE: usize = 50;

/// What a viewer wants to see.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// Which calls.
    pub calls: LiveCalls,
    /// From this page on, from 0.
    pub page: usize,
}

impl Wanted {
    /// Reads what a query asks for.
    pub fn read(fields: &Fields, viewer: &Viewer) -> Result<Self, Failure> {
        let calls = LiveCalls {
            account: fields.get("account").map(|text| account(text, viewer)).transpose()?,
            phase: one_of(fields, "state", &PHASES)?,
            is_outbound: one_of(fields, "direction", &DIRECTIONS)?,
            text: fields.get("text").map(SearchText::new),
            trunk: fields.get("trunk").map(str::to_owned),
            extension: fields.get("extension").map(Into::into),
            order: one_of(fields, "order", &ORDERS)?.unwrap_or_default(),
            group: one_of(fields, "group", &GROUPINGS)?,
        };
        Ok(Self { calls, page: number(fields, "page")?.unwrap_or_default() })
    }

    /// What of the live calls is wanted.
    pub fn of(&self, calls: &Registry, viewer: &Viewer) -> Found {
        let part = Part::Skip(self.page.saturating_mul(PAGE));
        self.calls.of(calls, (&viewer.access, &viewer.directory), &part, PAGE)
    }
}

/// The account that a field names, if it is the viewer's.
pub fn account(text: &str, viewer: &Viewer) -> Result<AccountId, Failure> {
    let known = text.parse().ok().map(AccountId).filter(|id| viewer.access.allows(*id));
    known.ok_or_else(|| refused("account", text, words::ACCEPTED_ACCOUNT))
}

/// What a field has chosen of these.
pub fn one_of<T: Copy>(fields: &Fields, name: &str, known: &[(&str, T)]) -> Result<Option<T>, Failure> {
    let Some(text) = fields.get(name) else { return Ok(None) };
    let found = known.iter().find(|(value, _)| *value == text).map(|(_, meaning)| *meaning);
    let names = || known.iter().map(|(value, _)| *value).collect::<Vec<_>>().join(", ");
    found.map(Some).ok_or_else(|| refused(name, text, &names()))
}

/// The whole number that a field has.
pub fn number<T: std::str::FromStr>(fields: &Fields, name: &str) -> Result<Option<T>, Failure> {
    let Some(text) = fields.get(name) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| refused(name, text, words::ACCEPTED_NUMBER))
}

/// A field that cannot be.
pub fn refused(name: &str, found: &str, accepted: &str) -> Failure {
    let found: String = found.chars().take(80).collect();
    Failure::invalid(format!("{name}: found “{found}”, accepted: {accepted}"))
}
