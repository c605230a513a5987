//! Which live calls are wanted: the parameters of the list, and the filter of a bulk command.

use call::Number;
use questions::{
    Cursor, LiveCalls, Part, SearchText,
    names::{DIRECTIONS, GROUPINGS, ORDERS, PHASES},
};

use crate::{
    errors::Failure,
    query::{bad, one_of, up_to},
};

const PARAMETERS: &str = "state, direction, text, trunk, extension, order, group_by, limit and after";
/// What a filter may say.
pub const FILTERS: &str = "state, direction, text, trunk and extension";
/// Calls of a part, if nothing is said, and at most.
const USUAL: usize = 100;
const MOST: usize = 1_000;

/// A list that is asked for.
pub struct Wanted {
    /// Of which calls.
    pub calls: LiveCalls,
    /// From where on.
    pub part: Part,
    /// At most so many.
    pub most: usize,
}

/// Reads the parameters of a list.
pub fn read(sent: &[(String, String)]) -> Result<Wanted, Failure> {
    let mut wanted = Wanted { calls: LiveCalls::default(), part: Part::Skip(0), most: USUAL };
    for (name, value) in sent {
        match name.as_str() {
            "order" => wanted.calls.order = one_of(name, value, &ORDERS)?,
            "group_by" => wanted.calls.group = Some(one_of(name, value, &GROUPINGS)?),
            "limit" => wanted.most = up_to(name, value, MOST)?,
            "after" => wanted.part = Part::Behind(cursor(name, value)?),
            _ if filter(&mut wanted.calls, name, value)? => {}
            _ => return Err(Failure::bad_member(name, "not known", PARAMETERS)),
        }
    }
    Ok(wanted)
}

/// Takes what a filter says; whether there is one of this name.
pub fn filter(calls: &mut LiveCalls, name: &str, value: &str) -> Result<bool, Failure> {
    match name {
        "state" => calls.phase = Some(one_of(name, value, &PHASES)?),
        "direction" => calls.is_outbound = Some(one_of(name, value, &DIRECTIONS)?),
        "text" => calls.text = Some(SearchText::new(value)),
        "trunk" => calls.trunk = Some(value.to_owned()),
        "extension" => calls.extension = Some(Number::from(value)),
        _ => return Ok(false),
    }
    Ok(true)
}

fn cursor(name: &str, value: &str) -> Result<Cursor, Failure> {
    Cursor::parse(value).ok_or_else(|| bad(name, value, "what `next` of the part before says"))
}
