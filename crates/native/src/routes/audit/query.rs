//! The parameters of a list of changes.

use call::AccountId;
use directory::audit::{AuditAction, AuditQuery, Interface};

use crate::{
    errors::Failure,
    query::{bad, instant, parsed},
};

const PARAMETERS: &str = "account, by, interface, action, from, until, before and limit";
/// Entries of a page, if nothing is said, and at most.
const USUAL: u32 = 100;
const MOST: u32 = 1_000;

/// Nobody's entries yet: whose may be seen is for the caller to say.
pub(super) fn read(sent: &[(String, String)]) -> Result<AuditQuery, Failure> {
    let mut query = AuditQuery { limit: USUAL, ..AuditQuery::default() };
    for (name, value) in sent {
        match name.as_str() {
            "account" => query.account = Some(AccountId(parsed(name, value, "the number of an account")?)),
            "by" => query.by = Some(value.clone()),
            "interface" => {
                let accepted = "command-line, native, yeti, vonage, hostedsuite or console";
                query.interface = Some(Interface::named(value).ok_or_else(|| bad(name, value, accepted))?);
            }
            "action" => {
                let action = AuditAction::named(value);
                query.action = Some(action.ok_or_else(|| bad(name, value, "added, changed or removed"))?);
            }
            "from" => query.from = Some(instant(name, value)?),
            "until" => query.until = Some(instant(name, value)?),
            "before" => query.before = Some(parsed(name, value, "the id of an entry")?),
            "limit" => {
                let accepted = "a whole number from 1 to 1000";
                let limit: u32 = parsed(name, value, accepted)?;
                let is_accepted = (1..=MOST).contains(&limit);
                query.limit = is_accepted.then_some(limit).ok_or_else(|| bad(name, value, accepted))?;
            }
            _ => return Err(Failure::bad_member(name, "not known", PARAMETERS)),
        }
    }
    Ok(query)
}
